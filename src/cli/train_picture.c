/* train_picture.c: from a picture to what a network takes. */
#include "cli/train.h"
#include <corrie/transforms.h>
#include <string.h>

int augment_of(const char *steps) {
    static const struct {
        const char *name;
        int step;
    } all[] = {{"flip", AUGMENT_FLIP}, {"crop", AUGMENT_CROP}, {"affine", AUGMENT_AFFINE}, {"none", 0}, {"usual", 0}};
    int set = 0;
    for (;; steps++) {
        const size_t length = strcspn(steps, ",");
        size_t i = 0;
        while (i < sizeof all / sizeof all[0] &&
               (strlen(all[i].name) != length || strncmp(all[i].name, steps, length) != 0))
            i++;
        if (i == sizeof all / sizeof all[0]) return -1;
        set |= all[i].step;
        steps += length;
        if (*steps == '\0') return set;
    }
}

/* Grey is repeated, colour becomes grey, transparency is dropped. */
static cor_tensor *in_channels(cor_tensor *image, int64_t channels) {
    const int64_t has = cor_size(image, 0);
    if (has == 4 || has == 2) image = cor_narrow(image, 0, 0, has - 1);
    if (cor_size(image, 0) == channels) return image;
    return channels == 3 ? cor_expand(image, 3, -1, -1) : cor_grayscale(image);
}

/* The shorter side is brought to the form's, and the middle is taken. */
cor_tensor *picture_fit(cor_tensor *image, const picture_form *form) {
    image = in_channels(image, form->channels);
    if (cor_size(image, 1) == form->height && cor_size(image, 2) == form->width) return image;
    const int64_t shorter = form->height > form->width ? form->height : form->width;
    return cor_center_crop(cor_resize(image, .size = shorter), form->height, form->width);
}

cor_tensor *picture_normal(cor_tensor *bytes, const picture_form *form) {
    return cor_normalize(cor_image_to_float(bytes), form->mean, form->std, (int)form->channels);
}

/* 0..16 as 0..255, rounded. */
static cor_tensor *as_bytes(cor_tensor *sixteenths) {
    return cor_to(cor_add(cor_mul(sixteenths, 255.0 / 16), 0.5), COR_UINT8);
}

cor_tensor *picture_pipeline_run(cor_tensor *image, cor_generator *random, void *context) {
    const picture_pipeline *p = context;
    const picture_form *form = &p->form;
    image = picture_fit(p->sixteenths ? as_bytes(image) : image, form);
    if (p->augment & AUGMENT_CROP)
        image =
            cor_random_crop(image, form->height, form->width, .padding = (form->height + 7) / 8, .generator = random);
    if (p->augment & AUGMENT_FLIP) image = cor_random_horizontal_flip(image, .generator = random);
    if (p->augment & AUGMENT_AFFINE)
        image = cor_random_affine(cor_image_to_float(image), 10, .translate = {0.125, 0.125}, .scale = {0.9, 1.1},
                                  .shear = 5, .bilinear = true, .generator = random);
    return picture_normal(image, form);
}
