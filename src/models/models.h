/* models.h: what a family of networks gives to the list of them. */
#ifndef COR_MODELS_MODELS_H
#define COR_MODELS_MODELS_H

#include <corrie/models.h>

/* What a family tells its members apart by. */
typedef struct cor__model_variant {
    int64_t stages[5]; /* blocks of each stage of a deep one */
} cor__model_variant;

/* What builds them. Every option holds a value, but for a dropout where there is none. Return the network, owned by the
 * innermost scope; NULL with an error pending. */
typedef cor_module *cor__model_builder(const cor_model_options *o, const cor__model_variant *variant);
cor__model_builder cor__lenet, cor__course;

#endif
