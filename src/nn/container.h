/* container.h: what the containers share. Their items are their children or, of the two that hold parameters, those. */
#ifndef COR_NN_CONTAINER_H
#define COR_NN_CONTAINER_H

#include "nn/layer.h"

/* An empty container. NULL with an error pending. */
cor_module *cor__container_new(cor__module_kind kind);

/* A Sequential that prints under another name. NULL with an error pending. */
cor_module *cor__sequential_named(const char *name, cor_module_list modules);

/* Which of its entries are its items. */
cor__entry_kind cor__item_kind(const cor_module *container);

/* The item at a position, which may be counted from the end. NULL with an error pending. */
cor__entry *cor__item_at(cor_module *container, int64_t index, const char *call);

/* The text of ParameterList and ParameterDict. */
int cor__parameters_extra(cor_module *m, char *buffer, size_t n);

#endif
