/* corrie/io.h: tensors in files. In libcorrie-io, which needs libpng, libjpeg and zlib.
 *
 * Verbs on files report by their code and text, with the file's name, what was expected and what was found; a file that
 * cannot be read changes nothing. Bad contents are COR_EFORMAT, the system's refusals COR_EIO.
 */
#ifndef CORRIE_IO_H
#define CORRIE_IO_H

#include <corrie/tensor.h>

COR_BEGIN

/* Returns the array of a NumPy .npy file (versions 1 to 3, little or big endian, C or Fortran order) as a contiguous
 * tensor. COR_EUNSUPPORTED for dtypes that tensors do not have. NULL with an error pending. */
COR_API cor_tensor *cor_load_npy(const char *path);

/* Writes t as a .npy file of version 1; bfloat16 is COR_EUNSUPPORTED. The file appears under its name when it is
 * complete. Returns COR_OK or a code. */
COR_API int cor_save_npy(const char *path, cor_tensor *t) COR_MUST_CHECK;

/* Returns a PNG or JPEG picture as a uint8 tensor of (C, H, W): one channel for grey, three for colour, four with
 * transparency (PNG only). The file's first bytes tell which it is. NULL with an error pending. */
COR_API cor_tensor *cor_load_image(const char *path);

/* Writes a uint8 tensor of (H, W) or (C, H, W), C 1, 3 or 4, as a picture: JPEG (quality 90, no transparency) when the
 * name ends in .jpg or .jpeg, else PNG. The file appears under its name when it is complete. */
COR_API int cor_save_image(const char *path, cor_tensor *t) COR_MUST_CHECK;

/* Returns the tensor in a file, whatever kind it is of: .npy and pictures by their first bytes, else text as
 * cor_tensor_text reads it or rows of numbers, one a line. "-" is the standard input. */
COR_API cor_tensor *cor_load_tensor(const char *path);

COR_END
#endif
