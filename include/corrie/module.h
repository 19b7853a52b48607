/* corrie/module.h: networks.
 *
 * A module is a struct of the user's that begins with `cor_module base;`, a forward, and what is registered on it:
 * parameters (trained), buffers (kept but not trained) and children (other modules), under PyTorch's names. It owns all
 * of them. A new module belongs to the innermost open scope until it becomes somebody's child.
 *
 *     typedef struct { cor_module base; cor_module *conv, *fc; } Net;
 *     static void Net_init(cor_module *m) {
 *         cor_set_module(m, Net, conv, cor_nn_conv2d(3, 32, 5, .padding = 2));
 *         cor_set_module(m, Net, fc, cor_nn_linear(8192, 10));
 *     }
 *     Net *net = cor_module_new(Net, Net_forward, .init = Net_init);
 *
 * In eval mode any number of threads may call one module at once while nobody changes it; in training one thread does.
 */
#ifndef CORRIE_MODULE_H
#define CORRIE_MODULE_H

#include <corrie/tensor.h>

COR_BEGIN

/* What a user's struct embeds first, under the name base. The fields are the library's. */
typedef struct cor_module {
    struct cor__module *base;
    void *reserved[2];
} cor_module;

/* The module of any struct that begins with `cor_module base` (and of a cor_module itself, whose field is named so
 * too, which makes the compiler refuse everything else). */
#define COR_MODULE(m) ((void)sizeof((m)->base), (cor_module *)(void *)(m))

typedef cor_tensor *(*cor_forward)(cor_module *self, cor_tensor *input);
/* For several inputs or outputs: fills out[0..n_out), returns COR_OK or a code. */
typedef int (*cor_forward_n)(cor_module *self, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out);
typedef void (*cor_module_function)(cor_module *self);
/* Writes at most n bytes of extra_repr's text (lines separated by newlines) and returns its length, as snprintf does.
 */
typedef int (*cor_extra_repr)(cor_module *self, char *buffer, size_t n);
/* What a module keeps beside parameters and buffers, as one tensor (COR_NONE: nothing); text is a tensor of its bytes.
 * get returns it, NULL on failure; set takes it back, and returns COR_OK or a code. */
typedef cor_tensor *(*cor_get_extra_state)(cor_module *self);
typedef int (*cor_set_extra_state)(cor_module *self, cor_tensor *state);

#define COR_MODULE_OPTIONS(_)                                                                                          \
    _(cor_module_function, init, NULL)            /* __init__: registers what the module has */                        \
    _(const void *, arguments, NULL)              /* what init reads with cor_module_arguments */                      \
    _(cor_forward_n, forward_n, NULL)             /* instead of a forward with one input and one output */             \
    _(cor_extra_repr, extra_repr, NULL)           /* what printing shows between the parentheses */                    \
    _(cor_module_function, destroy, NULL)         /* gives back what the struct holds beside its entries */            \
    _(int64_t, version, 1)                        /* of its state_dict */                                              \
    _(cor_get_extra_state, get_extra_state, NULL) /* in its state_dict as "_extra_state" */                            \
    _(cor_set_extra_state, set_extra_state, NULL)
COR_DECLARE_OPTIONS(cor_module_options, COR_MODULE_OPTIONS)

/* Returns a new zeroed struct of `size` bytes with a module at its start, after running init; the caller's struct type
 * is cast by cor_module_new. name is copied. NULL with an error pending: an earlier error (init is not run),
 * COR_ENOMEM, or whatever init left pending; nothing stays behind. */
COR_API cor_module *cor_module_new_with(size_t size, const char *name, cor_forward forward,
                                        const cor_module_options *options);
#define cor_module_new(T, forward, ...)                                                                                \
    ((T *)(void *)COR__CALL(cor_module_new_with(sizeof(T) + 0 * sizeof(char[offsetof(T, base) == 0 ? 1 : -1]), #T,     \
                                                (forward),                                                             \
                                                COR__OPTIONS(cor_module_options, COR_MODULE_OPTIONS, ##__VA_ARGS__))))

/* Returns the .arguments of cor_module_new while init runs; NULL otherwise. */
COR_API const void *cor_module_arguments(const cor_module *m);
/* Returns the name of the module's type, "Conv2d"; "" for NULL. Borrowed from the module. */
COR_API const char *cor_module_name(const cor_module *m);

/* Ownership as for tensors (corrie/tensor.h). NULL is ignored. */
COR_API cor_module *cor_module_retain(cor_module *m);
COR_API void cor_module_release(cor_module *m);
COR_API cor_module *cor_module_take(cor_module *m);
COR_API cor_module *cor_module_keep(cor_module *m);

/* ---- registering ------------------------------------------------------------------------------------------------ */

/* Returns a parameter that shares t's memory: a leaf that requires grad and prints as "Parameter containing:".
 * COR_EDTYPE for integers. */
COR_API cor_tensor *cor_parameter(cor_tensor *t);

#define COR_BUFFER_OPTIONS(_) _(bool, persistent, true) /* false: not in the state_dict */
COR_DECLARE_OPTIONS(cor_buffer_options, COR_BUFFER_OPTIONS)

/* Register an entry on m, or replace the entry of that name, which keeps its place. slot is the address of a pointer
 * field in m's struct that shall follow the entry, or NULL. The entry takes its own reference (a child moves out of its
 * scope). COR_NONE, or a child of NULL without an error pending, registers an empty entry. Return COR_OK or a code:
 * COR_EKEY for a name that is empty, has a dot or is taken by another kind of entry, COR_EVALUE for a tensor that is no
 * parameter or no leaf, COR_ESTATE for a child that contains m. */
COR_API int cor_register_module_at(cor_module *m, const char *name, void *slot, cor_module *child);
COR_API int cor_register_parameter_at(cor_module *m, const char *name, void *slot, cor_tensor *parameter);
COR_API int cor_register_buffer_at(cor_module *m, const char *name, void *slot, cor_tensor *buffer,
                                   const cor_buffer_options *options);

/* self.field = child, parameter or buffer, for a pointer field of the struct T: cor_set_module(m, Net, conv, child). A
 * plain tensor becomes a parameter. */
#define cor_set_module(m, T, field, child)                                                                             \
    cor_register_module_at((m), #field, &((T *)(void *)(m))->field, COR_MODULE(child))
#define cor_set_parameter(m, T, field, tensor)                                                                         \
    cor_register_parameter_at((m), #field, &((T *)(void *)(m))->field, cor_parameter(tensor))
#define cor_set_buffer(m, T, field, tensor, ...)                                                                       \
    COR__CALL(cor_register_buffer_at((m), #field, &((T *)(void *)(m))->field, (tensor),                                \
                                     COR__OPTIONS(cor_buffer_options, COR_BUFFER_OPTIONS, ##__VA_ARGS__)))
/* The same for entries that no field follows. */
#define cor_add_module(m, name, child) cor_register_module_at((m), (name), NULL, COR_MODULE(child))
#define cor_register_parameter(m, name, tensor) cor_register_parameter_at((m), (name), NULL, (tensor))
#define cor_register_buffer(m, name, tensor, ...)                                                                      \
    COR__CALL(cor_register_buffer_at((m), (name), NULL, (tensor),                                                      \
                                     COR__OPTIONS(cor_buffer_options, COR_BUFFER_OPTIONS, ##__VA_ARGS__)))

/* Removes an entry (del m.name). COR_EKEY if there is none. */
COR_API int cor_delete_entry(cor_module *m, const char *name) COR_MUST_CHECK;

/* Return the module, parameter or buffer at a dotted path, borrowed; "" is m itself, an empty buffer COR_NONE. NULL
 * with COR_EKEY and PyTorch's text if it is not there or is something else. */
COR_API cor_module *cor_get_submodule(cor_module *m, const char *path);
COR_API cor_tensor *cor_get_parameter(cor_module *m, const char *path);
COR_API cor_tensor *cor_get_buffer(cor_module *m, const char *path);

#define COR_SET_SUBMODULE_OPTIONS(_) _(bool, strict, false) /* true: only replaces */
COR_DECLARE_OPTIONS(cor_set_submodule_options, COR_SET_SUBMODULE_OPTIONS)
/* Replaces or adds the module at a dotted path; the path up to its last part must exist. Returns COR_OK or a code:
 * COR_EKEY as above, COR_EVALUE for an empty path or a child of NULL. */
COR_API int cor_set_submodule_with(cor_module *m, const char *path, cor_module *child,
                                   const cor_set_submodule_options *options) COR_MUST_CHECK;
#define cor_set_submodule(m, path, child, ...)                                                                         \
    COR__CALL(                                                                                                         \
        cor_set_submodule_with((m), (path), COR_MODULE(child),                                                         \
                               COR__OPTIONS(cor_set_submodule_options, COR_SET_SUBMODULE_OPTIONS, ##__VA_ARGS__)))

/* ---- calling ---------------------------------------------------------------------------------------------------- */

/* Runs the hooks and the forward. Everything made inside is released, but for the result, which belongs to the caller's
 * innermost scope. NULL with an error pending that names the module's path. */
COR_API cor_tensor *cor_call_with(cor_module *m, cor_tensor *input);
#define cor_call(m, input) cor_call_with(COR_MODULE(m), (input))
/* The same for several inputs and outputs. out[0..n_out) are NULL on failure. */
COR_API int cor_call_n(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out);
/* The same for several inputs and one output, which is returned as cor_call's is: cor_call2(criterion, x, target). */
COR_API cor_tensor *cor_call_of(cor_module *m, cor_list inputs);
#define cor_call2(m, a, b) cor_call_of(COR_MODULE(m), COR_TENSORS((a), (b)))
#define cor_call3(m, a, b, c) cor_call_of(COR_MODULE(m), COR_TENSORS((a), (b), (c)))

/* Hooks. A pre hook may put other tensors in inputs[i], a forward hook in outputs[i]; each returns COR_OK or a code,
 * which ends the call. Run in the order of registration, those with prepend first. always_call: runs after a failure
 * too, with NULL among the outputs that are not there. m NULL registers for every module, run before a module's own;
 * this may happen while other threads call. Hooks may register and remove hooks: the pre hooks of a call are those
 * there when it begins, its forward hooks those there after the forward. Return an id (positive) for cor_remove_hook,
 * or a code. */
typedef int (*cor_forward_pre_hook)(cor_module *m, cor_tensor **inputs, int n, void *context);
typedef int (*cor_forward_hook)(cor_module *m, cor_tensor *const *inputs, int n_in, cor_tensor **outputs, int n_out,
                                void *context);
#define COR_HOOK_OPTIONS(_)                                                                                            \
    _(bool, prepend, false)                                                                                            \
    _(bool, always_call, false)
COR_DECLARE_OPTIONS(cor_hook_options, COR_HOOK_OPTIONS)
COR_API int64_t cor_register_forward_pre_hook_with(cor_module *m, cor_forward_pre_hook hook, void *context,
                                                   const cor_hook_options *options);
#define cor_register_forward_pre_hook(m, hook, context, ...)                                                           \
    COR__CALL(cor_register_forward_pre_hook_with((m), (hook), (context),                                               \
                                                 COR__OPTIONS(cor_hook_options, COR_HOOK_OPTIONS, ##__VA_ARGS__)))
COR_API int64_t cor_register_forward_hook_with(cor_module *m, cor_forward_hook hook, void *context,
                                               const cor_hook_options *options);
#define cor_register_forward_hook(m, hook, context, ...)                                                               \
    COR__CALL(cor_register_forward_hook_with((m), (hook), (context),                                                   \
                                             COR__OPTIONS(cor_hook_options, COR_HOOK_OPTIONS, ##__VA_ARGS__)))
#define COR_BACKWARD_HOOK_OPTIONS(_) _(bool, prepend, false)
COR_DECLARE_OPTIONS(cor_backward_hook_options, COR_BACKWARD_HOOK_OPTIONS)
/* Hooks on the gradients of a module's inputs and outputs (register_full_backward_hook and its pre hook). An entry is
 * NULL where no gradient came, or where there was no tensor. The pre hook runs when those of the outputs have come, and
 * may put others in their places; the hook when those of the inputs have come, and may replace them. When no input of
 * the call requires grad, it runs right after the pre hooks with nothing but NULL, which it must leave. Each returns
 * COR_OK or a code, which ends the pass. The hooks of a pass are those the module had when it was called, so
 * that the context of a removed one must outlive the graphs of earlier calls. Inputs and outputs of a call with such
 * hooks are views that must not be changed in place. */
typedef int (*cor_full_backward_pre_hook)(cor_module *m, cor_tensor **grad_output, int n, void *context);
typedef int (*cor_full_backward_hook)(cor_module *m, cor_tensor **grad_input, int n_in, cor_tensor *const *grad_output,
                                      int n_out, void *context);
/* Ids, codes, NULL for every module and removal as of forward hooks. */
COR_API int64_t cor_register_full_backward_pre_hook_with(cor_module *m, cor_full_backward_pre_hook hook, void *context,
                                                         const cor_backward_hook_options *options);
#define cor_register_full_backward_pre_hook(m, hook, context, ...)                                                     \
    COR__CALL(cor_register_full_backward_pre_hook_with(                                                                \
        (m), (hook), (context), COR__OPTIONS(cor_backward_hook_options, COR_BACKWARD_HOOK_OPTIONS, ##__VA_ARGS__)))
COR_API int64_t cor_register_full_backward_hook_with(cor_module *m, cor_full_backward_hook hook, void *context,
                                                     const cor_backward_hook_options *options);
#define cor_register_full_backward_hook(m, hook, context, ...)                                                         \
    COR__CALL(cor_register_full_backward_hook_with(                                                                    \
        (m), (hook), (context), COR__OPTIONS(cor_backward_hook_options, COR_BACKWARD_HOOK_OPTIONS, ##__VA_ARGS__)))
/* Hooks on the registration of every parameter, buffer or child on every module: may put another in the place of what
 * is being registered (NULL in *child: an empty entry). Not run for an empty parameter. Ids and codes as above. */
typedef int (*cor_tensor_registration_hook)(cor_module *m, const char *name, cor_tensor **tensor, void *context);
typedef int (*cor_module_registration_hook)(cor_module *m, const char *name, cor_module **child, void *context);
COR_API int64_t cor_register_parameter_registration_hook(cor_tensor_registration_hook hook, void *context);
COR_API int64_t cor_register_buffer_registration_hook(cor_tensor_registration_hook hook, void *context);
COR_API int64_t cor_register_module_registration_hook(cor_module_registration_hook hook, void *context);

/* Removes the hook with that id, of any kind, from m (NULL: the hooks of every module). COR_EKEY if there is none;
 * COR_ENOMEM, and the hook stays, only for one of several while they run. */
COR_API int cor_remove_hook(cor_module *m, int64_t id) COR_MUST_CHECK;

/* ---- walking ---------------------------------------------------------------------------------------------------- */

/* An ordered map from names to tensors or modules: state_dicts and the lists of named_*. A new one belongs to the
 * innermost open scope and holds references to what it maps to. */
typedef struct cor_dict cor_dict;

/* Returns an empty map. */
COR_API cor_dict *cor_dict_new(void);
/* Ownership as for tensors. */
COR_API cor_dict *cor_dict_retain(cor_dict *d);
COR_API void cor_dict_release(cor_dict *d);
COR_API cor_dict *cor_dict_take(cor_dict *d);
COR_API cor_dict *cor_dict_keep(cor_dict *d);
/* Maps name to t, or with COR_NONE to nothing; a name that is there keeps its place. Returns COR_OK, COR_EVALUE or
 * COR_ENOMEM. */
COR_API int cor_dict_set(cor_dict *d, const char *name, cor_tensor *t);
/* Returns whether a name is there; false for NULL. */
COR_API bool cor_dict_contains(const cor_dict *d, const char *name);
/* Removes a name. COR_EKEY if it is not there. */
COR_API int cor_dict_delete(cor_dict *d, const char *name) COR_MUST_CHECK;
/* Returns how many names there are; 0 for NULL. */
COR_API int64_t cor_dict_count(const cor_dict *d);
/* Returns name, tensor or module number i, borrowed; NULL outside, or where it is of the other kind. */
COR_API const char *cor_dict_name_at(const cor_dict *d, int64_t i);
COR_API cor_tensor *cor_dict_tensor_at(const cor_dict *d, int64_t i);
COR_API cor_module *cor_dict_module_at(const cor_dict *d, int64_t i);
/* Returns the tensor of a name, borrowed; NULL, without an error, if there is none. */
COR_API cor_tensor *cor_dict_get(const cor_dict *d, const char *name);
/* The version of the module at a path that a state_dict was made from (its _metadata); -1 when there is none. */
COR_API int64_t cor_dict_version(const cor_dict *d, const char *path);
COR_API int cor_dict_set_version(cor_dict *d, const char *path, int64_t version);

#define COR_NAMED_OPTIONS(_)                                                                                           \
    _(const char *, prefix, "")                                                                                        \
    _(bool, recurse, true)                                                                                             \
    _(bool, remove_duplicate, true)
COR_DECLARE_OPTIONS(cor_named_options, COR_NAMED_OPTIONS)
/* Return what m has under its names, in PyTorch's order: pre-order over modules, each module's own entries in the order
 * of registration; empty entries are left out, and so are repeats unless .remove_duplicate = false. */
COR_API cor_dict *cor_named_parameters_with(cor_module *m, const cor_named_options *options);
COR_API cor_dict *cor_named_buffers_with(cor_module *m, const cor_named_options *options);
COR_API cor_dict *cor_named_modules_with(cor_module *m, const cor_named_options *options);
#define COR__NAMED(function, m, ...)                                                                                   \
    COR__CALL(function(COR_MODULE(m), COR__OPTIONS(cor_named_options, COR_NAMED_OPTIONS, ##__VA_ARGS__)))
#define cor_named_parameters(m, ...) COR__NAMED(cor_named_parameters_with, m, ##__VA_ARGS__)
#define cor_named_buffers(m, ...) COR__NAMED(cor_named_buffers_with, m, ##__VA_ARGS__)
#define cor_named_modules(m, ...) COR__NAMED(cor_named_modules_with, m, ##__VA_ARGS__)
/* Returns the direct children, without empty entries and repeats. */
COR_API cor_dict *cor_named_children(cor_module *m);
/* The same by PyTorch's shorter names. The parameters are what an optimizer takes. */
#define cor_parameters(m, ...) cor_named_parameters(m, ##__VA_ARGS__)
#define cor_buffers(m, ...) cor_named_buffers(m, ##__VA_ARGS__)
#define cor_modules(m, ...) cor_named_modules(m, ##__VA_ARGS__)
#define cor_children(m) cor_named_children(COR_MODULE(m))

/* ---- state ------------------------------------------------------------------------------------------------------ */

#define COR_STATE_DICT_OPTIONS(_)                                                                                      \
    _(const char *, prefix, "")                                                                                        \
    _(bool, keep_vars, false) /* the parameters themselves instead of detached tensors on their memory */
COR_DECLARE_OPTIONS(cor_state_dict_options, COR_STATE_DICT_OPTIONS)
/* Returns all parameters, persistent buffers and extra states under their dotted names, with the versions of the
 * modules. */
COR_API cor_dict *cor_state_dict_with(cor_module *m, const cor_state_dict_options *options);
#define cor_state_dict(m, ...)                                                                                         \
    COR__CALL(cor_state_dict_with(COR_MODULE(m),                                                                       \
                                  COR__OPTIONS(cor_state_dict_options, COR_STATE_DICT_OPTIONS, ##__VA_ARGS__)))

#define COR_LOAD_OPTIONS(_)                                                                                            \
    _(bool, strict, true)                                                                                              \
    _(bool, assign, false)           /* the dict's tensors themselves instead of copies into the module's */           \
    _(cor_dict **, missing, NULL)    /* gets the names that the dict lacks */                                          \
    _(cor_dict **, unexpected, NULL) /* gets the names that the module lacks */
COR_DECLARE_OPTIONS(cor_load_options, COR_LOAD_OPTIONS)
/* Copies the dict's tensors into m's parameters and buffers of the same names. What fits is copied even when something
 * else does not. Returns COR_OK, or COR_ESTATE with PyTorch's text that lists all that is wrong. */
COR_API int cor_load_state_dict_with(cor_module *m, cor_dict *dict, const cor_load_options *options);
#define cor_load_state_dict(m, dict, ...)                                                                              \
    COR__CALL(cor_load_state_dict_with(COR_MODULE(m), (dict),                                                          \
                                       COR__OPTIONS(cor_load_options, COR_LOAD_OPTIONS, ##__VA_ARGS__)))

/* Hooks on state_dict and load_state_dict, of one module; each returns COR_OK or a code, which ends the call. Ids and
 * removal as of forward hooks. A state_dict's pre hook runs before m's own entries are saved, its post hook, which may
 * edit the dict, when m and all below are in it; prefix is m's path, "" or with a dot at its end. */
typedef int (*cor_state_dict_pre_hook)(cor_module *m, const char *prefix, bool keep_vars, void *context);
typedef int (*cor_state_dict_post_hook)(cor_module *m, cor_dict *dict, const char *prefix, void *context);
COR_API int64_t cor_register_state_dict_pre_hook(cor_module *m, cor_state_dict_pre_hook hook, void *context);
COR_API int64_t cor_register_state_dict_post_hook(cor_module *m, cor_state_dict_post_hook hook, void *context);

/* A load as its hooks see it. They may edit the four maps; the last three hold names only (cor_dict_set with
 * COR_NONE). */
typedef struct cor_loading {
    cor_dict *dict;     /* what is loaded into m and all below: a copy of the names that begin with prefix */
    const char *prefix; /* m's path, "" or with a dot at its end */
    int64_t version;    /* of m when it was saved; -1 where the dict does not say */
    cor_dict *missing, *unexpected; /* names so far */
    cor_dict *problems;             /* what else was wrong so far: texts, of which each becomes a line of the error */
} cor_loading;
/* The pre hook runs before m's own entries are loaded, the post hook when m and all below are. */
typedef int (*cor_load_hook)(cor_module *m, cor_loading *loading, void *context);
COR_API int64_t cor_register_load_state_dict_pre_hook(cor_module *m, cor_load_hook hook, void *context);
COR_API int64_t cor_register_load_state_dict_post_hook(cor_module *m, cor_load_hook hook, void *context);

/* ---- modes ------------------------------------------------------------------------------------------------------ */

/* Set training mode on m and all below (Module.train, Module.eval). Return COR_OK or the pending code. */
COR_API int cor_train_with(cor_module *m, bool training);
#define cor_train(m) cor_train_with(COR_MODULE(m), true)
#define cor_eval(m) cor_train_with(COR_MODULE(m), false)
/* Returns whether m is in training mode (a new module is); false for NULL. */
COR_API bool cor_is_training(const cor_module *m);
/* Sets requires_grad on all parameters of m (Module.requires_grad_). */
COR_API int cor_module_requires_grad_(cor_module *m, bool requires_grad);

#define COR_ZERO_GRAD_OPTIONS(_) _(bool, set_to_none, true) /* false: the gradients stay, and are filled with zeros */
COR_DECLARE_OPTIONS(cor_zero_grad_options, COR_ZERO_GRAD_OPTIONS)
/* Drops the gradients of all parameters of m (Module.zero_grad). Returns COR_OK or the pending code. */
COR_API int cor_module_zero_grad_with(cor_module *m, const cor_zero_grad_options *options);
#define cor_module_zero_grad(m, ...)                                                                                   \
    COR__CALL(cor_module_zero_grad_with(COR_MODULE(m),                                                                 \
                                        COR__OPTIONS(cor_zero_grad_options, COR_ZERO_GRAD_OPTIONS, ##__VA_ARGS__)))
/* Casts all floating parameters, their gradients, and buffers of m to a floating dtype (Module.to, float, double, half,
 * bfloat16); the tensors stay the same objects. Returns COR_OK, COR_EDTYPE for another dtype, or COR_ENOMEM. */
COR_API int cor_module_to(cor_module *m, cor_dtype dtype);
/* Calls function on every module below m, children first, then on m (Module.apply); on a child that m has twice, once.
 * A code other than COR_OK ends it. */
COR_API int cor_module_apply(cor_module *m, int (*function)(cor_module *m, void *context), void *context);

/* Returns what PyTorch's print shows of the module, to be freed with cor_free_text; NULL with an error pending. */
COR_API char *cor_module_repr(cor_module *m);
/* Prints that and a newline to stdout; NULL and errors as cor_print. */
COR_API int cor_print_module_with(cor_module *m);
#define cor_print_module(m) cor_print_module_with(COR_MODULE(m))

COR_END
#endif
