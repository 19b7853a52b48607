/* course.c: the network of the beginners' course, for pictures of 32x32 (the one of CIFAR-10's first papers). */
#include "models/models.h"
#include <corrie.h>

typedef struct Course {
    cor_module base;
    cor_module *model;
} Course;

static void Course_init(cor_module *m) {
    const cor__model_plan *plan = cor_module_arguments(m);
    cor_set_module(m, Course, model,
                   cor_nn_sequential(cor_nn_conv2d(plan->in_channels, 32, 5, .padding = 2), cor_nn_max_pool2d(2),
                                     cor_nn_conv2d(32, 32, 5, .padding = 2), cor_nn_max_pool2d(2),
                                     cor_nn_conv2d(32, 64, 5, .padding = 2), cor_nn_max_pool2d(2), cor_nn_flatten(),
                                     cor_nn_linear(64 * 4 * 4, 64), cor_nn_linear(64, plan->num_classes)));
}

static cor_tensor *Course_forward(cor_module *m, cor_tensor *x) { return cor_call(((const Course *)m)->model, x); }

cor_module *cor__course(const cor__model_plan *plan) {
    return COR_MODULE(cor_module_new(Course, Course_forward, .init = Course_init, .arguments = plan));
}
