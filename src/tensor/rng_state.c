/* rng_state.c: the default generator's state as a tensor. */
#include "base/error.h"
#include "tensor/tensor.h"
#include <corrie/creation.h>
#include <corrie/random.h>

cor_tensor *cor_get_rng_state(void) {
    const int64_t size = COR_GENERATOR_STATE;
    cor_scope();
    cor_tensor *state = cor_empty_sized(COR_UINT8, &size, 1);
    if (state == NULL || cor_generator_get_state(cor_default_generator(), cor__data(state), (size_t)size) != COR_OK)
        return NULL;
    return cor_keep(state);
}

int cor_set_rng_state(const cor_tensor *state) {
    if (cor_error() != COR_OK) return cor_error();
    if (state == NULL || state == COR_NONE)
        return cor__fail(COR_EVALUE, "expected a torch.ByteTensor, but got %s", state == NULL ? "NULL" : "NoneType");
    if (state->dtype != COR_UINT8) return cor__fail(COR_EDTYPE, "RNG state must be a torch.ByteTensor");
    if (!cor_is_contiguous(state)) return cor__fail(COR_EVALUE, "RNG state must be contiguous");
    return cor_generator_set_state(cor_default_generator(), cor__data(state), (size_t)state->numel);
}
