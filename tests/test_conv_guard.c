/* Convolution reads nothing outside its operands and writes nothing outside its output: each operand lies against a
 * page that cannot be touched, once behind it and once before it. */
#include "conv/weights.h"
#include "support/conv_case.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum { ROOM = 32 << 20, ISAS = 4 };

/* Memory of ROOM bytes between two pages that cannot be touched. */
static char *walled_in(void) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *all = mmap(NULL, ROOM + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(all != MAP_FAILED);
    assert_int_equal(mprotect(all + page, ROOM, PROT_READ | PROT_WRITE), 0);
    return all + page;
}

/* Where `bytes` lie against the wall behind the room, or before it. */
static char *against(char *room, int64_t bytes, bool behind) { return behind ? room + ROOM - bytes : room; }

static void walls(void **unused) {
    (void)unused;
    static const cor__conv_implementation *const tested[] = {
        &cor__conv_small,    &cor__conv_planes, &cor__conv_channels, &cor__conv_depthwise,
        &cor__conv_winograd, &cor__conv_floats, &cor__conv_patches,  &cor__conv_direct};
    enum { TESTED = sizeof tested / sizeof tested[0] };
    int counts[TESTED] = {0}, strided = 0; /* strided: of patches, transposed with a stride */
    char *rooms[4];
    for (int i = 0; i < 4; i++) rooms[i] = walled_in();
    uint64_t state = (uint64_t)number_from("CORRIE_TEST_SEED", 1);
    for (int i = 0; i < 1600; i++) {
        const cor_dtype any = (cor_dtype)(COR_UINT8 + i % (COR_FLOAT64 - COR_UINT8 + 1));
        const bool depthwise = i % 4 == 2, winograd = i % 4 == 3, transposed = i % 8 == 1;
        const cor_dtype dtype = winograd || transposed ? COR_FLOAT32
                                : !depthwise           ? any
                                : i % 8 < 4            ? COR_FLOAT32
                                                       : COR_FLOAT64;
        const cor__conv_problem p = i % 16 == 0  ? random_flat(&state, dtype, 40000)
                                    : depthwise  ? random_depthwise(&state, dtype, 200000)
                                    : i % 8 == 7 ? random_grouped(&state, 300)
                                    : transposed ? random_strided_transposed(&state, dtype, 200000)
                                    : winograd   ? random_winograd_problem(&state, 40000)
                                                 : random_problem(&state, dtype, i % 4 == 0 ? 4096 : 200000);
        const conv_spans spans = spans_of(&p);
        const int64_t size = cor__conv_dtype_size(dtype);
        for (int behind = 0; behind < 2; behind++) {
            char *const input = against(rooms[0], spans.input * size, behind);
            char *const weight = against(rooms[1], spans.weight * size, behind);
            char *const bias = p.bias ? against(rooms[2], spans.bias * size, behind) : NULL;
            char *const output = against(rooms[3], spans.output * size, behind);
            fill_exact(&state, input, dtype, spans.input);
            fill_exact(&state, weight, dtype, spans.weight);
            if (i % 3 == 0 && dtype >= COR_UINT8 && dtype <= COR_INT64) {
                make_small(input, dtype, spans.input, i % 2 == 0 ? 6 : 20);
                make_small(weight, dtype, spans.weight, 6);
            }
            if (p.bias) fill_exact(&state, bias, dtype, spans.bias);
            for (int isa = 0; isa < ISAS; isa++) {
                if (!cor_isa_available((cor_isa)isa)) continue;
                assert_int_equal(cor_set_isa((cor_isa)isa), COR_OK);
                for (int way = 0; way < TESTED; way++) {
                    if (tested[way]->refuses(&p) != NULL) continue;
                    assert_int_equal(cor__conv_force(tested[way]->name), COR_OK);
                    assert_int_equal(cor__conv_run(&p, input, weight, bias, output), COR_OK);
                    counts[way]++;
                    strided += tested[way] == &cor__conv_patches && p.transposed && p.stride[1] * p.stride[2] > 1;
                }
            }
        }
    }
    print_message("patches, transposed with a stride: %d\n", strided);
    assert_true(strided >= 100);
    for (int way = 0; way < TESTED; way++) {
        print_message("%s: %d\n", tested[way]->name, counts[way]);
        assert_true(counts[way] >= 100);
    }
    for (int i = 0; i < 4; i++) munmap(rooms[i] - sysconf(_SC_PAGESIZE), ROOM + 2 * (size_t)sysconf(_SC_PAGESIZE));
}

/* The gradients of weight and bias, as above. */
static void walls_of_weights(void **unused) {
    (void)unused;
    char *rooms[4];
    for (int i = 0; i < 4; i++) rooms[i] = walled_in();
    uint64_t state = (uint64_t)number_from("CORRIE_TEST_SEED", 1);
    for (int i = 0; i < 600; i++) {
        assert_int_equal(cor__conv_force(i % 3 == 0 ? "depthwise" : "direct"), COR_OK);
        const cor_dtype dtype = (cor_dtype)(COR_FLOAT16 + i % (COR_FLOAT64 - COR_FLOAT16 + 1));
        cor__conv_problem p = random_problem(&state, dtype, i % 2 == 0 ? 4096 : 200000);
        if (p.transposed) cor__conv_problem_contiguous(&p);
        if (i % 3 == 0 && p.spatial < 3) { /* often as the depthwise implementation takes it */
            const int64_t channels = random_in(&state, 1, 5) * 8;
            p.c = p.o = p.groups = channels;
            cor__conv_problem_contiguous(&p);
        }
        const conv_spans spans = spans_of(&p);
        const int64_t size = cor__conv_dtype_size(dtype);
        for (int behind = 0; behind < 2; behind++) {
            char *const input = against(rooms[0], spans.input * size, behind);
            char *const weight = against(rooms[1], spans.weight * size, behind);
            char *const bias = against(rooms[2], p.o * size, behind);
            char *const output = against(rooms[3], spans.output * size, behind);
            fill_exact(&state, input, dtype, spans.input);
            fill_exact(&state, output, dtype, spans.output);
            for (int isa = 0; isa < ISAS; isa++) {
                if (!cor_isa_available((cor_isa)isa)) continue;
                assert_int_equal(cor_set_isa((cor_isa)isa), COR_OK);
                assert_int_equal(cor__conv_weights_run(&p, input, output, weight, bias), COR_OK);
            }
        }
    }
    for (int i = 0; i < 4; i++) munmap(rooms[i] - sysconf(_SC_PAGESIZE), ROOM + 2 * (size_t)sysconf(_SC_PAGESIZE));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(walls), cmocka_unit_test(walls_of_weights)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
