/* bench_data.h: one of the things that corrie bench times. */
#ifndef COR_CLI_BENCH_DATA_H
#define COR_CLI_BENCH_DATA_H

/* `corrie bench data`: argv[0] is "data", the rest are its options and a folder. Returns an exit code. */
int bench_data(int argc, char **argv);

#endif
