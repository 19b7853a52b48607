/* layer.h: what the library's layers share. */
#ifndef COR_NN_LAYER_H
#define COR_NN_LAYER_H

#include "nn/module.h"
#include <corrie/nn.h>

/* A module of the library's: cor_module_new_with with these options. */
cor_module *cor__layer_new(size_t size, const char *name, cor_forward forward, cor_module_function init,
                           const void *arguments, cor_extra_repr extra);

/* The same with a forward of several inputs or outputs. */
cor_module *cor__layer_new_n(size_t size, const char *name, cor_forward_n forward, cor_module_function init,
                             const void *arguments, cor_extra_repr extra);

/* A Linear that prints under another name. */
cor_module *cor__linear_new(const char *name, int64_t in_features, int64_t out_features, bool bias);

/* Ends an extra_repr: copies the text to the buffer as snprintf would, frees it and returns its length. */
int cor__extra_end(cor__text *text, char *buffer, size_t n);

/* Appends a value per spatial dimension as Python shows it: "3" or, as a tuple, "(3, 5)". */
void cor__extra_sizes(cor__text *text, const int64_t *values, int n, bool as_tuple);

/* Writes an option's plain and plural form into values[0..n); true if the plural was given. */
bool cor__layer_sizes(int64_t plain, const int64_t *plural, int n, int64_t *values);

/* An uninitialised parameter of float32. NULL with an error pending. */
cor_tensor *cor__new_parameter(const int64_t *sizes, int n);

/* PyTorch's default initialisation of a linear or convolution layer: the weight as kaiming_uniform_ with a = sqrt(5),
 * then the bias, unless it is COR_NONE, uniform within 1/sqrt(fan_in). Draws from the default generator. */
int cor__init_layer(cor_tensor *weight, cor_tensor *bias);

/* Sets every element of a parameter or buffer, without recording. */
int cor__init_constant(cor_tensor *t, double value);

#endif
