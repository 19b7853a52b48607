/* picture.c: a grey picture on the terminal. */
#include "base/error.h"
#include "cli/terminal.h"
#include <corrie.h>

/* Rows of bytes, 0 to 255. */
typedef struct pixels {
    const uint8_t *bytes;
    int64_t height, width;
} pixels;

/* The picture as contiguous bytes, of the innermost scope; NULL with an error pending. */
static cor_tensor *as_bytes(cor_tensor *picture) {
    if (cor_dtype_of(picture) == COR_UINT8) return cor_contiguous(picture);
    cor_tensor *scaled = cor_mul(cor_to(picture, COR_FLOAT32), 255);
    scaled = cor_where(cor_ge(scaled, 0), scaled, 0); /* NaN, too, becomes 0 */
    return cor_contiguous(cor_to(cor_where(cor_le(scaled, 255), scaled, 255), COR_UINT8));
}

/* The nearest of black, white and the 24 greys 8, 18, ... 238 of 256 colours, which begin at 232. */
static int grey(uint8_t byte) {
    if (byte < 4 || byte > 246) return byte < 4 ? 16 : 231;
    int step = (byte - 3) / 10;
    return 232 + (step < 23 ? step : 23);
}

/* Two pixels a character, the upper half in the foreground's colour. */
static void draw_halves(cor__text *text, const pixels *p) {
    for (int64_t y = 0; y < p->height; y += 2) {
        for (int64_t x = 0; x < p->width; x++) {
            cor__text_format(text, "\033[38;5;%dm", grey(p->bytes[y * p->width + x]));
            if (y + 1 < p->height) cor__text_format(text, "\033[48;5;%dm", grey(p->bytes[(y + 1) * p->width + x]));
            cor__text_append(text, "▀");
        }
        cor__text_append(text, "\033[0m\n");
    }
}

static void draw_shades(cor__text *text, const pixels *p, bool unicode) {
    static const char *const blocks[] = {" ", "░", "▒", "▓", "█"};
    static const char letters[] = " .:-=+*#%@";
    for (int64_t i = 0; i < p->height * p->width; i++) {
        for (int twice = 0; twice < 2; twice++) {
            if (unicode) cor__text_append(text, blocks[p->bytes[i] * 5 / 256]);
            else cor__text_append_n(text, &letters[p->bytes[i] * 10 / 256], 1);
        }
        if ((i + 1) % p->width == 0) cor__text_append(text, "\n");
    }
}

int picture_draw(cor__text *text, cor_tensor *picture, const terminal *on) {
    if (cor_error() != COR_OK) return cor_error();
    if (picture == NULL || picture == COR_NONE) return cor__fail(COR_EVALUE, "the picture is NULL");
    cor_scope();
    cor_no_grad();
    if (cor_dim(picture) == 3 && cor_size(picture, 0) == 1) picture = cor_select(picture, 0, 0);
    if (picture == NULL) return cor_error();
    if (cor_dim(picture) != 2 || cor_numel(picture) == 0)
        return cor__fail(COR_ESHAPE, "a picture for the terminal is (H, W) or (1, H, W), this one has %d dimensions",
                         (int)cor_dim(picture));
    pixels p = {.height = cor_size(picture, 0), .width = cor_size(picture, 1)};
    int64_t columns = on->unicode && on->colour ? p.width : 2 * p.width;
    if (columns > on->width)
        return cor__fail(COR_ESHAPE, "a picture of %lld columns on a terminal of %d", (long long)columns, on->width);
    cor_tensor *bytes = as_bytes(picture);
    if (bytes == NULL) return cor_error();
    p.bytes = cor_data_const(bytes);
    if (on->unicode && on->colour) draw_halves(text, &p);
    else draw_shades(text, &p, on->unicode);
    return text->failed ? cor_error() : COR_OK;
}
