/* op_list_table.h: the declarations of all operations, and the table of them. */
#ifndef COR_OPS_OP_LIST_TABLE_H
#define COR_OPS_OP_LIST_TABLE_H

#include "ops/op.h"

#define COR__OP(row) extern const cor__op cor__op_##row;
#include "ops/op_list.h"
#undef COR__OP

/* How many operations there are, and one of them; NULL outside. */
int cor__op_count(void);
const cor__op *cor__op_at(int i);

#endif
