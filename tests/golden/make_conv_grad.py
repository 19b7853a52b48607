"""conv_grad.txt: the gradients of convolutions, on data whose results are exact, and what PyTorch refuses."""
import random
import warnings

import torch
import torch.nn.functional as F

from golden import DTYPES, FLOATS, File, build, call, options_text, result, sizes_text

warnings.filterwarnings("ignore")

OUT = File("conv_grad.txt", """
Records are named by the convolution: conv1d ... conv_transpose3d. Of the operands `input`, `weight` and `grad_output`,
the gradient of the output, `grad_input`, `grad_weight` and `grad_bias` are what automatic differentiation of the
convolution gives. All data is small integers, so that every sum is exact: the script has checked that each gradient is
the one of float64, rounded once to the dtype; with 0 for -0.

conv1d_input ... conv3d_weight are calls of torch.nn.grad that it refuses, with `sizes` of the result. Words of the
library behind PyTorch's float32 convolutions are left out: such calls are made in float64.
""")
RNG = random.Random(26)


def formula(sizes, dtype, low, high):
    m = high - low + 1
    a = RNG.choice([n for n in (1, 2, 3, 5, 7, 11, 13, 17, 23) if n % m != 0])
    return f"{dtype} {sizes_text(sizes)} formula:{a},{RNG.randrange(m)},{m},{-low}"


def laid_out(sizes, dtype, low, high):
    """Now and then a view that is not contiguous."""
    turned = list(sizes)
    turned[-1], turned[-2] = turned[-2], turned[-1]
    if RNG.random() < 0.1:
        return formula(turned, dtype, low, high) + f" transpose({len(sizes) - 2},{len(sizes) - 1})"
    return formula(sizes, dtype, low, high)


def per_dim(n, choices):
    return RNG.choice(choices) if RNG.random() < 0.5 else [RNG.choice(choices) for _ in range(n)]


def gradients(function, operands, options, dtype):
    """The three gradients, computed in a dtype."""
    x, w, gy = (t.to(dtype) for t in operands)
    x, w = x.detach().requires_grad_(), w.detach().requires_grad_()
    bias = torch.zeros(gy.shape[1], dtype=dtype, requires_grad=True)
    function(x, w, bias, **options).backward(gy)
    return [t.grad + 0 for t in (x, w, bias)]


def record(name, function, sizes, weight, options, dtype):
    """Records one configuration; false if PyTorch does not take it."""
    shape, error = call(lambda: function(torch.zeros(sizes), torch.zeros(weight), **options).shape)
    if error is not None or 0 in shape[1:]:
        return False
    specs = [("input", laid_out(sizes, dtype, -3, 3)), ("weight", laid_out(weight, dtype, -2, 2)),
             ("grad_output", laid_out(list(shape), dtype, -3, 3))]
    operands = [build(spec) for _, spec in specs]
    found, error = call(lambda: gradients(function, operands, options, DTYPES[dtype]))
    exact, wrong = call(lambda: gradients(function, operands, options, torch.float64))
    if wrong is not None:
        return False
    exact = [t.to(DTYPES[dtype]) for t in exact]
    for mine, theirs in zip(found or [], exact):
        assert torch.equal(mine, theirs), (name, options)
    OUT.record(name, *specs, ("options", options_text(options)),
               *((key, result(t)) for key, t in zip(("grad_input", "grad_weight", "grad_bias"), exact)))
    return True


def case(n, transposed, dtype):
    groups = RNG.choice((1, 1, 1, 2, 3))
    per_in, per_out = RNG.choice((1, 2, 3)), RNG.choice((1, 2, 4))
    if RNG.random() < 0.15:
        groups, per_in, per_out = RNG.choice((4, 5, 20)), 1, RNG.choice((1, 1, 2))
    if RNG.random() < 0.2:
        groups, per_out = 1, RNG.choice((13, 16, 24, 33))
    kernel = [RNG.choice((1, 2, 3, 3, 4, 5) if n < 3 else (1, 2, 3)) for _ in range(n)]
    spatial = [RNG.randint(1, 40 if n == 1 else 12 if n == 2 else 6) for _ in range(n)]
    options = {}
    if RNG.random() < 0.6:
        options["stride"] = per_dim(n, (1, 2, 3))
    if RNG.random() < 0.6:
        options["padding"] = per_dim(n, (0, 1, 2, 3))
    if RNG.random() < 0.4:
        options["dilation"] = per_dim(n, (1, 2, 3))
    if transposed and RNG.random() < 0.4:
        options["output_padding"] = per_dim(n, (0, 1))
    if groups != 1:
        options["groups"] = groups
    sizes = [RNG.choice((0, 1, 2, 3, 5) if RNG.random() < 0.3 else (1, 2)), groups * per_in] + spatial
    weight = [groups * per_in, per_out] if transposed else [groups * per_out, per_in]
    name = f"conv_transpose{n}d" if transposed else f"conv{n}d"
    return record(name, getattr(F, name), sizes, weight + kernel, options, dtype)


def refuse(n, of, sizes, weight, grad, **options):
    """A call that PyTorch refuses."""
    specs = [("input", formula(sizes, "float64", -3, 3)), ("weight", formula(weight, "float64", -2, 2)),
             ("grad_output", formula(grad, "float64", -3, 3))]
    x, w, gy = (build(spec) for _, spec in specs)
    function = getattr(torch.nn.grad, f"conv{n}d_{of}")
    _, error = call(lambda: function(x, weight, gy, **options) if of == "weight" else function(sizes, w, gy, **options))
    assert error is not None, (n, of, options)
    mine = [specs[0] if of == "weight" else specs[1], specs[2]]
    OUT.record(f"conv{n}d_{of}", *mine, ("sizes", sizes_text(weight if of == "weight" else sizes)),
               ("options", options_text(options)), error=error)


def refusals():
    for of in ("input", "weight"):
        for n in (1, 2, 3):
            x, w, gy = [2, 4] + [8] * n, [6, 4] + [3] * n, [2, 6] + [6] * n
            refuse(n, of, x, w, gy, groups=0)
            refuse(n, of, x, w, gy, groups=-2)
            refuse(n, of, x, w, gy, groups=3)
            refuse(n, of, x, [6, 1] + w[2:], gy, groups=4)
            refuse(n, of, x, w, gy, stride=0)
            refuse(n, of, x, w, gy, padding=-1)
            refuse(n, of, x, w, gy, dilation=-1)
            refuse(n, of, x, [6, 4] + [9] * n, gy)
            refuse(n, of, [2, 5] + x[2:], w, gy)
            refuse(n, of, x[1:], w, gy[1:])
            refuse(n, of, x, w, gy[1:])
            if n < 3:
                refuse(n, of, x, [0] + w[1:], [2, 0] + gy[2:])
            if n == 2:
                refuse(n, of, x, w, gy, padding=1)
                refuse(n, of, x, w, [2, 5] + gy[2:])
                refuse(n, of, x, w[:-1], gy)


for transposed in (False, True):
    for n in (1, 2, 3):
        for dtype, wanted in (("float32", 45), ("float64", 20), ("bfloat16", 15), ("float16", 10)):
            made = 0
            while made < wanted:
                made += case(n, transposed, dtype)
for sizes, weight, options in (
        ([2, 16, 20, 20], [32, 16, 3, 3], {"padding": 1}), ([1, 3, 40, 40], [16, 3, 7, 7], {"stride": 2, "padding": 3}),
        ([2, 24, 17, 19], [24, 1, 3, 3], {"groups": 24, "padding": 1}), ([1, 64, 14, 14], [80, 64, 1, 1], {}),
        ([1, 40, 15, 15], [40, 10, 3, 3], {"groups": 4, "padding": 1}), ([9, 17, 13, 21], [19, 17, 5, 5], {"padding": 2}),
        ([1, 16, 33, 33], [16, 16, 3, 3], {"dilation": 4}), ([40, 12, 4, 4], [70, 12, 3, 3], {"padding": 1}),
        ([1, 200, 7, 7], [64, 200, 3, 3], {"padding": 1}), ([1, 33, 50, 1], [35, 33, 3, 1], {"stride": [3, 1]})):
    for dtype in ("float32", "float64"):
        assert record("conv2d", F.conv2d, sizes, weight, options, dtype)
refusals()
OUT.write()
