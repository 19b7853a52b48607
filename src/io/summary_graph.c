/* summary_graph.c: the tree of modules as a graph in an event file. */
#include "base/error.h"
#include "io/events.h"
#include "nn/module.h"
#include "ops/op.h"
#include "tensor/tensor.h"

enum { NODE = 1, NODE_NAME = 1, NODE_OP = 2, NODE_INPUT = 3, NODE_ATTRIBUTE = 5, PRODUCER = 22 };

/* The name of an attribute, and its value: a text, or a number for text NULL. */
static void put_attribute(cor__text *record, const char *name, const char *text, int64_t number) {
    size_t entry = cor__proto_open(record, NODE_ATTRIBUTE);
    cor__proto_string(record, 1, name);
    size_t value = cor__proto_open(record, 2);
    if (text != NULL) cor__proto_string(record, 2, text);
    else cor__proto_int(record, 3, number);
    cor__proto_close(record, value);
    cor__proto_close(record, entry);
}

static int64_t own_parameters(const cor__module *state) {
    int64_t n = 0;
    for (int i = 0; i < state->n; i++)
        if (state->entries[i].kind == COR__PARAMETER && state->entries[i].tensor != NULL)
            n += state->entries[i].tensor->numel;
    return n;
}

static bool has_children(const cor__module *state) {
    for (int i = 0; i < state->n; i++)
        if (state->entries[i].child != NULL) return true;
    return false;
}

/* One module; `before` is the node whose output it takes, NULL when that is not known. */
static void put_node(cor__text *record, cor_module *m, const char *path, const char *before) {
    const cor__module *state = cor__state(m);
    size_t node = cor__proto_open(record, NODE);
    cor__proto_string(record, NODE_NAME, path);
    cor__proto_string(record, NODE_OP, state->name);
    if (before != NULL) cor__proto_string(record, NODE_INPUT, before);
    char *text = has_children(state) ? NULL : cor_module_repr(m);
    if (text != NULL) put_attribute(record, "module", text, 0);
    cor_free_text(text);
    put_attribute(record, "parameters", NULL, own_parameters(state));
    cor__proto_close(record, node);
}

/* A module and all below; *path is its name and comes back as it was. */
static void put_tree(cor__text *record, cor_module *m, cor__text *path, const char *before) {
    const cor__module *state = cor__state(m);
    const bool in_order = state->kind == COR__SEQUENTIAL;
    size_t length = path->length;
    cor__text previous = {0};
    put_node(record, m, path->data, before);
    for (int i = 0; i < state->n && cor_error() == COR_OK; i++) {
        if (state->entries[i].child == NULL) continue;
        cor__text_format(path, "/%s", state->entries[i].name);
        if (path->failed) break;
        put_tree(record, state->entries[i].child, path, in_order && previous.length > 0 ? previous.data : NULL);
        previous.length = 0;
        cor__text_append(&previous, path->data);
        path->length = length;
        path->data[length] = '\0';
    }
    cor__text_free(&previous);
}

int cor_summary_add_graph_with(cor_summary_writer *w, cor_module *m, const cor_summary_options *options) {
    if (cor__summary_check(w, "", m) != COR_OK) return cor_error();
    if (cor__check_options(options, sizeof *options, "add_graph") != COR_OK) return cor_error();
    cor__text record, path = {0};
    cor__event_begin(&record, options == NULL ? 0 : options->walltime, 0);
    size_t graph = cor__proto_open(&record, COR__EVENT_GRAPH);
    cor__text_append(&path, cor_module_name(m));
    if (!path.failed) put_tree(&record, m, &path, NULL);
    size_t versions = cor__proto_open(&record, 4);
    cor__proto_int(&record, 1, PRODUCER);
    cor__proto_close(&record, versions);
    cor__proto_close(&record, graph);
    cor__text_free(&path);
    return cor__events_append(&w->events, &record);
}
