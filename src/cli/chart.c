/* chart.c: curves on the terminal. */
#include "cli/terminal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL = 12, MOST_COLUMNS = 120, MOST_ROWS = 64 };

/* The field of one curve: dots[y][x], y from the top; a character is `across` by `down` dots. */
typedef struct field {
    int rows, columns, across, down;
    bool dots[4 * MOST_ROWS][2 * MOST_COLUMNS];
    double low, high;
    bool any;
} field;

static void find_range(field *f, const chart_series *s) {
    f->low = INFINITY, f->high = -INFINITY;
    for (int64_t i = 0; i < s->n; i++) {
        if (!isfinite(s->values[i])) continue;
        f->low = fmin(f->low, s->values[i]);
        f->high = fmax(f->high, s->values[i]);
        f->any = true;
    }
}

/* Where a value and an index are, in dots. */
static int row_of(const field *f, double value) {
    int last = f->rows * f->down - 1;
    double span = f->high / 2 - f->low / 2; /* halves cannot overflow */
    return span > 0 ? last - (int)lround((value / 2 - f->low / 2) / span * last) : last / 2;
}

static int column_of(const field *f, const chart_series *s, int64_t i) {
    int last = f->columns * f->across - 1;
    return s->n > 1 ? (int)lround((double)i / (double)(s->n - 1) * last) : 0;
}

/* A straight line of dots. */
static void join(field *f, int x0, int y0, int x1, int y1) {
    int steps = abs(x1 - x0) > abs(y1 - y0) ? abs(x1 - x0) : abs(y1 - y0);
    for (int i = 0; i <= steps; i++) {
        double share = steps > 0 ? (double)i / steps : 0;
        f->dots[lround(y0 + share * (y1 - y0))][lround(x0 + share * (x1 - x0))] = true;
    }
}

static void plot(field *f, const chart_series *s) {
    for (int64_t i = 0, before = -1; i < s->n; i++) {
        if (!isfinite(s->values[i])) {
            before = -1;
            continue;
        }
        int64_t from = before < 0 ? i : before;
        join(f, column_of(f, s, from), row_of(f, s->values[from]), column_of(f, s, i), row_of(f, s->values[i]));
        before = i;
    }
}

/* The bits of braille's eight dots, from the code point U+2800 on. */
static const unsigned char braille[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

static void append_cell(cor__text *text, const field *f, int row, int column) {
    unsigned bits = 0;
    for (int y = 0; y < f->down; y++)
        for (int x = 0; x < f->across; x++)
            if (f->dots[row * f->down + y][column * f->across + x]) bits |= braille[y][x];
    if (f->across == 1) {
        cor__text_append(text, bits != 0 ? "*" : " ");
        return;
    }
    const char bytes[] = {(char)0xe2, (char)(0xa0 | bits >> 6), (char)(0x80 | (bits & 0x3f))};
    if (bits == 0) cor__text_append(text, " ");
    else cor__text_append_n(text, bytes, sizeof bytes);
}

static void draw(cor__text *text, const field *f, const chart_series *s, const terminal *on, int colour) {
    cor__text_format(text, "%s", s->name);
    if (!f->any) cor__text_append(text, ": nothing to draw");
    cor__text_append(text, "\n");
    for (int row = 0; row < f->rows && f->any; row++) {
        if (row == 0) cor__text_format(text, "%*.3g", LABEL - 2, f->high);
        else if (row == f->rows - 1) cor__text_format(text, "%*.3g", LABEL - 2, f->low);
        else cor__text_repeat(text, ' ', LABEL - 2);
        cor__text_append(text, on->unicode ? " │" : " |");
        if (on->colour) cor__text_format(text, "\033[%dm", colour);
        for (int column = 0; column < f->columns; column++) append_cell(text, f, row, column);
        cor__text_append(text, on->colour ? "\033[0m\n" : "\n");
    }
}

void chart_draw(cor__text *text, const chart_series *series, int n, int rows, const terminal *on) {
    static const int colours[] = {33, 36, 35, 32}; /* yellow, cyan, magenta, green */
    for (int i = 0; i < n; i++) {
        int columns = on->width - LABEL - 1;
        field f = {.rows = rows < 2           ? 2
                           : rows > MOST_ROWS ? MOST_ROWS
                                              : rows,
                   .columns = columns < 1              ? 1
                              : columns > MOST_COLUMNS ? MOST_COLUMNS
                                                       : columns,
                   .across = on->unicode ? 2 : 1,
                   .down = on->unicode ? 4 : 1};
        find_range(&f, &series[i]);
        plot(&f, &series[i]);
        draw(text, &f, &series[i], on, colours[i % 4]);
    }
}
