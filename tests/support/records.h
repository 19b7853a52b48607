/* records.h: running the golden records of reductions, sorting, matrix products and softmax. */
#ifndef COR_TESTS_RECORDS_H
#define COR_TESTS_RECORDS_H

/* Each runs the records of the named operations (a list that NULL ends) of one golden file, fails the test where the
 * library differs from PyTorch, and fails it too if there are fewer than `least` such records. `folder` is
 * COR_SOURCE_DIR. */
void records_check_results(const char *folder, const char *const *names, int least); /* ops.txt */
void records_check_errors(const char *folder, const char *const *names, int least);  /* op_errors.txt */
void records_check_nodes(const char *folder, const char *const *names, int least);   /* grad_fn.txt */

#endif
