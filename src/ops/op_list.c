/* op_list.c: the table of all operations, made from op_list.h. */
#include "ops/op_list_table.h"

static const cor__op *const table[] = {
#define COR__OP(row) &cor__op_##row,
#include "ops/op_list.h"
#undef COR__OP
};

int cor__op_count(void) { return (int)(sizeof table / sizeof table[0]); }

const cor__op *cor__op_at(int i) { return i >= 0 && i < cor__op_count() ? table[i] : NULL; }
