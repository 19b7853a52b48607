"""conv.txt: convolution, transposed convolution, pooling and padding, on data whose results are exact."""
import random
import warnings

import torch
import torch.nn.functional as F

import golden
from golden import DTYPES, FLOATS, INTEGERS, File, build, call, options_text, result, sizes_text

warnings.filterwarnings("ignore")

OUT = File("conv.txt", """
Records are named by the function: conv1d ... conv_transpose3d and max_pool1d ... adaptive_max_pool3d, pad; operands
are `input`, `weight`, `bias` (absent: none). conv1d_mode, conv2d_mode, conv3d_mode are what nn.Conv1d ... compute
with a padding_mode: the input is padded by F.pad with that mode, then convolved without padding. max_pool and
adaptive_max_pool have two results: the values and the indices (int64).

All data is small integers, so every sum of products is exact in any order:
- convolutions of floating dtypes: the exact result rounded once to the dtype (the script has checked it), with 0 for -0;
- convolutions of integer dtypes: the exact result modulo 2^bits;
- avg_pool: the exact sum (float16, bfloat16: in float32), then one division, correctly rounded in float32 (float64
  for float64), then, for float16 and bfloat16, rounded to the dtype;
- adaptive_avg_pool: `divisions` says how the exact sum is divided, which the script has checked: `one`, once by the
  number of elements (as avg_pool), where the output is one cell; else `chained`, by the cell's size along one
  dimension after the other (sum / kh / kw); `rounded` for float16 and bfloat16 in three dimensions: rounded to the
  dtype after each.

A field `unsupported` marks an input that PyTorch has no kernel for; `error` and `text` are then what it says, and
(but for bool) `out0` and the indices `out1` are what the definition gives: for integers computed in float64,
exactly, and then wrapped (averages are cut towards zero); for float16 and bfloat16 computed in float32 and rounded.
""")
RNG = random.Random(20)


def formula(sizes, dtype, low, high, steps=""):
    """A tensor of integers in [low, high], by formula."""
    if dtype in ("uint8", "bool"):
        low = max(low, 0)
    m = high - low + 1
    a = RNG.choice([n for n in (1, 2, 3, 5, 7, 11, 13, 17, 23, 29, 31, 37) if m == 1 or n % m != 0])
    return f"{dtype} {sizes_text(sizes)} formula:{a},{RNG.randrange(m)},{m},{-low} {steps}".strip()


def laid_out(sizes, dtype, low, high):
    """The same, now and then as a view that is not contiguous."""
    kind = RNG.random()
    if kind < 0.05 and len(sizes) > 1:
        turned = list(sizes)
        turned[-1], turned[-2] = turned[-2], turned[-1]
        return formula(turned, dtype, low, high, f"transpose({len(sizes) - 2},{len(sizes) - 1})")
    if kind < 0.10:
        wide = list(sizes)
        wide[-1] *= 2
        return formula(wide, dtype, low, high, f"slice({len(sizes) - 1},0,{wide[-1]},2)" if sizes[-1] else "")
    return formula(sizes, dtype, low, high)


def is_unsupported(error):
    return "not implemented for" in str(error)


def through_wider(tensors, function):
    """What a kernel would give where PyTorch has none: for integers exact in float64, then wrapped."""
    dtype = tensors[0].dtype
    wider = torch.float32 if dtype.is_floating_point else torch.float64
    value, error = call(lambda: function(*[None if t is None else t.to(wider) for t in tensors]))
    if error is not None or dtype == torch.bool:
        return ()
    values = value if isinstance(value, tuple) else (value,)
    assert all(v.numel() == 0 or v.abs().max() < 2 ** 53 for v in values)
    first = values[0] if dtype.is_floating_point else values[0].to(torch.int64)
    return (first.to(dtype),) + values[1:]


def outputs(values):
    return ((f"out{i}", result(value)) for i, value in enumerate(values))


def add(name, specs, options, tensors, function, extra=None):
    """Runs and records; nothing is recorded for an ordinary error. Returns whether something was."""
    value, error = call(lambda: function(*tensors))
    fields = [*specs, ("options", options_text(options))]
    if error is not None:
        if not is_unsupported(error):
            return False
        OUT.record(name, *fields, ("unsupported", "no kernel"), *outputs(through_wider(tensors, function)), error=error)
        return True
    values = value if isinstance(value, tuple) else (value,)
    if name.startswith("conv"):  # whether a zero is -0 depends on which back end ran
        values = tuple(v + 0 if v.dtype.is_floating_point else v for v in values)
    OUT.record(name, *fields, *outputs(values), *(extra(values) if extra else ()))
    return True


# ---- convolution ----


def check_exact(name, value, operands, options, function):
    """That a floating result is the exact one rounded once, an integer one the exact one wrapped. False if only this
    dtype's back end takes the input (float32 allows a transposed convolution without output, float64 does not)."""
    wide = [None if t is None else t.to(torch.float64 if t.dtype.is_floating_point else torch.int64) for t in operands]
    exact, error = call(lambda: function(*wide, **options))
    if error is not None:
        return False
    assert torch.equal(value, exact.to(value.dtype)), (name, options, value, exact)
    return True


def magnitudes(dtype):
    """Low and high of input and weight: sums stay exact in float32, small in the half types, and wrap in integers."""
    if dtype in ("float16", "bfloat16"):
        return (-3, 3), (-2, 2)
    if dtype in ("int8", "int16", "uint8") and RNG.random() < 0.3:
        return (-100, 100), (-90, 90)
    if dtype in ("int32", "int64") and RNG.random() < 0.2:
        return (-40000, 40000), (-70000, 70000)
    return (-9, 9), (-4, 4)


def per_dim(n, choices):
    return RNG.choice(choices) if RNG.random() < 0.5 else [RNG.choice(choices) for _ in range(n)]


def conv_case(n, dtype, transposed):
    groups = RNG.choice((1, 1, 1, 2, 3))
    depthwise = RNG.random() < 0.12
    per_in, per_out = RNG.choice((1, 2, 3)), RNG.choice((1, 2, 3))
    if depthwise:
        groups, per_in, per_out = RNG.choice((2, 4, 5)), 1, RNG.choice((1, 1, 2))
    in_channels, out_channels = groups * per_in, groups * per_out
    kernel = [RNG.choice((1, 2, 3, 3, 4, 5) if n < 3 else (1, 2, 3)) for _ in range(n)]
    spatial = [RNG.randint(1, 14 if n == 1 else 9 if n == 2 else 5) for _ in range(n)]
    options = {}
    if RNG.random() < 0.6:
        options["stride"] = per_dim(n, (1, 2, 3))
    if RNG.random() < 0.6:
        options["padding"] = per_dim(n, (0, 1, 2, 3))
        if not transposed and RNG.random() < 0.25:
            options["padding"] = RNG.choice(("same", "valid"))
            if options["padding"] == "same":
                options.pop("stride", None)
    if RNG.random() < 0.4:
        options["dilation"] = per_dim(n, (1, 2, 3))
    if transposed and RNG.random() < 0.4:
        options["output_padding"] = per_dim(n, (0, 1))
    if groups != 1:
        options["groups"] = groups
    batch = [] if RNG.random() < 0.15 else [RNG.choice((0, 1, 1, 2, 3) if RNG.random() < 0.3 else (1, 2))]
    x_range, w_range = magnitudes(dtype)
    weight_sizes = [in_channels, per_out] + kernel if transposed else [out_channels, per_in] + kernel
    specs = [("input", laid_out(batch + [in_channels] + spatial, dtype, *x_range)),
             ("weight", laid_out(weight_sizes, dtype, *w_range))]
    if RNG.random() < 0.5:
        specs.append(("bias", formula([out_channels], dtype, *x_range)))
    return specs, options


def run_conv(n, dtype, transposed):
    name = f"conv_transpose{n}d" if transposed else f"conv{n}d"
    function = getattr(F, name)
    specs, options = conv_case(n, dtype, transposed)
    operands = [build(spec) for _, spec in specs] + [None] * (3 - len(specs))
    value, error = call(lambda: function(*operands, **options))
    if error is None and not check_exact(name, value, operands, options, function):
        return False
    return add(name, specs, options, operands, lambda *tensors: function(*tensors, **options))


def convolutions():
    counts = {"float32": 150, "float64": 50, "float16": 40, "bfloat16": 40, "bool": 2}
    for transposed in (False, True):
        for n in (1, 2, 3):
            for dtype in DTYPES:
                made = 0
                wanted = counts.get(dtype, 35 if not transposed or dtype == "int64" else 3)
                while made < wanted:
                    made += run_conv(n, dtype, transposed)


def large_convolutions():
    """Sizes of real networks, where other code paths run; small values keep float32 exact."""
    for sizes, weight, options in (
            ([2, 16, 20, 20], [32, 16, 3, 3], {"padding": 1}), ([1, 32, 28, 28], [48, 32, 3, 3], {"padding": 1}),
            ([1, 3, 40, 40], [16, 3, 7, 7], {"stride": 2, "padding": 3}),
            ([2, 24, 17, 19], [24, 1, 3, 3], {"groups": 24}),
            ([1, 64, 14, 14], [80, 64, 1, 1], {}), ([1, 40, 15, 15], [40, 10, 3, 3], {"groups": 4, "padding": 1}),
            ([1, 3, 32, 32], [32, 3, 5, 5], {"padding": 2}), ([3, 17, 13, 21], [19, 17, 5, 5], {"padding": "same"}),
            ([1, 16, 33, 33], [16, 16, 3, 3], {"dilation": 4}), ([1, 8, 64, 5], [8, 8, 11, 1], {"padding": [5, 0]}),
            ([1, 1, 100, 100], [1, 1, 3, 3], {}), ([1, 72, 12, 12], [72, 1, 5, 5],
                                                   {"groups": 72, "stride": 2, "padding": 2}),
            ([1, 128, 7, 7], [64, 128, 3, 3], {"padding": 1}), ([1, 33, 50, 1], [35, 33, 3, 1], {"stride": [3, 1]})):
        for dtype in ("float32", "float64", "int32", "int8"):
            specs = [("input", formula(sizes, dtype, -4, 4)), ("weight", formula(weight, dtype, -3, 3)),
                     ("bias", formula([weight[0]], dtype, -50, 50))]
            operands = [build(spec) for _, spec in specs]
            value, error = call(lambda: F.conv2d(*operands, **options))
            assert error or check_exact("conv2d", value, operands, options, F.conv2d)
            add("conv2d", specs, options, operands, lambda *tensors: F.conv2d(*tensors, **options))
            if dtype in ("float32", "float64") and options.get("padding") != "same":
                out = F.conv2d(*operands, **options)
                specs = [("input", formula(list(out.shape), dtype, -4, 4)), specs[1]]
                operands = [build(spec) for _, spec in specs]
                assert check_exact("conv_transpose2d", F.conv_transpose2d(*operands, **options), operands, options,
                                   F.conv_transpose2d)
                add("conv_transpose2d", specs, options, operands, lambda *t: F.conv_transpose2d(*t, **options))


def padding_modes():
    for mode in ("zeros", "reflect", "replicate", "circular"):
        for n in (1, 2, 3):
            made = 0
            while made < 22:
                dtype = RNG.choice(("float32", "float64", "bfloat16", "float16"))
                specs, options = conv_case(n, dtype, False)
                operands = [build(spec) for _, spec in specs] + [None] * (3 - len(specs))
                if operands[0].dim() == n + 1 and n == 3 and mode != "zeros":
                    continue
                layer = getattr(torch.nn, f"Conv{n}d")
                groups = options.get("groups", 1)
                settings = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}

                def run(x, weight, bias):
                    out_channels, per_group, *kernel = weight.shape
                    module = layer(per_group * groups, out_channels, tuple(kernel), bias=bias is not None,
                                   padding_mode=mode, dtype=DTYPES[dtype], **settings)
                    module.weight.data = weight
                    if bias is not None:
                        module.bias.data = bias
                    return module(x).detach()
                made += add(f"conv{n}d_mode", specs, {**options, "padding_mode": mode}, operands, run)


# ---- pooling ----


def with_specials(sizes, dtype):
    """Floats with NaN and infinities among them, as bytes."""
    count = torch.Size(sizes).numel()
    values = [RNG.choice((float("nan"), float("inf"), -float("inf"), -0.0, 0.0, 1.0, 2.0, 2.0,
                          -3.0)) for _ in range(count)]
    return golden.hex_spec(torch.tensor(values, dtype=torch.float64).to(DTYPES[dtype]).reshape(sizes))


def pool_input(n, dtype, low=-9, high=9, specials=0.0):
    spatial = [RNG.randint(2, 12 if n == 1 else 8 if n == 2 else 5) for _ in range(n)]
    batch = [] if RNG.random() < 0.2 else [RNG.choice((0, 1, 2)) if RNG.random() < 0.2 else RNG.choice((1, 2))]
    sizes = batch + [RNG.choice((1, 2, 3))] + spatial
    if dtype in FLOATS and torch.Size(sizes).numel() <= 60 and RNG.random() < specials:
        return with_specials(sizes, dtype)
    return laid_out(sizes, dtype, low, high)


def max_pools():
    for n in (1, 2, 3):
        function = getattr(F, f"max_pool{n}d")
        for dtype in DTYPES:
            made = 0
            wanted = 2 if dtype == "bool" else 60 if dtype == "float32" else 14
            while made < wanted:
                spec = pool_input(n, dtype, specials=0.25)
                options = {"kernel_size": per_dim(n, (1, 2, 3, 4))}
                if RNG.random() < 0.6:
                    options["stride"] = per_dim(n, (1, 2, 3))
                if RNG.random() < 0.5:
                    options["padding"] = per_dim(n, (0, 1, 2))
                if RNG.random() < 0.4:
                    options["dilation"] = per_dim(n, (1, 2, 3))
                if RNG.random() < 0.5:
                    options["ceil_mode"] = True
                tensor = build(spec)
                made += add(f"max_pool{n}d", [("input", spec)], options, [tensor],
                            lambda x: function(x, **options, return_indices=True))


def check_average(value, tensor, function, options):
    """That an average is the exact sum divided once; the divisor is found from float64."""
    wide = tensor.to(torch.float64)
    total, average = function(wide, **{**options, "divisor_override": 1}), function(wide, **options)
    count = torch.where(total == 0, 1.0, (total / average).round())
    if tensor.dtype.is_floating_point:
        accumulator = torch.float64 if tensor.dtype == torch.float64 else torch.float32
        expected = total.to(accumulator) / count.to(accumulator)
    else:
        expected = torch.div(total, count, rounding_mode="trunc")
    assert torch.equal(value, expected.to(value.dtype)), (options, value, expected)


def avg_pools():
    for n in (1, 2, 3):
        function = getattr(F, f"avg_pool{n}d")
        for dtype in DTYPES:
            made = 0
            wanted = 2 if dtype in ("bool", "uint8", "int8", "int16", "int32") else 60 if dtype == "float32" else 14
            while made < wanted:
                spec = pool_input(n, dtype)
                options = {"kernel_size": per_dim(n, (1, 2, 3, 4))}
                if RNG.random() < 0.6:
                    options["stride"] = per_dim(n, (1, 2, 3))
                if RNG.random() < 0.5:
                    options["padding"] = per_dim(n, (0, 1, 2))
                if RNG.random() < 0.5:
                    options["ceil_mode"] = True
                if RNG.random() < 0.4:
                    options["count_include_pad"] = False
                if n > 1 and RNG.random() < 0.25:
                    options["divisor_override"] = RNG.choice((1, 2, 3, 7, -2))
                tensor = build(spec)
                value, error = call(lambda: function(tensor, **options))
                if n > 1 and error is None and value.numel() > 0:  # avg_pool1d is avg_pool2d
                    check_average(value, tensor, function, options)
                made += add(f"avg_pool{n}d", [("input", spec)], options, [tensor], lambda x: function(x, **options))


def cells(length, count):
    return [(i * length // count, -((-(i + 1) * length) // count)) for i in range(count)]


def divisions(tensor, sizes):
    """The models of adaptive average pooling, as {name: tensor}."""
    wide = torch.float64 if tensor.dtype == torch.float64 else torch.float32
    models = {}
    for name in ("one", "chained", "rounded"):
        sums = tensor.to(torch.float64)
        n = len(sizes)
        counts = []
        for dim in range(n):
            axis = sums.dim() - n + dim
            borders = cells(sums.shape[axis], sizes[dim])
            sums = torch.stack([sums.narrow(axis, low, high - low).sum(axis) for low, high in borders], axis)
            shape = [1] * sums.dim()
            shape[axis] = len(borders)
            counts.append(torch.tensor([high - low for low, high in borders], dtype=wide).reshape(shape))
        value = sums.to(wide)
        if name == "one":
            total = counts[0]
            for count in counts[1:]:
                total = total * count
            value = value / total
        else:
            for count in counts:
                value = value / count
                if name == "rounded":
                    value = value.to(tensor.dtype).to(wide)
        models[name] = value.to(tensor.dtype)
    return models


def adaptive_pools():
    for kind in ("avg", "max"):
        for n in (1, 2, 3):
            name = f"adaptive_{kind}_pool{n}d"
            function = getattr(F, name)
            for dtype in DTYPES:
                made = 0
                wanted = 40 if dtype == "float32" else 14 if dtype in FLOATS else 2
                while made < wanted:
                    spec = pool_input(n, dtype, specials=0.2 if kind == "max" else 0.0)
                    output = [RNG.choice((1, 1, 2, 3, 4, 5)) for _ in range(n)]
                    if RNG.random() < 0.06:
                        output[0] = 0
                    if n > 1 and RNG.random() < 0.3:
                        output[RNG.randrange(n)] = None
                    if RNG.random() < 0.25:
                        output = RNG.choice((1, 2, 3))
                    tensor = build(spec)
                    options = {"output_size": output}
                    arguments = {"return_indices": True} if kind == "max" else {}

                    def division(values):
                        if tensor.numel() == 0 or values[0].numel() == 0:
                            return ()
                        sizes = values[0].shape[-n:]
                        way = "one" if all(size == 1 for size in sizes) else (
                            "rounded" if n == 3 and tensor.element_size() == 2 else "chained")
                        assert torch.equal(divisions(tensor, sizes)[way], values[0]), (spec, output, way)
                        return (("divisions", way),)
                    made += add(name, [("input", spec)], options, [tensor], lambda x: function(x, output, **arguments),
                                division if kind == "avg" else None)


def pads():
    made = 0
    while made < 220:
        dtype = RNG.choice(list(DTYPES))
        mode = RNG.choice(("constant", "constant", "reflect", "replicate", "circular"))
        ndim = RNG.choice((1, 2, 3, 4, 5))
        sizes = [RNG.randint(1, 6) for _ in range(ndim)]
        padded = RNG.randint(1, ndim) if mode == "constant" else max(1, ndim - RNG.choice((1, 2)))
        spec = laid_out(sizes, dtype, -9, 9)
        amounts = [RNG.choice((-1, 0, 1, 2, 3) if RNG.random() < 0.5 else (0, 1, 2)) for _ in range(2 * padded)]
        if mode == "circular":  # with a negative amount PyTorch leaves elements unset
            amounts = [abs(amount) for amount in amounts]
        options = {"pad": amounts}
        if mode != "constant":
            options["mode"] = mode
        elif RNG.random() < 0.5:
            options["value"] = RNG.choice((1, 7, 2.5, 0.0)) if dtype in FLOATS else RNG.choice((1, 3))
        tensor = build(spec)
        made += add("pad", [("input", spec)], options, [tensor], lambda x: F.pad(x, **options))


if __name__ == "__main__":
    convolutions()
    large_convolutions()
    padding_modes()
    max_pools()
    avg_pools()
    adaptive_pools()
    pads()
    OUT.write()
