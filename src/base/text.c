/* text.c: formatting and writing. The C locale is put on around every conversion, so that a program's own locale
 * never turns a decimal point into a comma. */
#define _GNU_SOURCE /* strtod_l */
#include "base/text.h"
#include "base/error.h"
#include "base/memory.h"
#include <locale.h>
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

/* Python writes repr(float) with 17 digits at most, an exponent below 1e-4 and from 1e16 on, and at least one digit
 * after the point otherwise. */
void cor__text_double(cor__text *text, double value) {
    if (value != value || value - value != 0) {
        cor__text_append(text, value != value ? "nan" : value > 0 ? "inf" : "-inf");
        return;
    }
    char digits[40];
    int precision = 1;
    do cor__format(digits, sizeof digits, "%.*e", precision - 1, value);
    while (cor__parse_double(digits, NULL) != value && precision++ < 17);
    char *e = strchr(digits, 'e');
    int exponent = atoi(e + 1);
    if (exponent < -4 || exponent >= 16) {
        cor__text_append_n(text, digits, (size_t)(e - digits));
        cor__text_format(text, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
    } else {
        int decimals = precision - 1 - exponent;
        cor__text_format(text, "%.*f", decimals > 0 ? decimals : 1, value);
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
