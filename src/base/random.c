/* random.c: generators as objects: their making, seeds and states, and the one that all threads share. */
#include "base/env.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random_engine.h"
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static const uint64_t first_seed = 67280421310721;

/* ---- seeding ---------------------------------------------------------------------------------------------------- */

static void start_from(cor_generator *generator, uint64_t seed) {
    generator->seed = seed;
    generator->left = 1;
    generator->next = 0;
    uint32_t *s = generator->state;
    s[0] = (uint32_t)seed;
    for (uint32_t i = 1; i < COR__TWISTER; i++) s[i] = 1812433253u * (s[i - 1] ^ s[i - 1] >> 30) + i;
    generator->has_normal = generator->has_float_normal = false;
}

static void set_up(cor_generator *generator, const cor__class *class_of, uint64_t seed) {
    cor__object_init(&generator->object, class_of);
    pthread_mutex_init(&generator->lock, NULL);
    start_from(generator, seed);
}

/* A kernel without the call has only the time to offer. */
static uint64_t system_seed(void) {
    uint64_t seed;
    if (getentropy(&seed, sizeof seed) == 0) return seed;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec << 32 ^ (uint64_t)now.tv_nsec << 8 ^ (uint64_t)getpid();
}

static uint64_t reseed(cor_generator *generator, uint64_t seed) {
    generator = cor__random_lock(generator);
    start_from(generator, seed);
    pthread_mutex_unlock(&generator->lock);
    return seed;
}

/* ---- objects ---------------------------------------------------------------------------------------------------- */

static void destroy(cor__object *object) {
    cor_generator *generator = (cor_generator *)object;
    pthread_mutex_destroy(&generator->lock);
    cor__free(generator, sizeof *generator);
}

static const cor__class generator_class = {"generator", destroy};

cor_generator *cor_generator_new(void) {
    if (cor_error() != COR_OK) return NULL;
    cor_generator *generator = cor__alloc(sizeof *generator, "a generator");
    if (generator == NULL) return NULL;
    set_up(generator, &generator_class, first_seed);
    return cor__scope_add(generator);
}

/* ---- the default generator -------------------------------------------------------------------------------------- */

static cor_generator shared;
cor_generator *const COR_GENERATOR_DEFAULT = &shared;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* A fork in the middle of another thread's draw would leave the child a locked lock and half a state. */
static void lock_shared(void) { pthread_mutex_lock(&shared.lock); }
static void unlock_shared(void) { pthread_mutex_unlock(&shared.lock); }

static void make_shared(void) {
    set_up(&shared, &generator_class, system_seed());
    pthread_atfork(lock_shared, unlock_shared, unlock_shared);
}

cor_generator *cor_default_generator(void) {
    pthread_once(&once, make_shared);
    return &shared;
}

/* The generator, set up: COR_GENERATOR_DEFAULT may be the first that a program uses. */
static cor_generator *ready(cor_generator *generator) {
    return generator == &shared ? cor_default_generator() : generator;
}

cor_generator *cor_generator_retain(cor_generator *generator) {
    return generator == NULL ? NULL : cor__retain(ready(generator));
}

void cor_generator_release(cor_generator *generator) { cor__release(generator); }

cor_generator *cor_generator_take(cor_generator *generator) { return cor__scope_take(ready(generator)); }

cor_generator *cor__random_lock(cor_generator *generator) {
    generator = ready(generator == NULL ? &shared : generator);
    pthread_mutex_lock(&generator->lock);
    return generator;
}

void cor__random_unlock(cor_generator *generator) { pthread_mutex_unlock(&generator->lock); }

void cor_manual_seed(uint64_t seed) { reseed(cor_default_generator(), seed); }

uint64_t cor_seed(void) { return reseed(cor_default_generator(), system_seed()); }

uint64_t cor_initial_seed(void) { return cor_generator_initial_seed(cor_default_generator()); }

int cor_generator_seed(cor_generator *generator, uint64_t seed) {
    if (cor_error() != COR_OK) return cor_error();
    if (generator == NULL) return cor__fail(COR_EVALUE, "cor_generator_seed: the generator is NULL");
    reseed(generator, seed);
    return COR_OK;
}

uint64_t cor_generator_initial_seed(cor_generator *generator) {
    if (generator == NULL) return 0;
    generator = cor__random_lock(generator);
    uint64_t seed = generator->seed;
    pthread_mutex_unlock(&generator->lock);
    return seed;
}

/* ---- states: PyTorch's layout, little-endian -------------------------------------------------------------------- */

enum {
    AT_SEED = 0,            /* u64 */
    AT_LEFT = 8,            /* i32 */
    AT_SEEDED = 12,         /* i32, 1 */
    AT_NEXT = 16,           /* u64 */
    AT_STATE = 24,          /* u64 for each word */
    AT_NORMAL = 5024,       /* f64 */
    AT_HAS_NORMAL = 5040,   /* i32 */
    AT_FLOAT_NORMAL = 5048, /* f32 */
    AT_HAS_FLOAT_NORMAL = 5052
};

static void put(uint8_t *bytes, uint64_t value, int size) {
    for (int i = 0; i < size; i++) bytes[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get(const uint8_t *bytes, int size) {
    uint64_t value = 0;
    for (int i = 0; i < size; i++) value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

static int check_state(const cor_generator *generator, const void *state, size_t size) {
    if (cor_error() != COR_OK) return cor_error();
    if (generator == NULL || state == NULL) return cor__fail(COR_EVALUE, "the generator or its state is NULL");
    if (size != COR_GENERATOR_STATE)
        return cor__fail(COR_EVALUE,
                         "Expected a CPUGeneratorImplState of size %d but found the input RNG state size to be %zu",
                         COR_GENERATOR_STATE, size);
    return COR_OK;
}

static void write_state(const cor_generator *generator, uint8_t *bytes) {
    memset(bytes, 0, COR_GENERATOR_STATE);
    put(bytes + AT_SEED, generator->seed, 8);
    put(bytes + AT_LEFT, generator->left, 4);
    put(bytes + AT_SEEDED, 1, 4);
    put(bytes + AT_NEXT, generator->next, 8);
    for (int i = 0; i < COR__TWISTER; i++) put(bytes + AT_STATE + 8 * i, generator->state[i], 8);
    if (generator->has_normal) {
        uint64_t normal;
        memcpy(&normal, &generator->normal, sizeof normal);
        put(bytes + AT_NORMAL, normal, 8);
        put(bytes + AT_HAS_NORMAL, 1, 4);
    }
    if (generator->has_float_normal) {
        put(bytes + AT_FLOAT_NORMAL, cor__float_to_bits(generator->float_normal), 4);
        put(bytes + AT_HAS_FLOAT_NORMAL, 1, 1);
    }
}

static void read_state(cor_generator *generator, const uint8_t *bytes) {
    generator->seed = get(bytes + AT_SEED, 8);
    generator->left = (uint32_t)get(bytes + AT_LEFT, 4);
    generator->next = (uint32_t)get(bytes + AT_NEXT, 4);
    for (int i = 0; i < COR__TWISTER; i++) generator->state[i] = (uint32_t)get(bytes + AT_STATE + 8 * i, 4);
    uint64_t normal = get(bytes + AT_NORMAL, 8);
    memcpy(&generator->normal, &normal, sizeof normal);
    generator->has_normal = get(bytes + AT_HAS_NORMAL, 4) != 0;
    generator->float_normal = cor__bits_to_float((uint32_t)get(bytes + AT_FLOAT_NORMAL, 4));
    generator->has_float_normal = bytes[AT_HAS_FLOAT_NORMAL] != 0;
}

int cor_generator_get_state(cor_generator *generator, void *state, size_t size) {
    int code = check_state(generator, state, size);
    if (code != COR_OK) return code;
    cor__random_lock(generator);
    write_state(generator, state);
    cor__random_unlock(generator);
    return COR_OK;
}

/* Stricter than PyTorch in one point: words are never read from behind the state. */
int cor_generator_set_state(cor_generator *generator, const void *state, size_t size) {
    int code = check_state(generator, state, size);
    if (code != COR_OK) return code;
    const uint8_t *bytes = state;
    uint64_t left = get(bytes + AT_LEFT, 4), next = get(bytes + AT_NEXT, 4);
    bool within = left >= 1 && left <= COR__TWISTER && next <= COR__TWISTER && next + left - 1 <= COR__TWISTER;
    if (get(bytes + AT_SEEDED, 4) == 0 || !within) return cor__fail(COR_EVALUE, "Invalid mt19937 state");
    cor__random_lock(generator);
    read_state(generator, bytes);
    cor__random_unlock(generator);
    return COR_OK;
}

/* ---- PyTorch's builds ------------------------------------------------------------------------------------------- */

static _Atomic int flavour = -1;

static cor_rng machine_flavour(void) {
    const char *asked = cor__env_text("CORRIE_RNG");
    if (asked != NULL && strcmp(asked, "avx2") == 0) return COR_RNG_AVX2;
    if (asked != NULL && strcmp(asked, "avx512") == 0) return COR_RNG_AVX512;
    return cor_isa_available(COR_ISA_AVX2) ? COR_RNG_AVX2 : COR_RNG_AVX512;
}

/* A choice made by another thread meanwhile wins over the machine's. */
cor_rng cor_rng_flavour(void) {
    int now = atomic_load_explicit(&flavour, memory_order_relaxed);
    if (now < 0) {
        int machine = (int)machine_flavour();
        if (atomic_compare_exchange_strong(&flavour, &now, machine)) now = machine;
    }
    return (cor_rng)now;
}

int cor_set_rng_flavour(cor_rng wanted) {
    if (cor_error() != COR_OK) return cor_error();
    if (wanted != COR_RNG_AVX2 && wanted != COR_RNG_AVX512)
        return cor__fail(COR_EVALUE, "cor_set_rng_flavour: %d is neither COR_RNG_AVX2 nor COR_RNG_AVX512", (int)wanted);
    atomic_store(&flavour, (int)wanted);
    return COR_OK;
}
