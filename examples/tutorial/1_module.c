/* A network is a module with a forward. This one adds one to its input. */
#include <corrie.h>

typedef struct {
    cor_module base;
} Test;

static cor_tensor *Test_forward(cor_module *self, cor_tensor *input) {
    (void)self;
    return cor_add(input, 1);
}

int main(void) {
    Test *test = cor_module_new(Test, Test_forward);
    cor_tensor *x = cor_scalar(1.0);
    cor_print(cor_call(test, x));
}
