/* random_engine.c: the Mersenne twister MT19937 (Mersenne Twister: A 623-Dimensionally
 * Equidistributed Uniform Pseudo-Random Number Generator, 1998), drawn from in blocks. */
#include "base/random_engine.h"
#include "base/sizes.h"

enum { MIDDLE = 397 };

static uint32_t twisted(uint32_t first, uint32_t second) {
    uint32_t mixed = (first & 0x80000000u) | (second & 0x7fffffffu);
    return mixed >> 1 ^ (second & 1 ? 0x9908b0dfu : 0);
}

static void twist(cor_generator *generator) {
    uint32_t *s = generator->state;
    for (int i = 0; i < COR__TWISTER - MIDDLE; i++) s[i] = s[i + MIDDLE] ^ twisted(s[i], s[i + 1]);
    for (int i = COR__TWISTER - MIDDLE; i < COR__TWISTER - 1; i++)
        s[i] = s[i - (COR__TWISTER - MIDDLE)] ^ twisted(s[i], s[i + 1]);
    s[COR__TWISTER - 1] = s[MIDDLE - 1] ^ twisted(s[COR__TWISTER - 1], s[0]);
    generator->left = COR__TWISTER + 1;
    generator->next = 0;
}

static uint32_t tempered(uint32_t word) {
    word ^= word >> 11;
    word ^= word << 7 & 0x9d2c5680u;
    word ^= word << 15 & 0xefc60000u;
    return word ^ word >> 18;
}

void cor__random_words(cor_generator *generator, uint32_t *words, int64_t n) {
    while (n > 0) {
        if (generator->left == 1) twist(generator);
        const uint32_t *from = generator->state + generator->next;
        uint32_t count = (uint32_t)cor__min(n, generator->left - 1);
        for (uint32_t i = 0; i < count; i++) words[i] = tempered(from[i]);
        generator->left -= count;
        generator->next += count;
        words += count;
        n -= count;
    }
}

void cor__random_pairs(cor_generator *generator, uint64_t *pairs, int64_t n) {
    uint32_t words[2 * COR__CHUNK];
    for (int64_t done = 0; done < n; done += COR__CHUNK) {
        int64_t count = cor__min(n - done, COR__CHUNK);
        cor__random_words(generator, words, 2 * count);
        for (int64_t i = 0; i < count; i++) pairs[done + i] = (uint64_t)words[2 * i] << 32 | words[2 * i + 1];
    }
}

void cor__random_floats(cor_generator *generator, float *units, int64_t n) {
    uint32_t words[COR__CHUNK];
    for (int64_t done = 0; done < n; done += COR__CHUNK) {
        int64_t count = cor__min(n - done, COR__CHUNK);
        cor__random_words(generator, words, count);
        for (int64_t i = 0; i < count; i++) units[done + i] = (float)(int32_t)(words[i] & 0xffffff) * 0x1p-24f;
    }
}

void cor__random_doubles(cor_generator *generator, double *units, int64_t n) {
    uint64_t pairs[COR__CHUNK];
    const uint64_t digits = ((uint64_t)1 << 53) - 1;
    for (int64_t done = 0; done < n; done += COR__CHUNK) {
        int64_t count = cor__min(n - done, COR__CHUNK);
        cor__random_pairs(generator, pairs, count);
        for (int64_t i = 0; i < count; i++) units[done + i] = (double)(int64_t)(pairs[i] & digits) * 0x1p-53;
    }
}

uint32_t cor__random32(cor_generator *generator) {
    uint32_t word;
    generator = cor__random_lock(generator);
    cor__random_words(generator, &word, 1);
    cor__random_unlock(generator);
    return word;
}

uint64_t cor__random64(cor_generator *generator) {
    uint64_t pair;
    generator = cor__random_lock(generator);
    cor__random_pairs(generator, &pair, 1);
    cor__random_unlock(generator);
    return pair;
}

int64_t cor__random_seed64(cor_generator *generator) { return (int64_t)(cor__random64(generator) & INT64_MAX); }
