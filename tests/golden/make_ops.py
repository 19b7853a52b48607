"""ops.txt: tensor operations over dtypes, layouts and broadcasting, with PyTorch's results."""
import random
import warnings

import mpmath
import torch

import reference
from golden import DTYPES, FLOATS, INTEGERS, File, build, call, hex_spec, options_text, result, sizes_text
from operations import function_of

warnings.filterwarnings("ignore")

OUT = File("ops.txt", """
Records are named by the operation as torch calls it; in0, in1, ... are its operands in order, options the named
arguments (`dim=[0,1]` a tuple). cat and stack take all operands as their list. A name that ends in `_` is the
in-place operation on in0, and out0 is in0 afterwards. getitem_slice(dim, start, stop, step) is indexing with one
slice.

Results are exact unless the record says otherwise: float results come from data chosen so that sums and products
are exact and at most one rounding follows (division, sqrt, mean: an exact sum, then one division; float16 and
bfloat16 compute in float32 and round once more). Real functions have two more fields: `ref0`, the correctly rounded
result (from 300 bits), and `ulps N`, where N (1, 2, 4, ...) is the smallest class that holds the distance of
PyTorch's own result from ref0 in representable values: a result is right if it is within N of ref0. `out0` is what
PyTorch gives.

View operations also have `strides0`, `offset0` (in elements, from in0's own offset) and `view0` (whether the result
shares in0's memory); split and chunk number them like their results.
""")
RNG = random.Random(30)
NAN, INF = float("nan"), float("inf")

VIEWS = ("getitem_slice", "view", "reshape", "expand", "permute", "flatten", "squeeze", "unsqueeze", "transpose",
         "select",
         "narrow", "contiguous", "split", "chunk", "t")


def layout(index, value, base):
    shared = value.untyped_storage().data_ptr() == base.untyped_storage().data_ptr() and base.numel() > 0
    return ((f"strides{index}", sizes_text(value.stride())), (f"view{index}", "true" if shared else "false"),
            (f"offset{index}", str(value.storage_offset() - base.storage_offset()) if shared else None))


def number_text(value):
    if isinstance(value, bool):
        return f"number bool {'true' if value else 'false'}"
    return f"number {type(value).__name__} {value!r}"


def show(name, *specs, real=None, **options):
    operands = [build(spec) for spec in specs]
    value, error = call(lambda: function_of(name)(*operands, **options))
    fields = [(f"in{i}", spec) for i, spec in enumerate(specs)] + [("options", options_text(options))]
    if error is not None:
        unsupported = "no kernel" if "not implemented for" in str(error) else None
        OUT.record(name, *fields, ("unsupported", unsupported), error=error)
        return
    if not isinstance(value, (torch.Tensor, tuple, list)):
        OUT.record(name, *fields, ("out0", number_text(value)))
        return
    values = list(value) if isinstance(value, (tuple, list)) else [value]
    for i, v in enumerate(values):
        fields.append((f"out{i}", result(v)))
        if name in VIEWS:
            fields += layout(i, v, operands[0])
    if real is not None and values[0].is_floating_point():
        if not isinstance(real, torch.Tensor):
            real = reference.elementwise(real, *operands, dtype=values[0].dtype)
        fields += reference.fields(values[0], real)
    OUT.record(name, *fields)


def numbers(dtype, sizes, low, high, extra=""):
    """Integers in [low, high] by formula, as any dtype."""
    if dtype in ("uint8", "bool"):
        low = max(low, 0)
    m = high - low + 1
    a = RNG.choice([n for n in (3, 5, 7, 11, 13, 17) if n % m])
    return f"{dtype} {sizes_text(sizes)} formula:{a},{RNG.randrange(m)},{m},{-low} {extra}".strip()


def quarters(dtype, sizes, low, high, extra=""):
    """Multiples of 1/4 for floats; integers else."""
    if dtype not in FLOATS:
        return numbers(dtype, sizes, low, high, extra)
    m = 4 * (high - low) + 1
    a = RNG.choice([n for n in (3, 5, 7, 11, 13, 17) if n % m])
    return f"{dtype} {sizes_text(sizes)} formula:{a},{RNG.randrange(m)},{m},{-4 * low},4 {extra}".strip()


def literal(values, dtype):
    wide = torch.float64 if dtype in FLOATS else torch.int64
    return hex_spec(torch.tensor(values, dtype=wide).to(DTYPES[dtype]))


LAYOUTS = (([3, 4], ""), ([4, 3], "transpose(0,1)"), ([3, 8], "slice(1,0,8,2)"), ([3, 1], "expand(3,4)"),
           ([2, 3, 4], "select(0,1)"))
BROADCASTS = (([2, 3], [3]), ([2, 1], [1, 3]), ([], [2, 2]), ([0, 3], [1, 3]), ([2, 3, 1], [4]), ([1], []), ([5], [5]),
              ([3, 1, 2], [1, 4, 1]))
ARITHMETIC = ("add", "sub", "mul", "div", "floor_divide", "remainder", "fmod", "pow")
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")


def divisor(dtype, sizes, extra=""):
    """Nonzero values."""
    return numbers(dtype, sizes, 1, 5, extra)


def binary():
    for name in ARITHMETIC:
        for dtype in DTYPES:
            second = divisor if name in ("div", "floor_divide", "remainder", "fmod") else (
                (lambda d, s: numbers(d, s, 0, 3)) if name == "pow" else (lambda d, s: quarters(d, s, -5, 5)))
            real = mpmath.power if name == "pow" and dtype in FLOATS else None
            low = 0 if name == "pow" and dtype in FLOATS else -9
            show(name, quarters(dtype, [3, 4], low, 9), second(dtype, [3, 4]), real=real)
            a, b = RNG.choice(BROADCASTS)
            show(name, quarters(dtype, a, low, 9), second(dtype, b), real=real)
            show(name, quarters(dtype, [3, 4], low, 9), f"number int {RNG.choice((2, 3))}", real=real)
        for sizes, steps in LAYOUTS[1:]:
            show(name, quarters("float32", sizes, 0, 9, steps), divisor("float32", [3, 4]),
                 real=mpmath.power if name == "pow" else None)
            show(name, numbers("int32", [4], 0, 9), divisor("int32", sizes, steps))
        for number in ("number float 2.5", "number bool true", "number int -3"):
            for dtype in ("int32", "float32", "uint8", "bool", "float16"):
                if not (name == "pow" and number.startswith("number int -")):
                    show(name, quarters(dtype, [5], 1, 9), number, real=mpmath.power if name == "pow" else None)
    for name in ("floor_divide", "remainder", "fmod", "div"):  # all signs, and zero divisors of floats
        for dtype in ("int8", "int64", "float32", "float64", "bfloat16"):
            show(name, literal([7, 7, -7, -7, 6, -6, 0, 1], dtype), literal([3, -3, 3, -3, 3, 3, 5, -8], dtype))
        for dtype in ("float32", "float64"):
            show(name, literal([1.0, -1.0, 0.0, NAN, INF, -INF, 5.0, -0.0], dtype),
                 literal([0.0, 0.0, 0.0, 1.0, 2.0, 3.0, INF, 2.0], dtype))
        show(name, literal([1, 2], "int32"), literal([1, 0], "int32"))
    for mode in ("trunc", "floor"):
        for dtype in ("int32", "float32", "uint8"):
            show("div", literal([7, -7, 8, -8], dtype),
                 literal([2, 2, -3, -3] if dtype != "uint8" else [2, 3, 4, 5], dtype),
                 rounding_mode=mode)
    for dtype in ("uint8", "int8", "int16", "int32", "int64"):  # wrapping
        info = torch.iinfo(DTYPES[dtype])
        for name in ("add", "sub", "mul"):
            show(name, literal([info.max, info.min, info.max], dtype), literal([1, info.max, info.max], dtype))
    show("add", quarters("float32", [4], -3, 3), quarters("float32", [4], -3, 3), alpha=2)
    show("sub", numbers("int64", [4], -3, 3), numbers("int64", [4], -3, 3), alpha=-3)
    for x, y in (("int32", "float32"), ("bool", "uint8"), ("float16", "bfloat16"), ("int64", "int8"),
                 ("uint8", "int8")):
        for name in ("add", "mul", "div"):
            show(name, numbers(x, [3, 2], 0, 5), divisor(y, [2]))
    for name, dtype in (("add_", "float32"), ("mul_", "int32"), ("sub_", "float64"), ("div_", "float32")):
        show(name, numbers(dtype, [2, 3], -9, 9), divisor(dtype, [3]))
        show(name, numbers(dtype, [3, 2], -9, 9, "transpose(0,1)"), divisor("int32", [2, 1]))
        show(name, numbers(dtype, [4], -9, 9), "number int 2")
    for name in ("zero_", "relu_", "neg_", "abs_"):
        show(name, numbers("float32", [5], -9, 9))
    show("fill_", numbers("float32", [2, 2], -9, 9), "number float 1.5")
    show("copy_", numbers("float32", [2, 3], -9, 9), numbers("int64", [3], -9, 9))
    show("copy_", numbers("int32", [2, 2], -9, 9), literal([[1.9, -1.9], [2.5, -0.5]], "float64"))


def comparisons_and_logic():
    for name in COMPARISONS:
        for dtype in DTYPES:
            show(name, numbers(dtype, [3, 4], -2, 2), numbers(dtype, [4], -2, 2))
        show(name, literal([1.0, NAN, INF, -0.0], "float32"), literal([NAN, NAN, INF, 0.0], "float32"))
        show(name, numbers("int32", [5], -2, 2), "number float 0.5")
        show(name, numbers("uint8", [5], 0, 3), "number int -1")
        show(name, numbers("int64", [3, 1], -2, 2), quarters("float32", [1, 3], -2, 2))
    for name in ("logical_and", "logical_or", "logical_xor"):
        for dtype in ("bool", "uint8", "int32", "float32", "bfloat16"):
            show(name, numbers(dtype, [2, 3], -1, 1), numbers(dtype, [3], -1, 1))
    for dtype in DTYPES:
        show("logical_not", numbers(dtype, [6], -1, 1))
    for name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
        for dtype in ("bool",) + INTEGERS:
            show(name, numbers(dtype, [2, 4], -100, 100), numbers(dtype, [4], -90, 90))
        show(name, numbers("int32", [4], -100, 100), "number int 7")
    for dtype in ("bool",) + INTEGERS:
        show("bitwise_not", numbers(dtype, [6], -9, 9))


def logarithm(base):
    def function(x):
        if mpmath.isnan(x) or x < 0:
            return mpmath.nan
        return -mpmath.inf if x == 0 else mpmath.inf if mpmath.isinf(x) else mpmath.log(x) / mpmath.log(base)
    return function


REAL = {
    "rsqrt": lambda x: mpmath.nan if x < 0 else mpmath.inf if x == 0 else 1 / mpmath.sqrt(x), "exp": mpmath.exp,
    "log": logarithm(mpmath.e), "log2": logarithm(2), "log10": logarithm(10), "expm1": mpmath.expm1, "sin": mpmath.sin,
    "cos": mpmath.cos, "tan": mpmath.tan, "tanh": mpmath.tanh, "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "erf": mpmath.erf, "log1p": lambda x: logarithm(mpmath.e)(1 + x),
}
EXACT_UNARY = ("abs", "neg", "sign", "ceil", "floor", "round", "trunc", "sqrt", "reciprocal", "square", "relu")


def unary():
    mpmath.mp.prec = 300
    for name in EXACT_UNARY:
        for dtype in DTYPES:
            show(name, quarters(dtype, [11], 0 if name == "sqrt" else -5, 5))
        show(name, quarters("float32", [4, 3], 0, 5, "transpose(0,1)"))
        show(name, literal([NAN, INF, -INF, -0.0, 0.0, 0.5, 1.5, -2.5], "float32"))
        show(name, quarters("float32", [0, 2], 0, 5))
    show("round", literal([1.2345, -2.5, 1234.5678], "float64"), decimals=2)
    for name, real in REAL.items():
        positive = name in ("rsqrt", "log", "log2", "log10", "log1p")
        for dtype in ("float32", "float64", "float16", "bfloat16", "int32", "bool", "uint8"):
            show(name, quarters(dtype, [23], 1 if positive else -5, 6), real=real)
        show(name, quarters("float32", [4, 3], 1, 5, "transpose(0,1)"), real=real)
        show(name, f"float32 [50] formula:37,5,1009,{-1 if positive else 500},64", real=real)
        show(name, literal([NAN, 1e-30, 1e-6, -0.0 if not positive else 0.0, 0.0], "float32"),
             real=lambda x: x if mpmath.isnan(x) else real(x))


def selection():
    for dtype in DTYPES:
        show("where", numbers("bool", [3, 4], 0, 1), numbers(dtype, [3, 4], -9, 9), numbers(dtype, [4], -9, 9))
        show("minimum", numbers(dtype, [2, 3], -9, 9), numbers(dtype, [3], -9, 9))
        show("maximum", numbers(dtype, [2, 3], -9, 9), numbers(dtype, [3], -9, 9))
        show("masked_fill", numbers(dtype, [2, 3], -9, 9), numbers("bool", [3], 0, 1), "number int 1")
        show("clamp", numbers(dtype, [7], -9, 9), min=-2 if dtype != "uint8" else 2, max=5)
    show("where", numbers("bool", [2, 1], 0, 1), numbers("int32", [3], -9, 9), quarters("float32", [], -9, 9))
    show("where", numbers("bool", [4], 0, 1), quarters("float32", [4], -9, 9), "number float 0.0")
    for options in ({"min": -1}, {"max": 2}, {"min": 0.5, "max": 2.5}, {"min": 3, "max": 1}):
        show("clamp", quarters("float32", [9], -4, 4), **options)
        show("clamp", numbers("int32", [9], -4, 4), **options)
    for name in ("minimum", "maximum"):
        show(name, literal([1.0, NAN, 3.0, -0.0], "float32"), literal([NAN, 1.0, INF, 0.0], "float32"))
    show("clamp", literal([1.0, NAN, INF, -INF], "float32"), min=0.0, max=2.0)


def fraction_variance(spec, dim, correction, root, dtype):
    """The variance in exact arithmetic, rounded once."""
    tensor = build(spec).to(torch.float64)
    rows = tensor.reshape(1, -1) if dim is None else tensor.movedim(dim, -1).reshape(-1, tensor.shape[dim])
    values = []
    for row in rows.tolist():
        mean = mpmath.fsum(row) / len(row)
        squares = mpmath.fsum((mpmath.mpf(v) - mean) ** 2 for v in row)
        value = squares / (len(row) - correction)
        values.append(reference.rounded(mpmath.sqrt(value) if root else value, dtype))
    shape = [] if dim is None else [n for i, n in enumerate(tensor.shape) if i != dim]
    return torch.tensor(values, dtype=torch.float64).to(dtype).reshape(shape)


def reductions():
    for dtype in DTYPES:
        for name in ("sum", "prod", "any", "all", "max", "min", "argmax", "argmin", "amax", "amin", "mean"):
            low, high = (1, 2) if name == "prod" else (-5, 5)
            show(name, numbers(dtype, [3, 4], low, high))
            show(name, numbers(dtype, [2, 3, 4], low, high), dim=RNG.choice((0, 1, 2, -1)), keepdim=RNG.random() < 0.5)
    for name in ("sum", "mean", "amax", "amin"):
        for dims in ([0, 1], [0, 2], [-1, 0], [0, 1, 2]):
            show(name, numbers("float32", [2, 3, 4], -5, 5), dim=dims)
            show(name, numbers("float32", [4, 2, 3], -5, 5, "permute(1,2,0)"), dim=dims, keepdim=True)
    for name in ("any", "all"):
        show(name, numbers("bool", [2, 3, 4], 0, 1), dim=[0, 2])
    for name in ("sum", "prod", "mean", "any", "all", "max", "argmax", "amin"):
        show(name, numbers("float32", [0], 0, 1))
        show(name, numbers("float32", [0, 3], 0, 1), dim=0)
        show(name, numbers("float32", [0, 3], 0, 1), dim=1)
        show(name, numbers("float32", [], 2, 3))
        show(name, numbers("float32", [], 2, 3), dim=0)
    show("sum", numbers("uint8", [300], 0, 255))
    show("sum", numbers("float32", [10000], -9, 9))
    show("sum", numbers("int32", [5], -9, 9), dtype=torch.float64)
    show("sum", numbers("float32", [5], -9, 9), dtype=torch.int64)
    show("mean", numbers("int32", [5], -9, 9), dtype=torch.float32)
    show("prod", numbers("int8", [4], 3, 9))
    for name in ("max", "min", "argmax", "argmin", "amax", "sum"):
        show(name, literal([1.0, NAN, 3.0, NAN], "float32"))
        show(name, literal([[1.0, 3.0, 3.0], [NAN, 5.0, NAN]], "float32"), dim=1)
        show(name, literal([[1, 3, 3], [2, 2, 1]], "int64"), dim=1)
        show(name, literal([-INF, INF, INF], "float64"))
    for dtype in FLOATS:
        for name in ("var", "std"):
            spec = numbers(dtype, [5, 4], -9, 9)
            for dim, correction in ((None, 1), (0, 1), (1, 0)):
                options = {"correction": correction} if dim is None else {"dim": dim, "correction": correction}
                show(name, spec, real=fraction_variance(spec, dim, correction, name == "std", DTYPES[dtype]), **options)
        for p in (2, 1, INF, -INF, 0):
            show("norm", numbers(dtype, [3, 4], -3, 3), p=p)
            show("norm", numbers(dtype, [3, 4], -3, 3), p=p, dim=1)


def ordering():
    for dtype in DTYPES:
        if dtype != "bool":
            show("sort", literal(RNG.sample(range(0, 100), 9), dtype))
            show("topk", literal(RNG.sample(range(0, 100), 9), dtype), k=4)
        show("sort", numbers(dtype, [3, 5], -3, 3), dim=RNG.choice((0, 1)), descending=RNG.random() < 0.5, stable=True)
        show("cumsum", numbers(dtype, [3, 5], -3, 3), dim=RNG.choice((0, 1)))
    show("sort", literal([3.0, NAN, -INF, INF, 1.0], "float32"))
    show("sort", literal([3.0, NAN, -INF, INF, 1.0], "float32"), descending=True)
    show("topk", literal([[5, 1, 3], [2, 9, 4]], "float32"), k=2, dim=0, largest=False)
    show("topk", literal([3.0, NAN, 1.0], "float32"), k=2)
    show("sort", numbers("float32", [], 2, 3))
    show("sort", numbers("float32", [0, 3], 2, 3))
    show("cumsum", numbers("float32", [5, 3], -3, 3, "transpose(0,1)"), dim=1)


def matmuls():
    shapes = (([3], [3]), ([2, 3], [3]), ([3], [3, 4]), ([2, 3], [3, 4]), ([5, 2, 3], [3]), ([3], [5, 3, 4]),
              ([5, 2, 3], [3, 4]), ([2, 3], [5, 3, 4]), ([5, 2, 3], [5, 3, 4]), ([1, 2, 3], [5, 3, 4]),
              ([2, 1, 2, 3], [4, 3, 2]), ([2, 3, 2, 3], [2, 3, 3, 4]), ([2, 1, 2, 3], [1, 3, 3, 2]), ([0, 3], [3, 2]),
              ([2, 0], [0, 3]), ([0, 2, 3], [3, 4]), ([2, 3, 4, 5], [5]), ([1, 1], [1, 1]))
    for a, b in shapes:
        for dtype in ("float32", "float64", "int64", "int32", "uint8", "bfloat16", "float16"):
            if dtype in ("float32", "int64") or RNG.random() < 0.35:
                show("matmul", numbers(dtype, a, -5, 5), numbers(dtype, b, -5, 5))
    for dtype in DTYPES:
        show("mm", numbers(dtype, [3, 4], -5, 5), numbers(dtype, [4, 2], -5, 5))
    show("mm", numbers("float32", [4, 3], -5, 5, "transpose(0,1)"), numbers("float32", [2, 4], -5, 5, "transpose(0,1)"))
    show("mm", numbers("float32", [37, 70], -5, 5), numbers("float32", [70, 41], -5, 5))
    show("mm", numbers("int64", [17, 30], -5, 5), numbers("int64", [30, 21], -5, 5))
    show("bmm", numbers("float32", [3, 2, 4], -5, 5), numbers("float32", [3, 4, 5], -5, 5))
    show("mv", numbers("float32", [3, 4], -5, 5), numbers("float32", [4], -5, 5))
    show("dot", numbers("float32", [40], -5, 5), numbers("float32", [40], -5, 5))
    show("addmm", numbers("float32", [2], -5, 5), numbers("float32", [3, 4], -5, 5), numbers("float32", [4, 2], -5, 5))
    show("matmul", numbers("float32", [3, 8], -5, 5, "slice(1,0,8,2)"),
         numbers("float32", [1, 4], -5, 5, "expand(4,4)"))


def joining():
    for dtype in ("float32", "int64", "bool", "float16"):
        show("cat", numbers(dtype, [2, 3], -5, 5), numbers(dtype, [1, 3], -5, 5), numbers(dtype, [4, 3], -5, 5))
        show("cat", numbers(dtype, [2, 3], -5, 5), numbers(dtype, [2, 1], -5, 5), dim=-1)
        show("stack", numbers(dtype, [2, 3], -5, 5), numbers(dtype, [2, 3], -5, 5), dim=RNG.choice((0, 1, 2, -1)))
    show("cat", numbers("float32", [2, 3], -5, 5), numbers("int32", [1, 3], -5, 5))
    show("cat", numbers("float32", [0], -5, 5), numbers("float32", [1, 3], -5, 5))
    show("cat", numbers("float32", [3, 2], -5, 5, "transpose(0,1)"), numbers("float32", [1, 3], -5, 5))
    show("stack", numbers("float32", [], -5, 5), numbers("float32", [], -5, 5))
    for sizes, dim in (([7, 2], 0), ([2, 6], 1), ([5], 0), ([0, 2], 0)):
        for pieces in (1, 2, 3, 7):
            show("chunk", numbers("float32", sizes, -5, 5), chunks=pieces, dim=dim)
            show("split", numbers("int32", sizes, -5, 5), split_size_or_sections=pieces, dim=dim)
    show("split", numbers("int32", [6, 2], -5, 5), split_size_or_sections=[1, 2, 3])


def views():
    cases = [("reshape", [2, 6], {"sizes": [3, 4]}), ("reshape", [2, 6], {"sizes": [-1]}),
             ("reshape", [2, 6], {"sizes": [2, -1, 3]}),
             ("reshape", [1], {"sizes": []}), ("reshape", [0, 3], {"sizes": [3, 0]}),
             ("view", [2, 6], {"sizes": [4, 3]}),
             ("flatten", [2, 3, 4], {}), ("flatten", [2, 3, 4], {"start_dim": 1}), ("flatten", [], {}),
             ("flatten", [2, 3, 4, 5], {"start_dim": 1, "end_dim": 2}), ("squeeze", [1, 2, 1, 3], {}),
             ("squeeze", [1, 2, 1, 3], {"dim": 2}), ("squeeze", [1, 2, 1, 3], {"dim": 1}),
             ("squeeze", [1, 2, 1], {"dim": -1}),
             ("unsqueeze", [2, 3], {"dim": 0}), ("unsqueeze", [2, 3], {"dim": -1}), ("unsqueeze", [2, 3], {"dim": 1}),
             ("unsqueeze", [], {"dim": 0}), ("transpose", [2, 3, 4], {"dim0": 0, "dim1": 2}),
             ("transpose", [2, 3, 4], {"dim0": -1, "dim1": -2}), ("permute", [2, 3, 4], {"dims": [2, 0, 1]}),
             ("permute", [2, 3, 4], {"dims": [-1, 0, 1]}), ("expand", [3, 1], {"sizes": [3, 4]}),
             ("expand", [3, 1], {"sizes": [2, -1, 4]}), ("expand", [], {"sizes": [2, 2]}),
             ("expand", [1], {"sizes": [0]}),
             ("select", [3, 4], {"dim": 0, "index": 1}), ("select", [3, 4], {"dim": -1, "index": -2}),
             ("narrow", [5, 4], {"dim": 0, "start": 1, "length": 3}),
             ("narrow", [5, 4], {"dim": 1, "start": -2, "length": 2}),
             ("getitem_slice", [7, 2], {"dim": 0, "start": 1, "stop": 6, "step": 2}),
             ("getitem_slice", [7, 2], {"dim": 0, "start": -3, "stop": 100, "step": 1}),
             ("getitem_slice", [7, 2], {"dim": 0, "start": 5, "stop": 2, "step": 1}),
             ("getitem_slice", [2, 7], {"dim": 1, "start": 0, "stop": -1, "step": 3}), ("contiguous", [2, 3], {}),
             ("t", [2, 3], {}), ("t", [3], {})]
    for name, sizes, options in cases:
        show(name, numbers(RNG.choice(("float32", "int64", "uint8")), sizes, -5, 5), **options)
    turned = "transpose(0,1)"
    for name, options in (("reshape", {"sizes": [6]}), ("reshape", {"sizes": [3, 2]}), ("flatten", {}),
                          ("contiguous", {}),
                          ("unsqueeze", {"dim": 0}), ("unsqueeze", {"dim": 1}), ("unsqueeze", {"dim": 2}),
                          ("select", {"dim": 0, "index": 1}), ("view", {"sizes": [3, 1, 2]}), ("view", {"sizes": [6]}),
                          ("getitem_slice", {"dim": 1, "start": 0, "stop": 2, "step": 2})):
        show(name, numbers("float32", [2, 3], -5, 5, turned), **options)
    for sizes, steps in (([4, 6], "slice(1,0,6,2)"), ([1, 3], "expand(4,3)"), ([2, 3, 4], "permute(0,2,1)"),
                         ([2, 3, 4], "select(1,0)")):
        for name, options in (("reshape", {"sizes": [-1]}), ("flatten", {}), ("contiguous", {}), ("squeeze", {})):
            show(name, numbers("float32", sizes, -5, 5, steps), **options)


def casts():
    for source in DTYPES:
        for target in DTYPES:
            if source in FLOATS:
                low = 0 if target == "uint8" else -100
                show("to", quarters(source, [9], low, 100), dtype=DTYPES[target])
            else:
                show("to",
                     numbers(source, [9], -1000 if source not in ("int8",) else -128,
                             1000 if source not in ("int8", "uint8") else 127),
                     dtype=DTYPES[target])
    for target in FLOATS + ("bool",):
        for source in FLOATS:
            show("to", literal([NAN, INF, -INF, -0.0, 65504.0, 65520.0, 1e-8, 3e38], source), dtype=DTYPES[target])
        show("to", literal([2 ** 63 - 1, -2 ** 63, 2 ** 53 + 1, 16777217, 65519, 65520, 2049], "int64"),
             dtype=DTYPES[target])
    show("to", literal([1e40, -1e40, 1.0 + 2.0 ** -24, 1.0 + 3 * 2.0 ** -25, 1e-46], "float64"), dtype=torch.float32)
    show("to",
         literal([1.0 + 2.0 ** -8, 1.0 + 3 * 2.0 ** -8, 1.0 + 2.0 ** -11, 1.0 + 2.0 ** -10 + 2.0 ** -11],
                 "float64"), dtype=torch.bfloat16)
    show("to", literal([2.0 ** 62, -2.0 ** 63, 1e15 + 0.5], "float64"), dtype=torch.int64)
    show("to", literal([2147483647, -2147483648, 0.99, -0.99], "float64"), dtype=torch.int32)


def creation():
    for options in ({"end": 5}, {"start": 1, "end": 4}, {"start": 1, "end": 10, "step": 3},
                    {"start": 5, "end": 0, "step": -2},
                    {"end": 2.5}, {"start": 0, "end": 1, "step": 0.25}, {"start": 1.0, "end": 4.0}, {"end": 0},
                    {"end": 5, "dtype": torch.float32}, {"end": 5, "dtype": torch.int8},
                    {"end": 5, "dtype": torch.float16},
                    {"start": -2, "end": 2, "step": 0.5, "dtype": torch.float64}, {"start": 3, "end": 3}):
        show("arange", **options)
    for options in ({"start": 0, "end": 1, "steps": 5}, {"start": -2, "end": 2, "steps": 9},
                    {"start": 3, "end": 3, "steps": 1},
                    {"start": 0, "end": 8, "steps": 17, "dtype": torch.float64}, {"start": 0, "end": 10, "steps": 0},
                    {"start": 5, "end": -3, "steps": 5}, {"start": 0, "end": 10, "steps": 6, "dtype": torch.int64}):
        show("linspace", **options)
    for options in ({"n": 3}, {"n": 2, "m": 4}, {"n": 4, "m": 2, "dtype": torch.int64}, {"n": 0},
                    {"n": 1, "dtype": torch.bool}):
        show("eye", **options)
    for size, value, dtype in (([2, 3], 7, None), ([2], 2.5, None), ([], True, None), ([0], 1, torch.uint8),
                               ([3], 3, torch.float64), ([2], 2.9, torch.int32), ([2], 300, torch.float16),
                               ([2], 5, torch.bool)):
        show("full", size=size, fill_value=value, **({"dtype": dtype} if dtype else {}))
    for name in ("zeros", "ones"):
        for dtype in DTYPES:
            show(name, size=[2, 2], dtype=DTYPES[dtype])
        show(name, size=[0, 3])
        show(name + "_like", numbers("int16", [3, 2], -5, 5, "transpose(0,1)"))
    show("full_like", numbers("int16", [3, 2], -5, 5), fill_value=4)
    for dtype in DTYPES:
        show("item", f"{dtype} [] formula:1,5,9,3")
        show("item", f"{dtype} [1,1] formula:1,1,9,0")


if __name__ == "__main__":
    for part in (binary, comparisons_and_logic, unary, selection, reductions, ordering, matmuls, joining, views, casts,
                 creation):
        part()
    OUT.write()
