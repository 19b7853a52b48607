/* text.c: formatting and writing. The C locale is put on around every conversion, so that a program's own locale
 * never turns a decimal point into a comma. */
#define _GNU_SOURCE /* strtod_l */
#include "base/text.h"
#include "base/error.h"
#include "base/memory.h"
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* glibc's C locale is a constant that costs nothing to make; NULL leaves the thread's locale in force. */
static locale_t made;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void make(void) { made = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

static locale_t c_locale(void) {
    pthread_once(&once, make);
    return made;
}

static int format_in_c(char *buffer, size_t size, const char *format, va_list list) {
    locale_t locale = c_locale(), before = (locale_t)0;
    if (locale != (locale_t)0) before = uselocale(locale);
    int length = vsnprintf(buffer, size, format, list);
    if (locale != (locale_t)0) uselocale(before);
    return length;
}

void cor__format_list(char *buffer, size_t size, const char *format, va_list list) {
    if (format_in_c(buffer, size, format, list) < 0 && size > 0) buffer[0] = '\0';
}

void cor__format(char *buffer, size_t size, const char *format, ...) {
    va_list list;
    va_start(list, format);
    cor__format_list(buffer, size, format, list);
    va_end(list);
}

static bool reserve(cor__text *text, size_t more) {
    if (text->failed) return false;
    if (more > (size_t)PTRDIFF_MAX / 4) {
        text->failed = true;
        cor__fail(COR_ELIMIT, "%zu characters are too many for a text", more);
        return false;
    }
    size_t needed = text->length + more + 1;
    if (needed <= text->capacity) return true;
    size_t capacity = text->capacity ? 2 * text->capacity : 256;
    while (capacity < needed) capacity *= 2;
    char *data = cor__realloc(text->data, text->capacity, capacity, "text");
    if (data == NULL) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

void cor__text_append_n(cor__text *text, const char *bytes, size_t n) {
    if (!reserve(text, n)) return;
    memcpy(text->data + text->length, bytes, n);
    text->length += n;
    text->data[text->length] = '\0';
}

void cor__text_append(cor__text *text, const char *string) { cor__text_append_n(text, string, strlen(string)); }

void cor__text_repeat(cor__text *text, char c, int64_t n) {
    if (n <= 0 || !reserve(text, (size_t)n)) return;
    memset(text->data + text->length, c, (size_t)n);
    text->length += (size_t)n;
    text->data[text->length] = '\0';
}

void cor__text_format(cor__text *text, const char *format, ...) {
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    char small[128];
    int length = format_in_c(small, sizeof small, format, list);
    if (length >= 0 && (size_t)length < sizeof small) {
        cor__text_append_n(text, small, (size_t)length);
    } else if (length > 0 && reserve(text, (size_t)length)) {
        format_in_c(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
    va_end(list);
}

void cor__text_free(cor__text *text) {
    cor__free(text->data, text->capacity);
    *text = (cor__text){0};
}

static void append_list(cor__text *text, const int64_t *sizes, int n, const char *open, const char *close) {
    cor__text_append(text, open);
    for (int i = 0; i < n; i++) cor__text_format(text, "%s%lld", i ? ", " : "", (long long)sizes[i]);
    cor__text_append(text, close);
}

void cor__text_sizes(cor__text *text, const int64_t *sizes, int n) { append_list(text, sizes, n, "[", "]"); }
void cor__text_tuple(cor__text *text, const int64_t *sizes, int n) {
    append_list(text, sizes, n, "(", n == 1 ? ",)" : ")");
}

const char *cor__sizes_text(char buffer[COR__SIZES_TEXT], const int64_t *sizes, int n) {
    size_t used = 1;
    buffer[0] = '[';
    for (int i = 0; i < n && used < COR__SIZES_TEXT - 24; i++) {
        cor__format(buffer + used, COR__SIZES_TEXT - used, "%s%lld", i ? ", " : "", (long long)sizes[i]);
        used += strlen(buffer + used);
    }
    buffer[used] = ']';
    buffer[used + 1] = '\0';
    return buffer;
}

/* Puts the fewest decimal digits that read back as `value` (finite, not negative) into `digits` and returns the decimal
 * exponent of the first. Above a power of two doubles lie twice as far apart as below it, so that the next decimal up
 * may read back where the nearest one, below, does not. (A last digit 9 need not be raised: the result has one digit
 * fewer and was tried before.) */
static int shortest_digits(double value, char digits[18]) {
    char text[32], *e;
    int n = 0;
    bool found = false;
    while (!found) {
        cor__format(text, sizeof text, "%.*e", n++, value);
        e = strchr(text, 'e');
        found = cor__parse_double(text, NULL) == value;
        if (!found && e[-1] != '9') {
            e[-1]++;
            found = cor__parse_double(text, NULL) == value;
        }
    }
    digits[0] = text[0];
    if (n > 1) memcpy(digits + 1, text + 2, (size_t)n - 1);
    digits[n] = '\0';
    return atoi(e + 1);
}

/* Python writes an exponent below 1e-4 and from 1e16 on, and at least one digit after the point otherwise. */
void cor__text_double(cor__text *text, double value) {
    if (value != value) {
        cor__text_append(text, "nan");
        return;
    }
    if (signbit(value)) cor__text_append(text, "-");
    if (isinf(value)) {
        cor__text_append(text, "inf");
        return;
    }
    char digits[18];
    int exponent = shortest_digits(fabs(value), digits), n = (int)strlen(digits);
    if (exponent < -4 || exponent >= 16) {
        cor__text_format(text, "%c%s%se%c%02d", digits[0], n > 1 ? "." : "", digits + 1, exponent < 0 ? '-' : '+',
                         abs(exponent));
    } else if (exponent < 0) {
        cor__text_append(text, "0.");
        cor__text_repeat(text, '0', -exponent - 1);
        cor__text_append(text, digits);
    } else {
        int whole = exponent + 1 < n ? exponent + 1 : n;
        cor__text_append_n(text, digits, (size_t)whole);
        cor__text_repeat(text, '0', exponent + 1 - whole);
        cor__text_format(text, ".%s", whole < n ? digits + whole : "0");
    }
}

double cor__parse_double(const char *text, char **end) {
    locale_t locale = c_locale();
    return locale != (locale_t)0 ? strtod_l(text, end, locale) : strtod(text, end);
}

static int write_to(FILE *file, const char *text, size_t n) {
    return fwrite(text, 1, n, file) == n && fflush(file) == 0 ? COR_OK : COR_EIO;
}

int cor__write_out(const char *text, size_t n) { return write_to(stdout, text, n); }
int cor__write_err(const char *text, size_t n) { return write_to(stderr, text, n); }
