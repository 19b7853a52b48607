/* bench_ops.h: one of the things that corrie bench times. */
#ifndef COR_CLI_BENCH_OPS_H
#define COR_CLI_BENCH_OPS_H

/* `corrie bench ops`: argv[0] is "ops", the rest are its options and problems. Returns an exit code. */
int bench_ops(int argc, char **argv);

#endif
