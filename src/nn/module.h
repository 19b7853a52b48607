/* module.h: the inside of a module. */
#ifndef COR_NN_MODULE_H
#define COR_NN_MODULE_H

#include "base/object.h"
#include "base/text.h"
#include <corrie/module.h>

enum { COR__MAX_DEPTH = 1000, COR__PATH = 1024 }; /* of a tree of modules; bytes of a dotted path */

typedef enum cor__entry_kind { COR__PARAMETER, COR__BUFFER, COR__CHILD } cor__entry_kind;

/* One registered name. The entry's own reference is what counts; a slot is a pointer in the user's struct that is kept
 * equal to it. */
typedef struct cor__entry {
    char *name;
    cor__entry_kind kind;
    bool persistent;
    void *slot;         /* the address of the user's pointer field, or NULL */
    cor_tensor *tensor; /* owned; NULL for an empty entry */
    cor_module *child;  /* owned through its state; NULL for an empty entry */
} cor__entry;

typedef enum cor__hook_kind {
    COR__FORWARD_PRE,
    COR__FORWARD,
    COR__BACKWARD_PRE,
    COR__BACKWARD,
    COR__SAVE_PRE,
    COR__SAVE_POST,
    COR__LOAD_PRE,
    COR__LOAD_POST,
    COR__REGISTER_PARAMETER,
    COR__REGISTER_BUFFER,
    COR__REGISTER_MODULE
} cor__hook_kind;

/* Any hook; it is called through its kind's own type. */
typedef void (*cor__function)(void);

typedef struct cor__hook {
    int64_t id;
    cor__hook_kind kind;
    cor__function function;
    void *context;
    bool always_call;
} cor__hook;

/* Hooks of all kinds in the order in which they run. While somebody runs a list, by a reference of its own, the list
 * stays as it is: a change makes another one. */
typedef struct cor__hooks {
    cor__object object;
    int n, capacity;
    cor__hook at[];
} cor__hooks;

/* The hooks of a kind that run on a module: those for every module, then its own. As PyTorch, a run goes on with those
 * it began with when hooks register and remove hooks. It allocates nothing, so it cannot fail. */
typedef struct cor__hook_run {
    cor__hooks *lists[2]; /* owned; NULL: none */
    cor__hook_kind kind;
    int list, at;
} cor__hook_run;

/* What modules of the library's own kinds do differently. */
typedef enum cor__module_kind {
    COR__PLAIN,
    COR__SEQUENTIAL,
    COR__MODULE_LIST,
    COR__MODULE_DICT,
    COR__PARAMETER_LIST,
    COR__PARAMETER_DICT
} cor__module_kind;

typedef struct cor__module {
    cor__object object;
    cor_module *self; /* the user's struct; it begins with the cor_module that points back here */
    size_t size;      /* of that struct */
    char *name;
    cor_forward forward;
    cor_forward_n forward_n;
    cor_extra_repr extra_repr;
    cor_module_function destroy;
    cor_get_extra_state get_extra_state;
    cor_set_extra_state set_extra_state;
    const void *arguments; /* while init runs */
    int64_t version;
    cor__module_kind kind;
    bool training;
    cor__entry *entries;
    int n, capacity;
    cor__hooks *hooks; /* owned; NULL: none */
    /* BatchNorm fills in what old checkpoints lack: called before this module's own entries are loaded. */
    int (*before_load)(cor_module *m, cor_loading *loading);
} cor__module;

/* The state behind m. */
static inline cor__module *cor__state(const cor_module *m) { return m->base; }

/* Whether m is given and nothing is pending; says otherwise that `call` got no module. */
bool cor__module_ready(const cor_module *m, const char *call);

/* The entry of a name, of any kind (kind < 0) or of one; NULL if there is none. _n: the name's first n bytes. */
cor__entry *cor__entry_find(const cor__module *state, const char *name, int kind);
cor__entry *cor__entry_find_n(const cor__module *state, const char *name, size_t n, int kind);

/* Whether an entry belongs in a state_dict: a parameter or a persistent buffer that is there. */
bool cor__is_state(const cor__entry *entry);

/* A module's path in a state_dict's versions: its prefix without the dot at the end. */
void cor__path_of_prefix(char path[COR__PATH], const char *prefix);

/* The name of what get_extra_state gives. */
#define COR__EXTRA_STATE "_extra_state"

/* Removes entry i, releasing what it holds. */
void cor__entry_remove(cor__module *state, int i);

/* Maps name to a tensor or a module in a dict; for named_* and state_dict. */
int cor__dict_add(cor_dict *d, const char *name, cor_tensor *t, cor_module *m);

/* A new dict, of the innermost scope, of what has a name that begins with prefix. NULL with an error pending. */
cor_dict *cor__dict_under(const cor_dict *d, const char *prefix);

/* Drops the gradient of a parameter, or fills it with zeros, detached. */
int cor__zero_grad(cor_tensor *parameter, bool set_to_none);

/* Whether m, or every module, has hooks of any kind. */
bool cor__hooks_any(const cor_module *m);

/* Begins a run on m, gives the next hook, NULL after the last, and ends the run. */
cor__hook_run cor__module_hooks_begin(const cor_module *m, cor__hook_kind kind);
const cor__hook *cor__module_hooks_next(cor__hook_run *run);
void cor__module_hooks_end(cor__hook_run *run);

/* What a hook's return comes to: an error pending makes a failure of it, a failure an error. */
int cor__hook_verdict(int code, const char *what, const cor_module *m);

/* One call of a module with backward hooks: they are those that it has when the call begins. NULL, without an error
 * when it has none. */
typedef struct cor__watch cor__watch;
cor__watch *cor__watch_new(cor_module *m);
/* Lets the inputs, before the forward, and then the outputs lead through the hooks: entries become views of themselves
 * where one of them requires grad. COR_OK or a code. NULL is ignored. */
int cor__watch_inputs(cor__watch *watch, cor_tensor **inputs, int n);
int cor__watch_outputs(cor__watch *watch, cor_tensor **outputs, int n);

/* Run the hooks of a kind, those for every module first. after: `code` is what the forward came to, and the result what
 * the call comes to. */
int cor__hooks_before(cor_module *m, cor_tensor **inputs, int n);
int cor__hooks_after(cor_module *m, cor_tensor *const *inputs, int n_in, cor_tensor **outputs, int n_out, int code);
int cor__hooks_save(cor__hook_kind kind, cor_module *m, cor_dict *dict, const char *prefix, bool keep_vars);
int cor__hooks_load(cor__hook_kind kind, cor_module *m, cor_loading *loading);
int cor__hooks_registration(cor__hook_kind kind, cor_module *m, const char *name, cor_tensor **tensor,
                            cor_module **child);

/* Another forward for one call, and what it reads beside the input. */
typedef struct cor__variant {
    cor_tensor *(*forward)(cor_module *m, cor_tensor *input, const struct cor__variant *variant);
    cor_dims sizes;
} cor__variant;

/* cor_call with the variant's forward instead of m's own; variant NULL: with its own. */
cor_tensor *cor__call_as(cor_module *m, cor_tensor *input, const cor__variant *variant);

#endif
