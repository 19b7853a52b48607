/* bench_train.h: one of the things that corrie bench times. */
#ifndef COR_CLI_BENCH_TRAIN_H
#define COR_CLI_BENCH_TRAIN_H

/* `corrie bench train`: argv[0] is "train", the rest are its options and networks. Returns an exit code. */
int bench_train(int argc, char **argv);

#endif
