/* json.c: JSON as RFC 8259 defines it, read where it lies. */
#include "io/json.h"
#include "base/error.h"
#include <string.h>

enum { MOST_DEPTH = 64 };

/* ---- UTF-8 ------------------------------------------------------------------------------------------------------ */

/* The bytes of the character at p, of which `left` are there: 1 to 4, or 0 if it is none (RFC 3629, section 4). */
static int character(const unsigned char *p, int64_t left) {
    if (p[0] < 0x80) return 1;
    int n = p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3 : p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : 0;
    if (n == 0 || n > left) return 0;
    for (int i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80) return 0;
    bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool none = (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf4 && p[1] > 0x8f);
    return overlong || none ? 0 : n;
}

static void append_code_point(cor__text *text, uint32_t c) {
    char bytes[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--, c >>= 6) bytes[i] = (char)(0x80 | (c & 0x3f));
    bytes[0] = (char)(first[n] | c);
    cor__text_append_n(text, bytes, n);
}

/* What may follow a backslash, and what it then means. */
static const char letters[] = "\"\\bfnrt/", meant[] = "\"\\\b\f\n\r\t/";

/* One character, whose bytes are n: a slash as it is. */
static void append_character(cor__text *text, const unsigned char *p, int n) {
    const char *special = *p == '/' ? NULL : strchr(meant, *p);
    if (special != NULL) cor__text_format(text, "\\%c", letters[special - meant]);
    else if (*p < 0x20) cor__text_format(text, "\\u%04x", *p);
    else cor__text_append_n(text, (const char *)p, (size_t)n);
}

bool cor__json_append_string(cor__text *text, const char *string) {
    size_t length = strlen(string), before = text->length;
    cor__text_append(text, "\"");
    for (size_t i = 0; i < length;) {
        const unsigned char *p = (const unsigned char *)string + i;
        int n = character(p, (int64_t)(length - i));
        if (n == 0) {
            text->length = before;
            if (text->data != NULL) text->data[before] = '\0';
            return false;
        }
        append_character(text, p, n);
        i += (size_t)n;
    }
    cor__text_append(text, "\"");
    return true;
}

/* ---- pieces ----------------------------------------------------------------------------------------------------- */

static int refuse(const cor__json *json, const char *expected) {
    char found[16] = "its end";
    unsigned char c = (unsigned char)*json->at;
    if (json->at < json->end) cor__format(found, sizeof found, c < 0x20 || c > 0x7e ? "byte 0x%02x" : "'%c'", c);
    return cor__fail(COR_EFORMAT, "%s: byte %lld of the JSON header: expected %s, found %s", json->path,
                     (long long)(json->at - json->start), expected, found);
}

char cor__json_next(cor__json *json) {
    while (*json->at == ' ' || *json->at == '\t' || *json->at == '\n' || *json->at == '\r') json->at++;
    return *json->at;
}

bool cor__json_take(cor__json *json, char byte) {
    if (cor__json_next(json) != byte) return false;
    json->at++;
    return true;
}

int cor__json_expect(cor__json *json, char byte) {
    const char expected[] = {'\'', byte, '\'', '\0'};
    return cor__json_take(json, byte) ? COR_OK : refuse(json, expected);
}

bool cor__json_more(cor__json *json, char close, bool first) {
    if (cor_error() != COR_OK || cor__json_take(json, close)) return false;
    return first || cor__json_expect(json, ',') == COR_OK;
}

int cor__json_end(cor__json *json) {
    cor__json_next(json);
    return json->at == json->end ? COR_OK : refuse(json, "its end");
}

static int hexadecimal(cor__json *json, uint32_t *value) {
    *value = 0;
    for (int i = 0; i < 4; i++, json->at++) {
        char c = *json->at;
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) return refuse(json, "four hexadecimal digits");
        *value = *value << 4 | (uint32_t)digit;
    }
    return COR_OK;
}

/* What follows a backslash and "u": one code point, for which two may stand (a surrogate pair). */
static int escaped_code_point(cor__json *json, cor__text *text) {
    uint32_t c, low;
    if (hexadecimal(json, &c) != COR_OK) return cor_error();
    if (c >= 0xd800 && c < 0xdc00) {
        if (json->at[0] != '\\' || json->at[1] != 'u') return refuse(json, "the second half of a surrogate pair");
        json->at += 2;
        if (hexadecimal(json, &low) != COR_OK) return cor_error();
        if (low < 0xdc00 || low > 0xdfff) return refuse(json, "the second half of a surrogate pair before it");
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    } else if (c == 0 || (c >= 0xdc00 && c < 0xe000)) {
        return refuse(json, "a character before it");
    }
    append_code_point(text, c);
    return COR_OK;
}

static int escaped(cor__json *json, cor__text *text) {
    char c = *json->at;
    const char *letter = c == '\0' ? NULL : strchr(letters, c);
    if (letter == NULL && c != 'u') return refuse(json, "a letter that may follow a backslash");
    json->at++;
    if (letter == NULL) return escaped_code_point(json, text);
    cor__text_append_n(text, &meant[letter - letters], 1);
    return COR_OK;
}

int cor__json_string(cor__json *json, cor__text *text) {
    if (cor__json_next(json) != '"') return refuse(json, "a string");
    json->at++;
    text->length = 0;
    cor__text_append(text, "");
    while (*json->at != '"' && !text->failed) {
        const unsigned char *p = (const unsigned char *)json->at;
        int n = *p < 0x20 ? 0 : character(p, json->end - json->at);
        if (n == 0) return refuse(json, "a character of UTF-8 or '\"'");
        json->at += n;
        if (*p != '\\') cor__text_append_n(text, (const char *)p, (size_t)n);
        else if (escaped(json, text) != COR_OK) return cor_error();
    }
    json->at++;
    return text->failed ? cor_error() : COR_OK;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static int whole(cor__json *json, int64_t *value, const char *expected) {
    const char *from = json->at;
    bool negative = *json->at == '-', fits = true;
    json->at += negative;
    const char *first = json->at;
    for (*value = 0; is_digit(*json->at); json->at++) {
        int64_t digit = negative ? '0' - *json->at : *json->at - '0';
        fits = fits && !__builtin_mul_overflow(*value, 10, value) && !__builtin_add_overflow(*value, digit, value);
    }
    bool real = *json->at == '.' || *json->at == 'e' || *json->at == 'E';
    bool zeros = first[0] == '0' && json->at - first > 1;
    if (json->at > first && fits && !real && !zeros) return COR_OK;
    json->at = from;
    return refuse(json, expected);
}

int cor__json_integer(cor__json *json, int64_t *value) {
    cor__json_next(json);
    return whole(json, value, "a whole number of 64 bits");
}

int cor__json_size(cor__json *json, int64_t *value) {
    if (!is_digit(cor__json_next(json))) return refuse(json, "a whole number from 0 on");
    return whole(json, value, "a whole number below 2^63");
}

/* ---- any value -------------------------------------------------------------------------------------------------- */

static int digits(cor__json *json) {
    if (!is_digit(*json->at)) return refuse(json, "a digit");
    while (is_digit(*json->at)) json->at++;
    return COR_OK;
}

static int number(cor__json *json) {
    json->at += *json->at == '-';
    bool zero = *json->at == '0';
    if (zero) json->at++;
    else if (digits(json) != COR_OK) return cor_error();
    if (*json->at == '.') {
        json->at++;
        if (digits(json) != COR_OK) return cor_error();
    }
    if (*json->at == 'e' || *json->at == 'E') {
        json->at++;
        json->at += *json->at == '+' || *json->at == '-';
        return digits(json);
    }
    return COR_OK;
}

static int word(cor__json *json) {
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(words[i]);
        if (strncmp(json->at, words[i], n) != 0) continue;
        json->at += n;
        return COR_OK;
    }
    return refuse(json, "a value");
}

static int skip(cor__json *json, cor__text *room, int depth) {
    char first = cor__json_next(json);
    if (first == '"') return cor__json_string(json, room);
    if (first == '-' || is_digit(first)) return number(json);
    if (first != '{' && first != '[') return word(json);
    if (depth == MOST_DEPTH) return refuse(json, "no more than 64 arrays and objects inside each other");
    char close = first == '{' ? '}' : ']';
    json->at++;
    for (bool more = cor__json_more(json, close, true); more; more = cor__json_more(json, close, false)) {
        if (first == '{' && (cor__json_string(json, room) != COR_OK || cor__json_expect(json, ':') != COR_OK))
            return cor_error();
        if (skip(json, room, depth + 1) != COR_OK) return cor_error();
    }
    return cor_error();
}

int cor__json_skip(cor__json *json) {
    cor__text room = {0};
    int code = skip(json, &room, 0);
    cor__text_free(&room);
    return code;
}
