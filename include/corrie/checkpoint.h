/* corrie/checkpoint.h: all that training needs to go on where it stopped, in one file. In libcorrie-io.
 *
 * A checkpoint holds tensors and texts under names and is saved as a .safetensors file, which other programs read, too.
 *     cor_checkpoint *c = cor_checkpoint_new();
 *     cor_checkpoint_add_module(c, "model", net);          // model.conv1.weight, ...
 *     cor_checkpoint_add_dict(c, "optimizer", state);      // optimizer.0.momentum_buffer, ...
 *     cor_checkpoint_add_generator(c, "rng", COR_GENERATOR_DEFAULT);
 *     cor_checkpoint_add_int(c, "epoch", epoch);
 *     if (cor_checkpoint_save(c, "last.safetensors") != COR_OK) ...
 * Training continues bit for bit when parameters, buffers, the optimizer's and scheduler's state, every generator that
 * is drawn from, the place in the data and the best result so far are in it.
 *
 * What is added under a name that is there takes its place. Every add returns COR_OK, COR_EVALUE for a NULL, or the
 * pending code. Every get fails with COR_EKEY when the name is not there; cor_checkpoint_has asks first.
 */
#ifndef CORRIE_CHECKPOINT_H
#define CORRIE_CHECKPOINT_H

#include <corrie/module.h>
#include <corrie/random.h>

COR_BEGIN

typedef struct cor_checkpoint cor_checkpoint;

/* Returns an empty checkpoint, which belongs to the innermost open scope. NULL with an error pending. */
COR_API cor_checkpoint *cor_checkpoint_new(void);
/* Ownership as for tensors (corrie/tensor.h). NULL is ignored. */
COR_API cor_checkpoint *cor_checkpoint_retain(cor_checkpoint *c);
COR_API void cor_checkpoint_release(cor_checkpoint *c);
COR_API cor_checkpoint *cor_checkpoint_take(cor_checkpoint *c);
COR_API cor_checkpoint *cor_checkpoint_keep(cor_checkpoint *c);

/* ---- files ------------------------------------------------------------------------------------------------------ */

/* Writes the checkpoint. The file appears under its name when it is complete and on the disk: whenever the program or
 * the machine stops, the name is that of a whole file, the old or the new. Returns COR_OK or a code. */
COR_API int cor_checkpoint_save(const cor_checkpoint *c, const char *path) COR_MUST_CHECK;
/* Returns the checkpoint in a file, which may be any .safetensors file. NULL with an error pending. */
COR_API cor_checkpoint *cor_checkpoint_load(const char *path);

/* ---- adding ----------------------------------------------------------------------------------------------------- */

/* A tensor; the checkpoint shares its memory until it is saved. */
COR_API int cor_checkpoint_add_tensor(cor_checkpoint *c, const char *name, cor_tensor *t);
/* The tensors of a dict, each under `name` and a dot before its own name; under its own name when `name` is "". */
COR_API int cor_checkpoint_add_dict(cor_checkpoint *c, const char *name, const cor_dict *tensors);
/* The state_dict of a module in the same way, and the versions of its modules. */
COR_API int cor_checkpoint_add_module_at(cor_checkpoint *c, const char *name, cor_module *m);
#define cor_checkpoint_add_module(c, name, m) cor_checkpoint_add_module_at((c), (name), COR_MODULE(m))
/* A copy of the state of a generator, as a uint8 tensor. */
COR_API int cor_checkpoint_add_generator(cor_checkpoint *c, const char *name, cor_generator *generator);
/* Numbers and texts. A double comes back as the same double. */
COR_API int cor_checkpoint_add_int(cor_checkpoint *c, const char *name, int64_t value);
COR_API int cor_checkpoint_add_double(cor_checkpoint *c, const char *name, double value);
COR_API int cor_checkpoint_add_text(cor_checkpoint *c, const char *name, const char *text);

/* ---- getting ---------------------------------------------------------------------------------------------------- */

/* Returns whether there is a tensor or a text of that name; false for NULL. */
COR_API bool cor_checkpoint_has(const cor_checkpoint *c, const char *name);
/* Returns the tensor, borrowed. NULL with an error pending. */
COR_API cor_tensor *cor_checkpoint_tensor(const cor_checkpoint *c, const char *name);
/* Returns a new dict of the tensors whose names begin with `name` and a dot, without these; all when `name` is "". It
 * may be empty. NULL with an error pending. */
COR_API cor_dict *cor_checkpoint_dict(const cor_checkpoint *c, const char *name);
/* Loads what cor_checkpoint_add_module added into m, as cor_load_state_dict does. Returns COR_OK or a code. */
COR_API int cor_checkpoint_load_module_with(const cor_checkpoint *c, const char *name, cor_module *m,
                                            const cor_load_options *options) COR_MUST_CHECK;
#define cor_checkpoint_load_module(c, name, m, ...)                                                                    \
    COR__CALL(cor_checkpoint_load_module_with((c), (name), COR_MODULE(m),                                              \
                                              COR__OPTIONS(cor_load_options, COR_LOAD_OPTIONS, ##__VA_ARGS__)))
/* Continues a generator from the state that was added. Returns COR_OK, COR_EVALUE if it is no state, or a code. */
COR_API int cor_checkpoint_load_generator(const cor_checkpoint *c, const char *name,
                                          cor_generator *generator) COR_MUST_CHECK;
/* Put a number into *value. Return COR_OK; COR_EFORMAT, *value as it was, if the text of that name is none. */
COR_API int cor_checkpoint_int(const cor_checkpoint *c, const char *name, int64_t *value) COR_MUST_CHECK;
COR_API int cor_checkpoint_double(const cor_checkpoint *c, const char *name, double *value) COR_MUST_CHECK;
/* Returns the text, borrowed until another is added. NULL with an error pending. */
COR_API const char *cor_checkpoint_text(const cor_checkpoint *c, const char *name);

COR_END
#endif
