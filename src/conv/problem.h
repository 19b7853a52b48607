/* problem.h: a convolution as plain, validated numbers, and its text in oneDNN's benchdnn notation. */
#ifndef COR_CONV_PROBLEM_H
#define COR_CONV_PROBLEM_H

#include <corrie/base.h>
#include <corrie/dtype.h>
#include <corrie/fused.h>

enum { COR__CONV_AXES = 3, COR__CONV_TEXT = 640 };

/* Which parts an epilogue has. */
typedef struct cor__conv_post {
    bool scaled, residual;
    cor_activation activation;
} cor__conv_post;

static inline bool cor__conv_post_any(const cor__conv_post *parts) {
    return parts->scaled || parts->residual || parts->activation != COR_ACTIVATION_NONE;
}

/* A convolution or transposed convolution of 1 to 3 spatial dimensions. Axes are depth, height, width; a problem of
 * fewer dimensions has size, kernel, stride and dilation 1 and padding 0 on the leading axes. The kernel is not
 * flipped. With q = o / (O / groups), i the output and u the kernel position, per axis:
 *   forward      y[n,o,i] = b[o] + sum over c < C/groups and u of w[o,c,u] * x[n, q*C/groups + c, i*stride - padding +
 *                u*dilation], x being 0 outside;
 *   transposed   y[n,o,i] = b[o] + sum over c and u of w[q*C/groups + c, o % (O/groups), u] * x[n, q*C/groups + c, j]
 *                where j*stride - padding + u*dilation = i: backward-data of the convolution with the same numbers.
 * The padding on the far side and the output padding are not kept: the output size says them. Weight and output are
 * contiguous, in PyTorch's order. A forward convolution of floating dtype may have an epilogue. With the sums above,
 *   y[n,o,i] = activation(scale[o] * sum + b[o] + residual[n,o,i]), of which every part may be missing.
 * Once made, a problem is not changed. */
typedef struct cor__conv_problem {
    cor_dtype dtype; /* of input, weight, bias and output */
    bool transposed;
    bool bias;
    cor__conv_post epilogue;
    bool highest; /* no other products than the definition's: COR_PRECISION_HIGHEST */
    int spatial;  /* 1, 2 or 3 */
    int64_t n, groups, c, o;
    int64_t input[COR__CONV_AXES], kernel[COR__CONV_AXES], output[COR__CONV_AXES];
    int64_t stride[COR__CONV_AXES], padding[COR__CONV_AXES], dilation[COR__CONV_AXES];
    int64_t input_strides[2 + COR__CONV_AXES]; /* n, c, depth, height, width; in elements */
} cor__conv_problem;

/* Whether both describe the same computation on the same layout. */
bool cor__conv_problem_equal(const cor__conv_problem *a, const cor__conv_problem *b);

/* Whether every size, every product of sizes and every position of the problem can be held: the sizes are not
 * negative, kernel, stride, dilation and groups positive, groups divide the channels. COR_ELIMIT or COR_EVALUE. */
int cor__conv_problem_check(const cor__conv_problem *problem) COR_MUST_CHECK;

/* Sets the input strides of a contiguous input. */
void cor__conv_problem_contiguous(cor__conv_problem *problem);

/* Returns the problem whose output is the gradient of this one's input: from the contiguous gradient of its output,
 * with its weight and no bias. Of a forward convolution a transposed one, and the other way round. */
cor__conv_problem cor__conv_problem_backward_data(const cor__conv_problem *problem);

/* Returns the output size of one axis, PyTorch's formulas: floor((input + near + far - extent) / stride) + 1, or
 * transposed (input - 1) * stride - near - far + extent + output_padding, with extent = dilation * (kernel - 1) + 1.
 * COR_UNSET when that does not fit. */
int64_t cor__conv_output_size(bool transposed, int64_t input, int64_t kernel, int64_t stride, int64_t near, int64_t far,
                              int64_t dilation, int64_t output_padding);

/* Writes the problem as benchdnn's descriptor, "g32mb1ic128ih56oc128oh56kh3ph1": stride 1 and dilation 0 (benchdnn
 * counts it from 0) are left out, equal axes are written once. Before it stand benchdnn's options for what differs
 * from a float32 convolution without bias and epilogue: "--deconv --dt=f64 --bia-dt=f64 --attr-scales=wei:per_oc
 * --attr-post-ops=sum+relu ". The layout is not told.
 * Returns buffer. */
const char *cor__conv_print(char buffer[COR__CONV_TEXT], const cor__conv_problem *problem);

/* Reads such a text; missing fields are derived as benchdnn does: mb is 2, g 1, an absent output size follows from the
 * padding and an absent padding from the output size, absent axes repeat the ones before. The input is contiguous.
 * COR_EFORMAT, COR_EVALUE or COR_ELIMIT. */
int cor__conv_parse(const char *text, cor__conv_problem *problem) COR_MUST_CHECK;

/* Returns the dtype of benchdnn's name (the first `length` characters): "f32"; also of the same name for source, weight
 * and destination, "f32:f32:f32" or "s8s8s8". COR_DTYPE_UNSET for any other text, mixed types among them. */
cor_dtype cor__conv_dtype_named(const char *name, size_t length);

/* Reads the first `length` characters of the value of benchdnn's --attr-post-ops into the parts: "sum", one of
 * "relu", "clip:0:6" (relu6) and "swish" (silu), or sum+ such a one; "" for nothing. False for any other text. */
bool cor__conv_read_post_ops(const char *value, size_t length, cor__conv_post *parts);

/* The same of --attr-scales: "wei:per_oc", or "" for nothing. */
bool cor__conv_read_scales(const char *value, size_t length, cor__conv_post *parts);

/* The size of an element in bytes. */
int64_t cor__conv_dtype_size(cor_dtype dtype);

#endif
