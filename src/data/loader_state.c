/* loader_state.c: where a loader stands, as bytes. Numbers are little-endian. */
#include "base/error.h"
#include "data/loader.h"
#include "tensor/tensor.h"
#include <corrie/creation.h>
#include <string.h>

/* Numbers of 8 bytes after the mark, then the state of the permutation's generator. */
enum { MARK = 8, AT_SAMPLES, AT_BATCH_SIZE, AT_SHUFFLE, AT_DROP_LAST, AT_DELIVERED, AT_BASE_SEED, PAST_NUMBERS };
enum { FIRST = AT_SAMPLES, NUMBERS = PAST_NUMBERS - FIRST, SIZE = MARK + 8 * NUMBERS + COR_GENERATOR_STATE };

static const unsigned char mark[MARK] = "CORLOAD";

static unsigned char *place(unsigned char *bytes, int number) { return bytes + MARK + 8 * (number - FIRST); }

static void put(unsigned char *bytes, int number, int64_t value) {
    for (int i = 0; i < 8; i++) place(bytes, number)[i] = (unsigned char)((uint64_t)value >> 8 * i);
}

static int64_t get(unsigned char *bytes, int number) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value |= (uint64_t)place(bytes, number)[i] << 8 * i;
    return (int64_t)value;
}

cor_tensor *cor_loader_state(const cor_loader *loader) {
    if (cor__check_loader(loader, "loader_state") != COR_OK) return NULL;
    cor_tensor *state = cor_zeros_of(COR_UINT8, SIZE);
    if (state == NULL) return NULL;
    unsigned char *bytes = cor__data(state);
    memcpy(bytes, mark, MARK);
    put(bytes, AT_SAMPLES, loader->sampler.n);
    put(bytes, AT_BATCH_SIZE, loader->o.batch_size);
    put(bytes, AT_SHUFFLE, loader->o.shuffle);
    put(bytes, AT_DROP_LAST, loader->o.drop_last);
    put(bytes, AT_DELIVERED, loader->delivered);
    put(bytes, AT_BASE_SEED, loader->sampler.base_seed);
    memcpy(bytes + SIZE - COR_GENERATOR_STATE, loader->sampler.before, COR_GENERATOR_STATE);
    return state;
}

static int check_bytes(const cor_loader *loader, unsigned char *bytes) {
    const struct {
        const char *name;
        int at;
        int64_t here;
    } rows[] = {{"samples", AT_SAMPLES, loader->sampler.n},
                {"batch_size", AT_BATCH_SIZE, loader->o.batch_size},
                {"shuffle", AT_SHUFFLE, loader->o.shuffle},
                {"drop_last", AT_DROP_LAST, loader->o.drop_last}};
    if (memcmp(bytes, mark, MARK) != 0) return cor__fail(COR_EFORMAT, "loader_restore: this is no state of a loader");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (get(bytes, rows[i].at) != rows[i].here)
            return cor__fail(COR_EVALUE, "loader_restore: the state is of a loader with %s=%lld, this one has %lld",
                             rows[i].name, (long long)get(bytes, rows[i].at), (long long)rows[i].here);
    const int64_t delivered = get(bytes, AT_DELIVERED);
    if (delivered < -1 || delivered > loader->batches)
        return cor__fail(COR_EFORMAT, "loader_restore: batch %lld of %lld", (long long)delivered,
                         (long long)loader->batches);
    return COR_OK;
}

/* The sampler is brought to the saved epoch in a copy, so that a failure leaves the loader as it was. */
static int resume(cor_loader *loader, unsigned char *bytes) {
    if (cor__loader_start(loader) != COR_OK) return cor_error();
    cor__sampler sampler = loader->sampler;
    sampler.order = NULL;
    sampler.base_seed = get(bytes, AT_BASE_SEED);
    memcpy(sampler.before, bytes + SIZE - COR_GENERATOR_STATE, COR_GENERATOR_STATE);
    if (get(bytes, AT_DELIVERED) >= 0 && cor__sampler_resume(&sampler) != COR_OK) {
        cor__sampler_free(&sampler);
        return cor_error();
    }
    if (cor_loader_rewind(loader) != COR_OK) return cor_error();
    cor__sampler_free(&loader->sampler);
    loader->sampler = sampler;
    if (get(bytes, AT_DELIVERED) >= 0) cor__loader_go_on(loader, get(bytes, AT_DELIVERED));
    return COR_OK;
}

int cor_loader_restore(cor_loader *loader, cor_tensor *state) {
    unsigned char bytes[SIZE];
    if (cor__check_loader(loader, "loader_restore") != COR_OK) return cor_error();
    if (state == NULL || state == COR_NONE)
        return cor__fail(COR_EVALUE, "loader_restore: the state is NULL, a failed or missing tensor");
    if (cor__dtype(state) != COR_UINT8 || cor__numel(state) != SIZE || !cor_is_contiguous(state))
        return cor__fail(COR_EFORMAT, "loader_restore: a state is %d contiguous uint8, this is %lld %s", SIZE,
                         (long long)cor__numel(state), cor_dtype_name(cor__dtype(state)));
    memcpy(bytes, cor__data(state), SIZE);
    int code = check_bytes(loader, bytes);
    return code != COR_OK ? code : resume(loader, bytes);
}
