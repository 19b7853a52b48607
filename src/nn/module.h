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

typedef enum cor__hook_kind { COR__FORWARD_PRE, COR__FORWARD, COR__HOOK_KINDS } cor__hook_kind;

typedef struct cor__hook {
    int64_t id;
    cor_forward_pre_hook before;
    cor_forward_hook after;
    void *context;
    bool always_call;
} cor__hook;

typedef struct cor__hooks {
    cor__hook *at;
    int n, capacity;
} cor__hooks;

/* What modules of the library's own kinds do differently. */
typedef enum cor__module_kind { COR__PLAIN, COR__SEQUENTIAL, COR__MODULE_LIST, COR__MODULE_DICT } cor__module_kind;

typedef struct cor__module {
    cor__object object;
    cor_module *self; /* the user's struct; it begins with the cor_module that points back here */
    size_t size;      /* of that struct */
    char *name;
    cor_forward forward;
    cor_forward_n forward_n;
    cor_extra_repr extra_repr;
    cor_module_function destroy;
    const void *arguments; /* while init runs */
    int64_t version;
    cor__module_kind kind;
    bool training;
    cor__entry *entries;
    int n, capacity;
    cor__hooks hooks[COR__HOOK_KINDS];
    /* BatchNorm fills in what old checkpoints lack: called before this module's own entries are loaded. */
    int (*before_load)(cor_module *m, cor_dict *dict, const char *prefix);
} cor__module;

/* The state behind m. */
static inline cor__module *cor__state(const cor_module *m) { return m->base; }

/* Whether m is given and nothing is pending; says otherwise that `call` got no module. */
bool cor__module_ready(const cor_module *m, const char *call);

/* The entry of a name, of any kind (kind < 0) or of one; NULL if there is none. */
cor__entry *cor__entry_find(const cor__module *state, const char *name, int kind);

/* Removes entry i, releasing what it holds. */
void cor__entry_remove(cor__module *state, int i);

/* Maps name to a tensor or a module in a dict; for named_* and state_dict. */
int cor__dict_add(cor_dict *d, const char *name, cor_tensor *t, cor_module *m);

/* A new dict with the same contents, of the innermost scope. NULL with an error pending. */
cor_dict *cor__dict_copy(const cor_dict *d);

/* Releases all hooks (when the module goes). */
void cor__hooks_free(cor__hooks *hooks);

#endif
