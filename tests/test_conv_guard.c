/* Convolution reads nothing outside its operands and writes nothing outside its output: each operand lies against a
 * page that cannot be touched, once behind it and once before it. */
#include "support/conv_case.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum { ROOM = 4 << 20, ISAS = 4 };

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
    static const char *const names[] = {"small", "direct", "patches", "winograd"};
    char *rooms[4];
    for (int i = 0; i < 4; i++) rooms[i] = walled_in();
    uint64_t state = (uint64_t)number_from("CORRIE_TEST_SEED", 1);
    for (int i = 0; i < 1000; i++) {
        const bool winograd = i % 4 == 3;
        const cor_dtype dtype = i % 4 >= 2 ? COR_FLOAT32 : (cor_dtype)(COR_UINT8 + i % (COR_FLOAT64 - COR_UINT8 + 1));
        const cor__conv_problem p = winograd ? random_winograd_problem(&state, 40000)
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
            if (p.bias) fill_exact(&state, bias, dtype, spans.bias);
            for (int isa = 0; isa < ISAS; isa++) {
                if (!cor_isa_available((cor_isa)isa)) continue;
                assert_int_equal(cor_set_isa((cor_isa)isa), COR_OK);
                assert_int_equal(cor__conv_force(names[i % 4]), COR_OK);
                assert_int_equal(cor__conv_run(&p, input, weight, bias, output), COR_OK);
            }
        }
    }
    for (int i = 0; i < 4; i++) munmap(rooms[i] - sysconf(_SC_PAGESIZE), ROOM + 2 * (size_t)sysconf(_SC_PAGESIZE));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(walls)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
