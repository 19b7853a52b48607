"""grad_fn.txt: the name of grad_fn and requires_grad of the results of operations, views and in-place changes."""
import warnings

import torch
import torch.nn.functional as F

from golden import File, build, call, options_text
from operations import function_of

warnings.filterwarnings("ignore")


def _after(change):
    """What y = x * 1 is after change(y)."""
    def run(x):
        y = x * 1
        change(y)
        return y
    return run


def _plain_takes(x):
    y = torch.zeros_like(x)
    y.add_(x)
    return y


def _plain_view_takes(x):
    y = torch.zeros_like(x)
    y[0].add_(x[0])
    return y


def _view_of(step, change):
    """The view v = step(x * 1) after change(x * 1's base) or of itself."""
    def run(x):
        y = x * 1
        v = step(y)
        change(y, v)
        return v
    return run


def _in_no_grad(function):
    def run(x):
        with torch.no_grad():
            return function(x)
    return run


def _enabled_inside(x):
    with torch.no_grad():
        with torch.enable_grad():
            return x * 2


SCENARIOS = {
    "x itself": lambda x: x,
    "y = x * 1; y.add_(1); y": _after(lambda y: y.add_(1)),
    "y = x * 1; y.mul_(2); y": _after(lambda y: y.mul_(2)),
    "y = x * 1; y.zero_(); y": _after(lambda y: y.zero_()),
    "y = x * 1; y.relu_(); y": _after(lambda y: y.relu_()),
    "y = x * 1; y.fill_(3); y": _after(lambda y: y.fill_(3)),
    "y = x * 1; y.copy_(x); y": lambda x: (x * 1).copy_(x),
    "y = x * 1; y[0].add_(1); y": _after(lambda y: y[0].add_(1)),
    "y = x * 1; y[0:1].mul_(2); y": _after(lambda y: y[0:1].mul_(2)),
    "y = x * 1; y.view(-1).add_(1); y": _after(lambda y: y.view(-1).add_(1)),
    "y = x * 1; y.transpose(0, 1).add_(1); y": _after(lambda y: y.transpose(0, 1).add_(1)),
    "y = x * 1; y[0][1:].add_(1); y": _after(lambda y: y[0][1:].add_(1)),
    "y = x * 1; y[0] = 5; y": _after(lambda y: y.__setitem__(0, 5)),
    "y = x * 1; v = y[0]; v.add_(1); v": _view_of(lambda y: y[0], lambda y, v: v.add_(1)),
    "y = x * 1; v = y[0:1]; v.add_(1); v": _view_of(lambda y: y[0:1], lambda y, v: v.add_(1)),
    "y = x * 1; v = y.view(-1); v.add_(1); v": _view_of(lambda y: y.view(-1), lambda y, v: v.add_(1)),
    "y = x * 1; v = y.transpose(0, 1); v.add_(1); v": _view_of(lambda y: y.transpose(0, 1), lambda y, v: v.add_(1)),
    "y = x * 1; v = y.unsqueeze(0); v.add_(1); v": _view_of(lambda y: y.unsqueeze(0), lambda y, v: v.add_(1)),
    "y = x * 1; v = y[0]; y.add_(1); v": _view_of(lambda y: y[0], lambda y, v: y.add_(1)),
    "y = x * 1; v = y[0:1]; y.add_(1); v": _view_of(lambda y: y[0:1], lambda y, v: y.add_(1)),
    "y = x * 1; v = y.view(-1); y.add_(1); v": _view_of(lambda y: y.view(-1), lambda y, v: y.add_(1)),
    "y = x * 1; v = y.transpose(0, 1); y.mul_(2); v": _view_of(lambda y: y.transpose(0, 1), lambda y, v: y.mul_(2)),
    "y = x * 1; v = y.detach(); v.add_(1); v": _view_of(lambda y: y.detach(), lambda y, v: v.add_(1)),
    "y = x * 1; v = y.detach(); v.add_(1); y": _after(lambda y: y.detach().add_(1)),
    "y = zeros_like(x); y.add_(x); y": _plain_takes,
    "y = zeros_like(x); y[0].add_(x[0]); y": _plain_view_takes,
    "y = x * 1; y.detach_(); y": _after(lambda y: y.detach_()),
    "x.detach()": lambda x: x.detach(),
    "no_grad: x * 2": _in_no_grad(lambda x: x * 2),
    "no_grad: x[0]": _in_no_grad(lambda x: x[0]),
    "no_grad: x.add_(1)": _in_no_grad(lambda x: x.add_(1)),
    "no_grad, then enable_grad inside it: x * 2": _enabled_inside,
    "no_grad: y = x * 2; y.requires_grad_(); y": _in_no_grad(lambda x: (x * 2).requires_grad_()),
    "1 - x": lambda x: 1 - x, "1 / x": lambda x: 1 / x, "2 ** x": lambda x: 2 ** x, "x ** 2": lambda x: x ** 2,
    "x ** 2.5": lambda x: x ** 2.5, "x ** x": lambda x: x ** x, "-x": lambda x: -x, "x + 1": lambda x: x + 1,
    "x - 1": lambda x: x - 1, "x * 2": lambda x: x * 2, "x / 2": lambda x: x / 2, "x // 2": lambda x: x // 2,
    "x % 2": lambda x: x % 2, "x.T": lambda x: x.T, "x[0]": lambda x: x[0], "x[-1, 1]": lambda x: x[-1, 1],
    "x[:, 1:]": lambda x: x[:, 1:], "x[None]": lambda x: x[None], "x[...]": lambda x: x[...],
    "x[torch.tensor([0])]": lambda x: x[torch.tensor([0])], "x[x > 1]": lambda x: x[x > 1],
    "x.clone()": lambda x: x.clone(), "x.contiguous()": lambda x: x.contiguous(),
    "x.t().contiguous()": lambda x: x.t().contiguous(), "x.t().reshape(-1)": lambda x: x.t().reshape(-1),
    "x.float()": lambda x: x.float(), "x.double()": lambda x: x.double(), "x.long()": lambda x: x.long(),
    "x.to(torch.float32)": lambda x: x.to(torch.float32), "x.repeat(2, 1)": lambda x: x.repeat(2, 1),
    "torch.ones_like(x)": torch.ones_like, "x.max()": lambda x: x.max(), "x.min()": lambda x: x.min(),
}

OUT = File("grad_fn.txt", """
Records as in ops.txt (same names, operands and options), operands with the flag requires_grad. A name that ends in
`_` is the operation on in0 * 1. Results are numbered: `grad_fn0` is the name that repr prints (none: there is no
grad_fn), `requires_grad0` and `is_leaf0` say true or false. Results that are integers have requires_grad false.
Records named `scenario` have a field `do`: what is done with in0, called x, in Python; the value of the last
expression is looked at. nn.functional names: linear, conv2d, relu, and so on.
""")


def describe(name, fields, value):
    values = value if isinstance(value, (tuple, list)) else [value]
    for i, v in enumerate(values):
        node = v.grad_fn
        fields += [(f"grad_fn{i}", node.name().split("::")[-1] if node is not None else "none"),
                   (f"requires_grad{i}", str(v.requires_grad).lower()), (f"is_leaf{i}", str(v.is_leaf).lower())]
        if node is not None:
            assert f"grad_fn=<{fields[-3][1]}>" in repr(v).replace("\n", ""), repr(v)
    OUT.record(name, *fields)


def show(name, *specs, **options):
    specs = [f"float32 {spec} formula:3,1,7,-1 requires_grad" if spec.startswith("[") else spec for spec in specs]
    operands = [build(spec) for spec in specs]
    if name.endswith("_"):
        operands[0] = operands[0] * 1
    value, error = call(lambda: function_of(name)(*operands, **options))
    if error is not None:
        raise AssertionError((name, specs, options)) from error
    describe(name, [(f"in{i}", spec) for i, spec in enumerate(specs)] + [("options", options_text(options))], value)


PLAIN, NUMBER, MASK = "float32 [2,3] formula:3,1,7,-1", "number int 2", "bool [2,3] formula:1,0,2,0"
GRAD = PLAIN + " requires_grad"


def arithmetic():
    for name in ("add", "sub", "mul", "div", "pow", "remainder", "fmod", "maximum", "minimum", "floor_divide", "eq",
                 "lt",
                 "logical_and", "matmul"):
        second = "[3,2]" if name == "matmul" else "[2,3]"
        plain = second.join(("float32 ", " formula:3,1,7,-1"))
        cases = [("[2,3]", second), ("[2,3]", plain), (PLAIN, second), (PLAIN, plain)]
        for specs in cases:
            show(name, *specs)
        if name in ("add", "sub", "mul", "div", "pow", "remainder", "fmod", "eq"):
            show(name, "[2,3]", NUMBER)
            show(name, "[2,3]", "number float 0.5")
            show(name, "[2,3]", "[]")
            show(name, "int64 [2,3] formula:1,1,7,-1", "[2,3]")
    show("div", "[2,3]", NUMBER, rounding_mode="floor")
    show("div", "[2,3]", NUMBER, rounding_mode="trunc")
    for name in ("add_", "sub_", "mul_", "div_"):
        show(name, "[2,3]", NUMBER)
        show(name, "[2,3]", "[3]")
        show(name, "[2,3]", PLAIN)
    for name in ("neg_", "abs_", "exp_", "sqrt_", "relu_", "sigmoid_", "tanh_", "zero_", "clamp_", "floor_", "square_"):
        show(name, "[2,3]", **({"min": 1} if name == "clamp_" else {}))
    show("pow_", "[2,3]", NUMBER)
    show("copy_", "[2,3]", "[3]")
    show("copy_", "[2,3]", "float32 [3] formula:1,1,7,-1")
    show("fill_", "[2,3]", NUMBER)
    show("masked_fill_", "[2,3]", MASK, NUMBER)
    for name in ("abs", "neg", "sign", "ceil", "floor", "round", "trunc", "sqrt", "rsqrt", "exp", "log", "log1p",
                 "expm1", "log2",
                 "log10", "sin", "cos", "tan", "tanh", "sigmoid", "erf", "reciprocal", "square", "relu", "logical_not",
                 "isnan",
                 "clone", "detach"):
        show(name, "[2,3]")
    show("where", MASK, "[2,3]", "[2,3]")
    show("where", MASK, "[2,3]", PLAIN)
    show("clamp", "[2,3]", min=1)
    show("clamp", "[2,3]", min=1, max=2)
    show("masked_fill", "[2,3]", MASK, NUMBER)


def reductions():
    for name in ("sum", "mean", "prod", "max", "min", "amax", "amin", "argmax", "any", "all", "var", "std", "norm",
                 "logsumexp"):
        if name != "logsumexp":
            show(name, "[2,3]")
        show(name, "[2,3]", dim=1)
        show(name, "[2,3]", dim=0, keepdim=True)
    for name in ("sum", "mean", "var", "norm", "amax"):
        show(name, "[2,3]", dim=[0, 1])
    show("norm", "[2,3]", p=1)
    show("sum", "[2,3]", dtype=torch.float64)
    show("sort", "[2,3]")
    show("topk", "[2,3]", k=2)
    show("cumsum", "[2,3]", dim=1)
    show("softmax", "[2,3]", dim=1)
    show("log_softmax", "[2,3]", dim=1)


def products():
    for a, b in (("[3]", "[3]"), ("[2,3]", "[3]"), ("[3]", "[3,2]"), ("[2,3]", "[3,2]"), ("[4,2,3]", "[3]"),
                 ("[3]", "[4,3,2]"),
                 ("[4,2,3]", "[3,2]"), ("[2,3]", "[4,3,2]"), ("[4,2,3]", "[4,3,2]"), ("[1,2,3]", "[4,3,2]"),
                 ("[2,4,2,3]", "[2,4,3,2]"), ("[2,1,2,3]", "[4,3,2]")):
        show("matmul", a, b)
    show("mm", "[2,3]", "[3,2]")
    show("bmm", "[4,2,3]", "[4,3,2]")
    show("mv", "[2,3]", "[3]")
    show("dot", "[3]", "[3]")
    show("addmm", "[2]", "[2,3]", "[3,2]")
    for x in ("[3]", "[4,3]", "[2,4,3]", "[2,2,4,3]"):
        show("linear", x, "[5,3]")
        show("linear", x, "[5,3]", "[5]")
    show("linear", "float32 [2,4,3] formula:1,0,7,0 transpose(0,1)", "[5,3]", "[5]")
    for n, sizes in ((1, "8"), (2, "8,8"), (3, "8,8,8")):
        kernel = ",".join(["3"] * n)
        for name in (f"conv{n}d", f"conv_transpose{n}d"):
            show(name, f"[1,2,{sizes}]", f"[2,2,{kernel}]")
            show(name, f"[1,2,{sizes}]", f"[2,2,{kernel}]", "[2]")
            show(name, f"[2,{sizes}]", f"[2,2,{kernel}]", "[2]")
        show(f"conv{n}d", f"[1,2,{sizes}]", f"[2,2,{kernel}]", padding="same")
        for x in (f"[1,2,{sizes}]", f"[2,{sizes}]"):
            show(f"max_pool{n}d", x, kernel_size=2)
            show(f"avg_pool{n}d", x, kernel_size=2)
            for output in (1, 2):
                show(f"adaptive_avg_pool{n}d", x, output_size=output)
                show(f"adaptive_max_pool{n}d", x, output_size=output)
        for mode in ("constant", "reflect", "replicate", "circular"):
            show("pad", f"[1,2,{sizes}]", pad=[1, 1] * n, mode=mode)
    for name in ("leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus", "softsign", "hardtanh",
                 "relu6", "hardswish",
                 "hardsigmoid", "hardshrink", "softshrink", "tanhshrink", "logsigmoid"):
        show(name, "[2,3]")
    show("glu", "[2,4]")
    show("threshold", "[2,3]", threshold=1, value=0)
    show("prelu", "[2,3]", "[1]")
    show("dropout", "[2,3]", p=0.5, training=False)
    show("dropout", "[2,3]", p=0.5, training=True)
    show("batch_norm", "[2,3]", "float32 [3] formula:1,1,7,-1", "float32 [3] formula:1,1,7,-1")
    show("batch_norm", "[2,3]", "float32 [3] formula:1,1,7,-1", "float32 [3] formula:1,1,7,-1", "[3]", "[3]",
         training=True)
    for mode in ("nearest", "bilinear"):
        show("interpolate", "[1,2,3,3]", scale_factor=2.0, mode=mode)
        show("interpolate", "[1,2,3,3]", size=[4, 5], mode=mode)


def shapes():
    for dim in (0, 1):
        show("cat", "[2,3]", "[2,3]", dim=dim)
        show("stack", "[2,3]", "[2,3]", dim=dim)
    show("cat", "[2,3]", PLAIN)
    show("split", "[4,2]", split_size_or_sections=2)
    show("split", "[4,2]", split_size_or_sections=[1, 3])
    show("chunk", "[4,2]", chunks=2)
    show("unbind", "[2,2]")
    for name, options in (("reshape", {"sizes": [6]}), ("reshape", {"sizes": [2, 3]}), ("view", {"sizes": [3, 2]}),
                          ("flatten", {}), ("squeeze", {}), ("squeeze", {"dim": 0}), ("unsqueeze", {"dim": 0}),
                          ("transpose", {"dim0": 0, "dim1": 1}), ("permute", {"dims": [1, 0]}),
                          ("expand", {"sizes": [4, 2, 3]}), ("select", {"dim": 0, "index": 1}),
                          ("narrow", {"dim": 1, "start": 0, "length": 2}), ("t", {}), ("contiguous", {}),
                          ("getitem_slice", {"dim": 0, "start": 0, "stop": 2, "step": 2}),
                          ("to", {"dtype": torch.float64}), ("to", {"dtype": torch.float32}),
                          ("to", {"dtype": torch.int64}), ("to", {"dtype": torch.bfloat16})):
        show(name, "[2,3]", **options)
    show("squeeze", "[1,3]", dim=[0, 1])
    show("reshape", "float32 [2,3] formula:1,0,9,0 transpose(0,1) requires_grad", sizes=[6])
    show("flatten", "float32 [2,3] formula:1,0,9,0 transpose(0,1) requires_grad")
    show("flatten", "[6]")
    show("flatten", "[]")
    show("contiguous", "float32 [2,3] formula:1,0,9,0 transpose(0,1) requires_grad")
    for name, options in (("unsqueeze_", {"dim": 0}), ("squeeze_", {}), ("transpose_", {"dim0": 0, "dim1": 1}),
                          ("t_", {})):
        show(name, "[2,3]", **options)


if __name__ == "__main__":
    for part in (arithmetic, reductions, products, shapes):
        part()
    for words, function in SCENARIOS.items():
        describe("scenario", [("in0", GRAD), ("do", words)], function(build(GRAD)))
    OUT.write()
