/* bench_matmul.h: one of the things that corrie bench times. */
#ifndef COR_CLI_BENCH_MATMUL_H
#define COR_CLI_BENCH_MATMUL_H

/* `corrie bench matmul`: argv[0] is "matmul", the rest are its options and problems. Returns an exit code. */
int bench_matmul(int argc, char **argv);

#endif
