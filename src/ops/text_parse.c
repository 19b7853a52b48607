/* text_parse.c: tensors written as nested lists. The text is read twice: first for the shape, the kind of its numbers
 * and everything that may be wrong with it, then for the numbers themselves. Nothing recurses. */
#include "base/error.h"
#include "base/text.h"
#include "ops/creation.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_text_options, COR_TEXT_OPTIONS)

/* ---- numbers ---------------------------------------------------------------------------------------------------- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static const char *skip_digits(const char *at) {
    while (is_digit(*at)) at++;
    return at;
}

static const char *skip_space(const char *at) {
    while (is_space(*at)) at++;
    return at;
}

typedef struct number {
    cor_operand value;
    bool beyond; /* an integer that int64 does not hold; value is the nearest double */
} number;

static bool parse_word(const char **at, const char *word, cor_operand value, number *out) {
    size_t length = strlen(word);
    if (strncmp(*at, word, length) != 0) return false;
    *at += length;
    *out = (number){.value = value};
    return true;
}

/* The value of decimal digits, unless it does not fit. */
static bool parse_int64(const char *digits, const char *end, bool negative, int64_t *value) {
    *value = 0;
    for (; digits < end; digits++) {
        int64_t digit = negative ? '0' - *digits : *digits - '0';
        if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, digit, value)) return false;
    }
    return true;
}

/* The end of an unsigned decimal at `at`, NULL if there is none; *whole if it has neither a point nor an exponent. */
static const char *end_of_decimal(const char *at, bool *whole) {
    const char *end = skip_digits(at);
    bool digits = end > at;
    *whole = true;
    if (*end == '.') {
        const char *fraction = end + 1;
        end = skip_digits(fraction);
        digits = digits || end > fraction;
        *whole = false;
    }
    if (!digits) return NULL;
    if (*end == 'e' || *end == 'E') {
        const char *exponent = end + 1 + (end[1] == '+' || end[1] == '-');
        if (!is_digit(*exponent)) return end;
        *whole = false;
        end = skip_digits(exponent);
    }
    return end;
}

/* Reads one number as Python writes it, and moves *at past it; false, with *at where it was, if there is none. */
static bool parse_number(const char **at, number *out) {
    if (parse_word(at, "True", cor__operand_bool(true), out)) return true;
    if (parse_word(at, "False", cor__operand_bool(false), out)) return true;
    bool negative = **at == '-', whole;
    const char *start = *at, *first = start + (negative || *start == '+');
    double sign = negative ? -1 : 1;
    *at = first;
    if (parse_word(at, "nan", cor__operand_double(sign * __builtin_nan("")), out)) return true;
    if (parse_word(at, "inf", cor__operand_double(sign * __builtin_inf()), out)) return true;
    const char *end = end_of_decimal(first, &whole);
    int64_t integer;
    *at = end != NULL ? end : start;
    if (end == NULL) return false;
    if (whole && parse_int64(first, end, negative, &integer)) *out = (number){.value = cor__operand_int(integer)};
    else *out = (number){.value = cor__operand_double(cor__parse_double(start, NULL)), .beyond = whole};
    return true;
}

/* ---- the shape -------------------------------------------------------------------------------------------------- */

typedef enum shape_fault { FITS, RAGGED, NOT_A_LIST, NOT_A_NUMBER } shape_fault;

typedef struct scan {
    const char *text;
    int depth;                       /* lists open */
    int ndim;                        /* -1 until the first number or empty list */
    int64_t sizes[COR_MAX_DIMS];     /* -1 until the first list of that depth has ended */
    int64_t counts[COR_MAX_DIMS];    /* items so far of the lists that are open */
    int64_t opened_at[COR_MAX_DIMS]; /* where these begin */
    int kind;                        /* the highest cor_operand kind so far, -1 without any */
    /* What is wrong with the shape, of the item that begins first; PyTorch looks at a list before its items. */
    shape_fault fault;
    int64_t fault_at, fault_found;
    int fault_dim;
} scan;

static void note_fault(scan *s, shape_fault fault, int64_t at, int dim, int64_t found) {
    if (s->fault != FITS && s->fault_at < at) return;
    s->fault = fault;
    s->fault_at = at;
    s->fault_dim = dim;
    s->fault_found = found;
}

static int malformed(const scan *s, const char *at, const char *expected) {
    long long byte = at - s->text;
    if (*at == '\0')
        return cor__fail(COR_EFORMAT, "tensor text: expected %s at byte %lld, got the end", expected, byte);
    return cor__fail(COR_EFORMAT, "tensor text: expected %s at byte %lld, got '%c'", expected, byte, *at);
}

static void count_item(scan *s) {
    if (s->depth > 0) s->counts[s->depth - 1]++;
}

static int open_list(scan *s, const char *at) {
    count_item(s);
    if (s->ndim >= 0 && s->depth >= s->ndim) note_fault(s, NOT_A_NUMBER, at - s->text, s->depth, 0);
    if (s->depth == COR_MAX_DIMS)
        return cor__fail(COR_ELIMIT, "tensor text: more than %d lists in one another at byte %lld", COR_MAX_DIMS,
                         (long long)(at - s->text));
    s->counts[s->depth] = 0;
    s->opened_at[s->depth++] = at - s->text;
    return COR_OK;
}

static void close_list(scan *s) {
    int dim = --s->depth;
    int64_t length = s->counts[dim];
    if (length == 0 && s->ndim < 0) s->ndim = s->depth + 1;
    if (s->sizes[dim] < 0) s->sizes[dim] = length;
    else if (s->sizes[dim] != length) note_fault(s, RAGGED, s->opened_at[dim], dim, length);
}

static int take_number(scan *s, const char **at) {
    const char *start = *at;
    number n;
    if (!parse_number(at, &n)) return malformed(s, start, "a number or a list");
    count_item(s);
    if (s->ndim < 0) s->ndim = s->depth;
    if (s->depth < s->ndim) note_fault(s, NOT_A_LIST, start - s->text, s->depth, 0);
    int kind = n.beyond ? COR_OPERAND_INT : (int)n.value.kind;
    if (kind > s->kind) s->kind = kind;
    return COR_OK;
}

/* Reads the whole text; a code if it is not a nested list or a number. */
static int scan_text(scan *s) {
    bool after_value = false;
    for (const char *at = skip_space(s->text);; at = skip_space(at)) {
        bool may_close = s->depth > 0 && (after_value || at[-1] == '[' || s->counts[s->depth - 1] > 0);
        if (after_value && s->depth == 0) return *at == '\0' ? COR_OK : malformed(s, at, "the end");
        if (*at == ']' && may_close) {
            close_list(s);
            after_value = true;
            at++;
        } else if (after_value) {
            if (*at != ',') return malformed(s, at, "',' or ']'");
            after_value = false;
            at++;
        } else if (*at == '[') {
            if (open_list(s, at++) != COR_OK) return cor_error();
        } else {
            if (take_number(s, &at) != COR_OK) return cor_error();
            after_value = true;
        }
    }
}

static int check_shape(const scan *s) {
    switch (s->fault) {
    case RAGGED:
        return cor__fail(COR_EFORMAT, "expected sequence of length %lld at dim %d (got %lld)",
                         (long long)s->sizes[s->fault_dim], s->fault_dim, (long long)s->fault_found);
    case NOT_A_LIST:
        return cor__fail(COR_EFORMAT, "tensor text: expected a list at dim %d, got a number at byte %lld", s->fault_dim,
                         (long long)s->fault_at);
    case NOT_A_NUMBER:
        return cor__fail(COR_EFORMAT, "tensor text: expected a number at dim %d, got a list at byte %lld", s->fault_dim,
                         (long long)s->fault_at);
    default:
        return COR_OK;
    }
}

/* ---- the elements ----------------------------------------------------------------------------------------------- */

static int store(void *p, cor_dtype dtype, number n) {
    bool whole = !cor_dtype_is_floating(dtype) && dtype != COR_BOOL;
    if (whole && n.beyond) return cor__fail(COR_EVALUE, "Overflow when unpacking long long");
    if (whole && cor__check_number(n.value, dtype) != COR_OK) return cor_error();
    cor__store_number(p, dtype, n.value);
    return COR_OK;
}

static int store_all(cor_tensor *t, const char *text) {
    char *p = cor__data(t);
    for (int64_t i = 0; i < t->numel; i++, p += cor_dtype_size(t->dtype)) {
        number n;
        while (is_space(*text) || strchr("[],", *text) != NULL) text++;
        parse_number(&text, &n);
        if (store(p, t->dtype, n) != COR_OK) return cor_error();
    }
    return COR_OK;
}

static cor_dtype inferred(const scan *s) {
    if (s->kind == COR_OPERAND_BOOL) return COR_BOOL;
    return s->kind == COR_OPERAND_INT ? COR_INT64 : COR_FLOAT32;
}

cor_tensor *cor_tensor_text_with(const char *text, const cor_text_options *options) {
    cor_text_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "tensor_text") != COR_OK) return NULL;
    if (text == NULL) return cor__fail_null(COR_EVALUE, "tensor_text: the text is NULL");
    options = cor_text_options_or_defaults(options, &room);
    scan s = {.text = text, .ndim = -1, .kind = -1};
    memset(s.sizes, 0xff, sizeof s.sizes); /* -1 */
    if (scan_text(&s) != COR_OK || check_shape(&s) != COR_OK) return NULL;
    cor_tensor *t = cor__empty(options->dtype == COR_DTYPE_UNSET ? inferred(&s) : options->dtype, s.sizes, s.ndim);
    if (t == NULL) return NULL;
    if (store_all(t, text) == COR_OK) return cor__scope_add(t);
    cor__release(t);
    return NULL;
}
