/* corrie/transforms.h: what is done to pictures before a network sees them.
 *
 * A picture is a tensor of (..., C, H, W), as cor_load_image gives it and networks take it; uint8 from a file, float32
 * later. Every function returns a new tensor, or the picture itself where there is nothing to do, and records nothing
 * for gradients. They share the errors of corrie/tensor.h: COR_ESHAPE for a tensor of fewer than two dimensions, and
 * COR_EDTYPE. Names and values are torchvision's; resizing and grey are those of Pillow, bit by bit.
 */
#ifndef CORRIE_TRANSFORMS_H
#define CORRIE_TRANSFORMS_H

#include <corrie/random.h>
#include <corrie/tensor.h>

COR_BEGIN

/* Returns the float32 tensor of (C, H, W) of a uint8 array of (H, W, C) or (H, W), divided by 255 (ToTensor). Other
 * dtypes keep theirs and are not divided. */
COR_API cor_tensor *cor_to_tensor(cor_tensor *array);

/* Returns a uint8 picture as float32, divided by 255; a float32 one as it is (convert_image_dtype). */
COR_API cor_tensor *cor_image_to_float(cor_tensor *image);

/* Returns (image - mean) / std for each of n channels, of a float32 or float64 picture of (..., C, H, W) (Normalize).
 * COR_EVALUE for a std of 0, COR_ESHAPE if n is neither 1 nor C. */
COR_API cor_tensor *cor_normalize(cor_tensor *image, const double *mean, const double *std, int n);

#define COR_RESIZE_OPTIONS(_)                                                                                          \
    _(int64_t, size, COR_UNSET)     /* of the shorter side; the longer keeps the proportion, rounded down */           \
    _(cor_pair, sizes, {COR_UNSET}) /* height and width */
COR_DECLARE_OPTIONS(cor_resize_options, COR_RESIZE_OPTIONS)
/* Returns a uint8 picture in another size, each channel by itself: weighted means over the triangle of linear
 * interpolation, widened when the picture shrinks (Resize; the BILINEAR of Pillow 12 and before, which computes in
 * fixed point with 22 bits, along rows first and then along columns, rounding to 8 bits after each; Pillow 13 takes the
 * columns first for some sizes). */
COR_API cor_tensor *cor_resize_with(cor_tensor *image, const cor_resize_options *options);
#define cor_resize(image, ...)                                                                                         \
    COR__CALL(cor_resize_with((image), COR__OPTIONS(cor_resize_options, COR_RESIZE_OPTIONS, ##__VA_ARGS__)))

/* Returns the middle of a picture of any dtype, with zeros around it where it is smaller (CenterCrop). */
COR_API cor_tensor *cor_center_crop(cor_tensor *image, int64_t height, int64_t width);

#define COR_RANDOM_CROP_OPTIONS(_)                                                                                     \
    _(int64_t, padding, 0)        /* zeros on every side first */                                                      \
    _(bool, pad_if_needed, false) /* then as many as a side is too short, on both of its ends */                       \
    _(cor_generator *, generator, COR_GENERATOR_DEFAULT)
COR_DECLARE_OPTIONS(cor_random_crop_options, COR_RANDOM_CROP_OPTIONS)
/* Returns a random part of a picture of any dtype (RandomCrop): draws its top and then its left, nothing when the sizes
 * are the picture's already. COR_EVALUE if the picture is smaller. */
COR_API cor_tensor *cor_random_crop_with(cor_tensor *image, int64_t height, int64_t width,
                                         const cor_random_crop_options *options);
#define cor_random_crop(image, height, width, ...)                                                                     \
    COR__CALL(cor_random_crop_with((image), (height), (width),                                                         \
                                   COR__OPTIONS(cor_random_crop_options, COR_RANDOM_CROP_OPTIONS, ##__VA_ARGS__)))

#define COR_RANDOM_FLIP_OPTIONS(_)                                                                                     \
    _(double, p, 0.5)                                                                                                  \
    _(cor_generator *, generator, COR_GENERATOR_DEFAULT)
COR_DECLARE_OPTIONS(cor_random_flip_options, COR_RANDOM_FLIP_OPTIONS)
/* Returns a picture of any dtype mirrored left to right with probability p (RandomHorizontalFlip): draws one float32.
 */
COR_API cor_tensor *cor_random_horizontal_flip_with(cor_tensor *image, const cor_random_flip_options *options);
#define cor_random_horizontal_flip(image, ...)                                                                         \
    COR__CALL(cor_random_horizontal_flip_with(                                                                         \
        (image), COR__OPTIONS(cor_random_flip_options, COR_RANDOM_FLIP_OPTIONS, ##__VA_ARGS__)))

/* Two numbers: .scale = {0.9, 1.1}. */
typedef double cor_range[2];

#define COR_AFFINE_OPTIONS(_)                                                                                          \
    _(double, angle, 0)             /* degrees, clockwise */                                                           \
    _(cor_range, translate, {0, 0}) /* pixels to the right and down */                                                 \
    _(double, scale, 1)                                                                                                \
    _(cor_range, shear, {0, 0}) /* degrees along x and y */                                                            \
    _(bool, bilinear, false)    /* false: each pixel is the nearest one */
COR_DECLARE_OPTIONS(cor_affine_options, COR_AFFINE_OPTIONS)
/* Returns a uint8, float32 or float64 picture slanted, turned, scaled and moved about its middle, with zeros around it
 * (functional.affine, with fill None). COR_EVALUE for a scale that is not positive and what is not finite. */
COR_API cor_tensor *cor_affine_with(cor_tensor *image, const cor_affine_options *options);
#define cor_affine(image, ...)                                                                                         \
    COR__CALL(cor_affine_with((image), COR__OPTIONS(cor_affine_options, COR_AFFINE_OPTIONS, ##__VA_ARGS__)))

#define COR_RANDOM_AFFINE_OPTIONS(_)                                                                                   \
    _(cor_range, translate, {0, 0}) /* at most these parts of the width and the height */                              \
    _(cor_range, scale, {1, 1})     /* between these */                                                                \
    _(double, shear, 0)             /* at most so many degrees along x */                                              \
    _(bool, bilinear, false)                                                                                           \
    _(cor_generator *, generator, COR_GENERATOR_DEFAULT)
COR_DECLARE_OPTIONS(cor_random_affine_options, COR_RANDOM_AFFINE_OPTIONS)
/* Returns that with a random angle of at most `degrees`, whole pixels of translation, scale and shear (RandomAffine):
 * draws a float32 for each in this order, none for what has its default. COR_EVALUE with torchvision's text. */
COR_API cor_tensor *cor_random_affine_with(cor_tensor *image, double degrees, const cor_random_affine_options *options);
#define cor_random_affine(image, degrees, ...)                                                                         \
    COR__CALL(cor_random_affine_with(                                                                                  \
        (image), (degrees), COR__OPTIONS(cor_random_affine_options, COR_RANDOM_AFFINE_OPTIONS, ##__VA_ARGS__)))

/* Returns the three colours of a picture of any dtype with 1, 3 or 4 channels, as a view (Pillow's convert("RGB")):
 * grey is repeated, transparency dropped. COR_ESHAPE for other numbers of channels. */
COR_API cor_tensor *cor_rgb(cor_tensor *image);

#define COR_GRAYSCALE_OPTIONS(_) _(int64_t, num_output_channels, 1) /* or 3 equal ones */
COR_DECLARE_OPTIONS(cor_grayscale_options, COR_GRAYSCALE_OPTIONS)
/* Returns the grey of a uint8 picture of 1 or 3 channels (Grayscale; Pillow's L: (19595 R + 38470 G + 7471 B + 32768) /
 * 65536, the weights of ITU-R 601-2). */
COR_API cor_tensor *cor_grayscale_with(cor_tensor *image, const cor_grayscale_options *options);
#define cor_grayscale(image, ...)                                                                                      \
    COR__CALL(cor_grayscale_with((image), COR__OPTIONS(cor_grayscale_options, COR_GRAYSCALE_OPTIONS, ##__VA_ARGS__)))

COR_END
#endif
