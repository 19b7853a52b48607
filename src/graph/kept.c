/* kept.c: what nodes keep for their formulas, given out again. */
#include "base/error.h"
#include "base/text.h"
#include "graph/node.h"
#include <string.h>

const char *cor__operation_of(const char *node, char name[COR__OPERATION_TEXT]) {
    cor__format(name, COR__OPERATION_TEXT, "%s", node);
    char *end = NULL;
    for (char *at = name; (at = strstr(at, "Backward")) != NULL; at++) end = at; /* a name may begin with it */
    if (end != NULL) *end = '\0';
    return name;
}

/* An input is named by what it is now the result of, a result by the node that keeps it. */
static const char *writer_of(const cor_tensor *t) {
    if (t->storage->writer == NULL) return NULL;
    return t->flags & COR__KEPT_VIEW ? "AsStridedBackward0" : t->storage->writer;
}

static cor_tensor *refuse_changed(const cor_tensor *t, int64_t kept, int64_t now, const char *maker, int output) {
    char sizes[COR__SIZES_TEXT], from[96] = "", name[COR__OPERATION_TEXT];
    if (maker != NULL)
        cor__format(from, sizeof from, ", which is output %d of %s,", output, cor__operation_of(maker, name));
    return cor__fail_null(COR_ESTATE,
                          "one of the variables needed for gradient computation has been modified by an inplace "
                          "operation: [torch.%s %s]%s is at version %lld; expected version %lld instead. Hint: enable "
                          "anomaly detection to find the operation that failed to compute its gradient, with "
                          "torch.autograd.set_detect_anomaly(True, check_nan=False).",
                          cor__legacy_type_name(t->dtype), cor__sizes_text(sizes, t->sizes, t->ndim), from,
                          (long long)now, (long long)kept);
}

/* The tensor itself, or one with the history that the kept one had. */
static cor_tensor *give(const cor__backward *pass, const cor__saved *saved, cor__node *maker, int output,
                        bool history) {
    cor_tensor *t = saved->tensor;
    if (pass->node->released)
        return cor__fail_null(
            COR_ESTATE,
            "Trying to backward through the graph a second time (or directly access saved tensors after they have "
            "already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
            "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if "
            "you need to access saved tensors after calling backward.");
    if (t == NULL) return cor__fail_null(COR_ESTATE, "%s: a tensor is asked for that was not kept", pass->node->name);
    const int64_t now = atomic_load(&t->storage->version);
    if (now != saved->version) {
        const char *writer = maker == pass->node ? NULL : writer_of(t);
        if (writer != NULL) return refuse_changed(t, saved->version, now, writer, 0);
        return refuse_changed(t, saved->version, now, maker == NULL ? NULL : maker->name, output);
    }
    if (!history || maker == NULL) return t;
    cor_tensor *made = cor__tensor_over(t->storage, t->dtype, t->sizes, t->strides, t->ndim, t->offset);
    if (made == NULL) return NULL;
    cor__set_history(made, maker, output);
    return cor__scope_add(made);
}

cor_tensor *cor__kept_input(cor__backward *pass, int i) {
    const cor__edge *edge = &pass->node->edges[i];
    return give(pass, &edge->saved, edge->node, edge->output, pass->create_graph);
}

cor_tensor *cor__kept_more(cor__backward *pass, int i) {
    const cor__keepsake *kept = &pass->node->more[i];
    if (kept->saved.tensor == NULL && !pass->node->released) return COR_NONE;
    return give(pass, &kept->saved, kept->own ? pass->node : kept->maker, kept->output, true);
}

cor_tensor *cor__kept_output(cor__backward *pass, int k) {
    return give(pass, &pass->node->results[k].saved, pass->node, k, pass->create_graph);
}
