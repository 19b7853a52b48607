/* terminal.h: what training shows on a terminal: progress, curves, pictures. */
#ifndef COR_CLI_TERMINAL_H
#define COR_CLI_TERMINAL_H

#include "base/text.h"
#include <corrie/tensor.h>

/* What a terminal can show. */
typedef struct terminal {
    bool live;    /* a terminal, on which a line can be written again */
    bool colour;  /* it has colours, and NO_COLOR does not forbid them */
    bool unicode; /* the locale is UTF-8 */
    int width;    /* columns */
} terminal;

/* What the file descriptor can show, by isatty, its size, and the variables TERM, NO_COLOR (https://no-color.org),
 * COLUMNS and LC_ALL, LC_CTYPE, LANG. */
terminal terminal_of(int descriptor);

/* ---- progress --------------------------------------------------------------------------------------------------- */

/* A bar that shows how far a piece of work is. */
typedef struct progress {
    const char *what; /* "epoch 3/10"; borrowed */
    terminal on;
    int64_t done, total; /* steps */
    double loss;         /* NaN: none to show */
    double began, shown; /* seconds() */
} progress;

/* Begins a bar on stderr, which shows nothing when that is no terminal. */
progress progress_begin(const char *what, int64_t total);
/* Shows that `done` steps are done, ten times a second at most. */
void progress_show(progress *p, int64_t done, double loss);
/* Takes the bar off the terminal. */
void progress_end(progress *p);

/* The line of the bar after so many seconds: never wider than the terminal. */
void progress_line(cor__text *line, const progress *p, double elapsed);

/* ---- curves ----------------------------------------------------------------------------------------------------- */

typedef struct chart_series {
    const char *name;
    const double *values; /* one an epoch or step; what is not finite leaves a gap */
    int64_t n;
} chart_series;

/* Appends the curves below each other, each `rows` lines high with its own scale: dots of braille where the locale is
 * UTF-8, else stars. */
void chart_draw(cor__text *text, const chart_series *series, int n, int rows, const terminal *on);

/* ---- pictures --------------------------------------------------------------------------------------------------- */

/* Appends a grey picture, (H, W) or (1, H, W), uint8 from 0 to 255 or any other dtype from 0 to 1: half blocks in grey
 * where there are colours, else shades, two characters a pixel. COR_ESHAPE for other shapes and those wider than the
 * terminal; COR_OK or another code. */
int picture_draw(cor__text *text, cor_tensor *picture, const terminal *on);

#endif
