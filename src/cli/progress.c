/* progress.c: a bar with rate, time left and loss. */
#include "cli/terminal.h"
#include "cli/verbs.h"
#include <math.h>
#include <string.h>

enum { LEAST_BAR = 8, MOST_BAR = 40, EIGHTHS = 8 };

static const char *const eighths[EIGHTHS] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};

/* "1:02:03" or "2:03". */
static void append_time(cor__text *text, double seconds_left) {
    if (!(seconds_left < 360000)) {
        cor__text_append(text, "--:--");
        return;
    }
    int s = (int)(seconds_left + 0.5);
    if (s >= 3600) cor__text_format(text, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    else cor__text_format(text, "%d:%02d", s / 60, s % 60);
}

/* What stands after the bar: " 120/938  41.2/s  0:20 left  loss 0.4312". */
static void append_figures(cor__text *text, const progress *p, double elapsed) {
    double rate = elapsed > 0 ? (double)p->done / elapsed : 0;
    cor__text_format(text, " %lld/%lld", (long long)p->done, (long long)p->total);
    if (p->done > 0) {
        cor__text_format(text, rate < 100 ? "  %.1f/s  " : "  %.0f/s  ", rate);
        append_time(text, rate > 0 ? (double)(p->total - p->done) / rate : INFINITY);
        cor__text_append(text, " left");
    }
    if (!isnan(p->loss)) cor__text_format(text, "  loss %.4f", p->loss);
}

static void append_bar(cor__text *line, const progress *p, int width) {
    double share = p->total > 0 ? (double)p->done / (double)p->total : 0;
    int filled = (int)(fmin(fmax(share, 0), 1) * width * EIGHTHS), whole = filled / EIGHTHS;
    if (p->on.colour) cor__text_append(line, "\033[36m");
    for (int i = 0; i < whole; i++) cor__text_append(line, p->on.unicode ? "█" : "#");
    if (whole < width) cor__text_append(line, p->on.unicode ? eighths[filled % EIGHTHS] : "");
    if (p->on.colour) cor__text_append(line, "\033[0m");
    bool part = whole < width && p->on.unicode && filled % EIGHTHS > 0;
    cor__text_repeat(line, p->on.unicode ? ' ' : '.', width - whole - part);
}

void progress_line(cor__text *line, const progress *p, double elapsed) {
    cor__text figures = {0};
    append_figures(&figures, p, elapsed);
    /* The last column stays empty: some terminals begin a new line after it. */
    int left = p->on.width - 1 - (int)strlen(p->what) - (int)figures.length - 3;
    if (figures.failed) return;
    if (left >= LEAST_BAR) {
        cor__text_format(line, "%s %s", p->what, p->on.unicode ? "▕" : "[");
        append_bar(line, p, left < MOST_BAR ? left : MOST_BAR);
        cor__text_format(line, "%s%s", p->on.unicode ? "▏" : "]", figures.data);
    } else {
        cor__text_format(line, "%.*s", p->on.width - 1, figures.data + 1);
    }
    cor__text_free(&figures);
}

/* ---- on the terminal -------------------------------------------------------------------------------------------- */

progress progress_begin(const char *what, int64_t total) {
    double now = seconds();
    return (progress){.what = what, .on = terminal_of(2), .total = total, .loss = NAN, .began = now, .shown = 0};
}

/* Back to the line's begin, the line, and nothing after it. */
static void write_line(const progress *p, double now) {
    cor__text line = {0};
    cor__text_append(&line, "\r");
    progress_line(&line, p, now - p->began);
    cor__text_append(&line, "\033[K");
    if (!line.failed) (void)cor__write_err(line.data, line.length);
    cor__text_free(&line);
}

void progress_show(progress *p, int64_t done, double loss) {
    double now = seconds();
    p->done = done;
    p->loss = loss;
    if (!p->on.live || (now - p->shown < 0.1 && done < p->total)) return;
    p->shown = now;
    write_line(p, now);
}

void progress_end(progress *p) {
    if (p->on.live && p->shown > 0) (void)cor__write_err("\r\033[K", 4);
    p->shown = 0;
}
