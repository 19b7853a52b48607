/* Any number of threads may call one module in eval mode. Each has its own scopes and its own errors. */
#include <corrie.h>
#include <pthread.h>
#include <stdio.h>

enum { THREADS = 4 };

typedef struct {
    cor_module *net;
    double sum;
} job;

static void *work(void *argument) {
    job *j = (job *)argument;
    cor_scope();
    j->sum = cor_item(cor_sum(cor_call(j->net, cor_ones(2, 3, 16, 16))));
    return NULL;
}

int main(void) {
    cor_manual_seed(0);
    cor_module *net = cor_nn_sequential(cor_nn_conv2d(3, 8, 3, .padding = 1), cor_nn_relu(), cor_nn_max_pool2d(2),
                                        cor_nn_flatten(), cor_nn_linear(8 * 8 * 8, 10));
    cor_eval(net);
    job jobs[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        jobs[i].net = net;
        if (pthread_create(&threads[i], NULL, work, &jobs[i]) != 0) return 1;
    }
    int equal = 1;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        equal = equal && jobs[i].sum == jobs[0].sum;
    }
    printf("%d threads, %s\n", THREADS, equal ? "equal sums" : "different sums");
    return cor_report();
}
