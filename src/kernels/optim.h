/* optim.h: one step of an optimizer on contiguous elements. */
#ifndef COR_KERNELS_OPTIM_H
#define COR_KERNELS_OPTIM_H

#include <corrie/dtype.h>

/* The rules, with the states that each one reads and writes. */
typedef enum cor__rule {
    COR__RULE_SGD,
    COR__RULE_SGD_MOMENTUM,              /* momentum_buffer */
    COR__RULE_ADAM,                      /* exp_avg, exp_avg_sq */
    COR__RULE_ADAM_MAX,                  /* exp_avg, exp_avg_sq, max_exp_avg_sq */
    COR__RULE_RMSPROP,                   /* square_avg */
    COR__RULE_RMSPROP_MOMENTUM,          /* square_avg, momentum_buffer */
    COR__RULE_RMSPROP_CENTERED,          /* square_avg, -, grad_avg */
    COR__RULE_RMSPROP_CENTERED_MOMENTUM, /* square_avg, momentum_buffer, grad_avg */
    COR__RULE_ADAGRAD,                   /* sum */
    COR__RULE_ADADELTA,                  /* square_avg, acc_delta */
    COR__RULE_NADAM,                     /* exp_avg, exp_avg_sq */
    COR__RULE_ADAMAX,                    /* exp_avg, exp_inf */
    COR__RULE_RADAM,                     /* exp_avg, exp_avg_sq */
    COR__RULES
} cor__rule;

enum { COR__RULE_STATES = 3 };

/* What a step multiplies by and adds: computed in double, rounded to the elements' type when it is used. A rule reads
 * the fields that its optimizer sets. */
typedef struct cor__rule_numbers {
    double sign;   /* of the gradient: -1 to maximize */
    double decay;  /* weight decay that joins the gradient; 0: none */
    double shrink; /* what the parameter is multiplied by (decoupled weight decay); 1: nothing */
    double rate;   /* the factor of the step, negative */
    double eps;
    double keep, take;                 /* what an average of squares keeps of itself and takes of what is new */
    double lerp;                       /* how far an average of gradients moves to the new one */
    double correction;                 /* of the average of squares; Adam and RAdam: its root */
    double momentum;                   /* of a buffer */
    double second_rate;                /* NAdam: the factor of the average's step; RAdam: the rectification */
    double first_correction;           /* RAdam: of the average of gradients */
    double first, nesterov, rectified; /* 0 or 1, of a type that loops compare in vectors */
} cor__rule_numbers;

/* Moves n parameters by their gradients. The arrays do not meet; a state that the rule does not have is NULL. */
typedef void (*cor__rule_loop)(int64_t n, void *parameter, const void *gradient, void *state0, void *state1,
                               void *state2, const cor__rule_numbers *c);

typedef struct cor__optim_kernels {
    cor__rule_loop step[COR__RULES][COR_DTYPES]; /* float32 and float64 */
} cor__optim_kernels;

#endif
