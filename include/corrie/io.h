/* corrie/io.h: tensors and the state of modules in files. In libcorrie-io, which needs libpng, libjpeg and zlib.
 *
 * Verbs on files report by their code and text, with the file's name, what was expected and what was found; a file that
 * cannot be read changes nothing. Bad contents are COR_EFORMAT, the system's refusals COR_EIO.
 */
#ifndef CORRIE_IO_H
#define CORRIE_IO_H

#include <corrie/module.h>

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

/* ---- named tensors ---------------------------------------------------------------------------------------------- */

/* Writes the tensors of a dict as a .safetensors file, the same bytes as the safetensors package writes. metadata is a
 * list of names and their texts in turn, {"format", "pt", NULL}; it may be NULL. Tensors that share memory are written
 * once each. COR_EVALUE for a name without a tensor, COR_EKEY for one that is not UTF-8 or is "__metadata__". The file
 * appears under its name when it is complete and on the disk; until then, and when anything fails, what had the name is
 * as it was. Returns COR_OK or a code. */
COR_API int cor_save_safetensors(const char *path, const cor_dict *tensors, const char *const *metadata) COR_MUST_CHECK;

/* Returns the tensors of a .safetensors file under their names, in the order in which they lie in it. Every number in
 * the header is checked before an element is read. COR_EUNSUPPORTED for dtypes that tensors do not have. NULL with an
 * error pending. */
COR_API cor_dict *cor_load_safetensors(const char *path);

/* ---- modules ---------------------------------------------------------------------------------------------------- */

/* Writes m's state_dict, with the versions of its modules, as a .safetensors file: cor_save(net, "net.safetensors").
 * Returns COR_OK or a code. */
COR_API int cor_save_module(const char *path, cor_module *m) COR_MUST_CHECK;
#define cor_save(m, path) cor_save_module((path), COR_MODULE(m))

/* Loads a .safetensors file, of cor_save or of the safetensors package, into m as cor_load_state_dict does:
 * cor_load(net, "net.safetensors", .strict = false). Nothing is changed when the file cannot be read. Returns COR_OK or
 * a code. */
COR_API int cor_load_module_with(const char *path, cor_module *m, const cor_load_options *options) COR_MUST_CHECK;
#define cor_load(m, path, ...)                                                                                         \
    COR__CALL(                                                                                                         \
        cor_load_module_with((path), COR_MODULE(m), COR__OPTIONS(cor_load_options, COR_LOAD_OPTIONS, ##__VA_ARGS__)))

COR_END
#endif
