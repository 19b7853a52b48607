"""creation.txt: ranges, filled tensors, tensors from nested lists and random tensors, bit by bit."""
import torch

from golden import DTYPES, FLOATS, INTEGERS, File, build, call, options_text, result, sizes_text, value_text

OUT = File("creation.txt", """
arange, linspace: numbers `start` and `end`, options step, steps, dtype.
eye: options n, m, dtype. full: a `number`, options sizes, dtype. zeros, ones, empty: options sizes (errors only).
full_like: `in0`, a `number`, option dtype; `strides` of the result.
text: torch.tensor of the nested list `source`, option dtype.
The others draw: options seed (for the default generator) and the parameters; in-place ones fill the view `in0`, with
the probabilities `in1` where they take a tensor. `out1` is rand(1) afterwards, which shows where the stream stands.
An empty dtype option is one that was not given.
""")

NAN, INF = float("nan"), float("inf")


def number_text(value):
    kind = "bool" if isinstance(value, bool) else "int" if isinstance(value, int) else "float"
    return f"number {kind} {value_text(value)}"


def record(name, fields, options, run, strides=False):
    """Runs a creation and records its result or its error; dtypes in options are names."""
    given = {key: DTYPES[value] if key == "dtype" else value for key, value in options.items()}
    tensor, error = call(lambda: run(**given))
    if isinstance(error, TypeError):
        raise error  # PyTorch's argument parser, which C has none of
    out = [] if error else [("out0", result(tensor))]
    if strides and not error:
        out.append(("strides", sizes_text(tensor.stride())))
    OUT.record(name, *fields, ("options", options_text(options)), *out, error=error)


def arange(start, end, **options):
    record("arange", [("start", number_text(start)), ("end", number_text(end))], options,
           lambda **o: torch.arange(start, end, **o))


def linspace(start, end, steps, **options):
    def run(steps, **o):
        return torch.linspace(start, end, steps, **o)
    record("linspace", [("start", number_text(start)), ("end", number_text(end))], {"steps": steps, **options}, run)


def ranges():
    for start, end in ((0, 5), (3, 3), (-4, 7), (0, 100), (True, 4), (0, 1.0), (0.0, 37), (2 ** 53, 2 ** 53 + 5),
                       (-2 ** 63, -2 ** 63 + 3), (0.5, 9.25), (-3.75, 1000)):
        arange(start, end)
    for step in (0.1, 0.3, -0.7, 1 / 3, 1e-3, 0.7123):
        for dtype in FLOATS:
            for count in (7, 16, 33, 100, 1000):
                start = 0.123 if count % 2 else -5
                arange(start, start + step * (count - 0.5), step=step, dtype=dtype)
    for dtype in ("float32", "float64"):
        arange(0.1, 4567.8, step=0.1, dtype=dtype)
        arange(10 ** 6, 0, step=-37.77, dtype=dtype)
        arange(1e-3, 40.0, step=1e-3, dtype=dtype)
        arange(-1e30, 1e30, step=1.1e28, dtype=dtype)
    for dtype in INTEGERS:
        arange(0, 50, step=3, dtype=dtype)
        arange(20, -30, step=-7, dtype=dtype)
        arange(0.5, 5.5, step=1.5, dtype=dtype)
        arange(-1.5, 300.25, step=60.75, dtype=dtype)
        arange(0, 2 ** 40, step=2 ** 38 + 5, dtype=dtype)
    arange(0, 5, step=0.5, dtype="uint8")
    arange(0, 100, step=7)
    arange(5, -5, step=-3)
    arange(0, 1e39, step=2.5e38)
    arange(0, 1e5, step=4e4, dtype="float16")
    arange(1e5, 2e5, step=3e4, dtype="float16")
    arange(0, 5000, dtype="float16")
    arange(0, 1000, dtype="bfloat16")
    arange(0, 5, step=INF)
    arange(0, -5, step=-INF, dtype="float16")
    for start, end, step in ((0, 5, 0), (5, 0, 1), (0, 5, -1), (0, INF, 1), (0, NAN, 1), (-INF, 0, 1), (0, 5, NAN),
                             (0, 5, -INF), (0, 1e30, 1e-5), (-2 ** 63, 2 ** 63 - 1, 1), (1.5, INF, 1), (2.25, -1, 1)):
        arange(start, end, step=step)
    for start, end, step, dtype in ((0, NAN, 1, "int64"), (0, 5, INF, "int64"), (0, 1e19, 1, "int64"), (0, 5, 1, "bool"),
                                    (0, 1, 0.3, "int64"), (0, 1e39, 5e38, "bfloat16"), (0, 5, INF, "int8"),
                                    (0, 1e39, 1e38, "float16")):
        arange(start, end, step=step, dtype=dtype)


def linspaces():
    for start, end in ((0, 1), (-1.5, 7.25), (3, -4), (0.1, 0.7), (1e-3, 1e6), (2.0, 2.0), (-100, 99)):
        for steps in (0, 1, 2, 3, 10, 37, 256):
            linspace(start, end, steps)
    for dtype in ("float16", "bfloat16", "float64"):
        for start, end in ((0, 1), (-1.5, 7.25), (3, -4), (0.1, 300.7)):
            for steps in (1, 2, 5, 38, 3001):
                linspace(start, end, steps, dtype=dtype)
    for dtype in INTEGERS:
        for start, end in ((0, 10), (1.7, 100.9), (-3, 3), (100, 7)):
            for steps in (1, 2, 5, 12):
                linspace(start, end, steps, dtype=dtype)
    linspace(-2 ** 63, 2 ** 63 - 1, 7, dtype="int64")
    linspace(-2 ** 31, 2 ** 31 - 1, 9, dtype="int32")
    linspace(0, 65504, 3, dtype="float16")
    linspace(-65504, 65504, 5, dtype="float16")
    linspace(0, INF, 4)
    linspace(NAN, 1, 4)
    for start, end, steps, dtype in ((0, 1, -1, "float32"), (0, 300, 5, "uint8"), (NAN, 3, 5, "int32"), (0, 1e39, 4, "float32"),
                                     (0, 70000, 3, "float16"), (0, 10, 5, "bool"), (0, 10, 0, "bool"), (2, 10, 1, "bool"),
                                     (1e39, 0, 1, "float32"), (0, 1e39, 1, "float32"), (0, 2 ** 33, 3, "int32")):
        linspace(start, end, steps, dtype=dtype)


def filled():
    for dtype in DTYPES:
        for options in ({"n": 3}, {"n": 2, "m": 4}, {"n": 3, "m": 1}, {"n": 0, "m": 2}):
            record("eye", [], {**options, "dtype": dtype}, lambda n, m=None, **o: torch.eye(n, n if m is None else m, **o))
    for options in ({"n": -1}, {"n": 2, "m": -1}, {"n": -2, "m": -3}):
        record("eye", [], options, lambda n, m=None: torch.eye(n, n if m is None else m))
    for value in (0, 1, True, -1, 2.7, -0.3, 127.9, 128, -129, 255, 256, -255, -256, 300, 65504.0, 65505.0, 70000, 1e39,
                  INF, NAN, 2 ** 40, 2 ** 63 - 1, -2 ** 63, 9.3e18, 9.223372036854775e18, 0.1):
        for dtype in DTYPES:
            record("full", [("number", number_text(value))], {"sizes": [2], "dtype": dtype},
                   lambda sizes, **o: torch.full(sizes, value, **o))
    for value in (3, 3.5, False):
        for sizes in ([], [2, 2], [0, 3]):
            record("full", [("number", number_text(value))], {"sizes": sizes}, lambda sizes: torch.full(sizes, value))
    for name in ("zeros", "ones", "empty"):
        for sizes in ([-1, 2], [2, -3], [2 ** 40, 2 ** 40]):
            record(name, [], {"sizes": sizes}, lambda sizes: getattr(torch, name)(sizes))
    for spec in ("float32 [2,3] arange:0,1 transpose(0,1)", "int64 [2,6] arange:0,1 slice(1,0,6,2)",
                 "float64 [3,1] arange:0,1 expand(3,4)", "bool [2,3,4] arange:0,1 permute(2,0,1)",
                 "uint8 [2,3,4] arange:0,1 permute(2,0,1) slice(2,0,3,2)", "float16 [] arange:0,1",
                 "float32 [2,6,4] arange:0,1 transpose(0,1) slice(0,0,6,2)", "bool [4,1,3] arange:0,1 expand(4,5,3) permute(2,1,0)",
                 "float32 [2,3,4,5] arange:0,1 permute(0,3,1,2)"):
        for options in ({}, {"dtype": "float64"}):
            record("full_like", [("in0", spec), ("number", number_text(1))], options,
                   lambda **o: torch.full_like(build(spec), 1, **o), strides=True)


SOURCES = """
7|-7|+7|2.5|True|False|1e5|-1.5E-3|1.|.5|[]|[[]]|[[], []]|[[[]]]|[1, 2, 3]|[1.5, 2]|[True, False]|[True, 2]|[True, 2.5]
[[1, 2], [3, 4.5]]|[ [1,2] , [3,4] ]|[1, 2, ]|[[1, 2,], [3, 4], ]|[[[1], [2]], [[3], [4]]]|[16777217, 1.0]|[0.1, 1e39, -1e39]
[9223372036854775807, -9223372036854775808]|[123456789012345678901234567890, 1.5]|[9007199254740993, 0.0]|[5e-324, 1e-46, 1e-45]
[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]|[3.4028235677973366e38]|[0.1000000000000000055511151231257827]|[-0.0, 0]|[1e400]
[[1, 2], [3]]|[[1, 2], [3, 4, 5]]|[[[1, 2], [3, 4]], [[5, 6], [7]]]|[[[1, 2], [3, 4]], [[5]]]|[[1], []]
[9223372036854775808]|[-9223372036854775809]
"""


def texts():
    for line in SOURCES.strip().split("\n"):
        for source in line.split("|"):
            record("text", [("source", source)], {}, lambda: torch.tensor(eval(source)))
    for dtype in DTYPES:
        for source in ("[0, 1, -1, 127]", "[2.7, -0.0, 0.3]", "[True, False]", "300", "-129", "-255", "-256", "-1", "70000.5",
                       "2147483648", "9223372036854775807", "1e39", "0.1", "2049.0001", "[]", "-0.5", "-2.5", "255.5"):
            record("text", [("source", source)], {"dtype": dtype}, lambda dtype: torch.tensor(eval(source), dtype=dtype))


VIEWS = ("{} [7] arange:0,0", "{} [40] arange:0,0", "{} [4,5] arange:0,0 transpose(0,1)",
         "{} [6,7] arange:0,0 slice(1,0,7,2)", "{} [2,3,4,5] arange:0,0 permute(0,3,1,2)",
         "{} [5,6] arange:0,0 transpose(0,1) slice(0,1,6,3)", "{} [3,1,4] arange:0,0 select(2,1)")
DRAWS = (("uniform_", {}), ("uniform_", {"from": -0.5, "to": 0.25}), ("normal_", {}), ("normal_", {"mean": 2.5, "std": 0.3}),
         ("log_normal_", {}), ("log_normal_", {"mean": 0.5, "std": 0.25}), ("cauchy_", {}),
         ("cauchy_", {"median": 1.5, "sigma": 2.0}), ("exponential_", {}), ("exponential_", {"lambd": 2.5}),
         ("random_", {}), ("random_", {"to": 9}), ("random_", {"from": 3, "to": 100}), ("bernoulli_", {"p": 0.3}),
         ("geometric_", {"p": 0.2}))
PARAMETERS = {"random_": ("from", "to"), "bernoulli_": ("p",), "geometric_": ("p",)}


def draw(name, spec, seed, options):
    """An in-place draw: random_ takes its bounds by position, the others by name."""
    torch.manual_seed(seed)
    tensor = build(spec)
    order = [options[key] for key in PARAMETERS.get(name, ()) if key in options]
    named = {} if name in PARAMETERS else options
    _, error = call(lambda: getattr(tensor, name)(*order, **named))
    out = [] if error else [("out0", result(tensor)), ("out1", result(torch.rand(1)))]
    OUT.record(name, ("in0", spec), ("options", options_text({"seed": seed, **options})), *out, error=error)


def draws():
    for name, options in DRAWS:
        for number, view in enumerate(VIEWS):
            draw(name, view.format("float32"), 42 if number % 2 else 0, options)
        for dtype in ("float16", "bfloat16", "float64"):
            draw(name, VIEWS[number % len(VIEWS)].format(dtype), 42, options)
            draw(name, VIEWS[4].format(dtype), 0, options)
    for dtype in ("bool", *INTEGERS):
        for view in (VIEWS[1], VIEWS[5]):
            draw("random_", view.format(dtype), 0, {})
            draw("bernoulli_", view.format(dtype), 42, {"p": 0.7})
            draw("random_", view.format(dtype), 42, {"to": 2})
            if dtype != "bool":
                draw("geometric_", view.format(dtype), 0, {"p": 0.4})
    for name, options in (("uniform_", {"from": 2.0, "to": 1.0}), ("normal_", {"std": -1.0}), ("log_normal_", {"std": -1.0}),
                          ("cauchy_", {"sigma": -1.0}), ("exponential_", {"lambd": 0.0}), ("random_", {"from": 5, "to": 5}),
                          ("bernoulli_", {"p": 1.5}), ("geometric_", {"p": 0.0}), ("geometric_", {"p": 1.5})):
        draw(name, "float32 [3] arange:0,0", 0, options)
        draw(name, "float32 [0] arange:0,0", 0, options)
    for name, options in (("uniform_", {}), ("normal_", {}), ("log_normal_", {}), ("cauchy_", {}), ("exponential_", {})):
        draw(name, "int64 [3] arange:0,0", 0, options)
    draw("geometric_", "bool [3] arange:0,0", 0, {"p": 0.5})
    draw("random_", "uint8 [3] arange:0,0", 0, {"to": 300})
    draw("random_", "int8 [3] arange:0,0", 0, {"from": -200, "to": 3})
    for name, options in DRAWS:
        draw(name, "float32 [3,1] arange:0,0 expand(3,4)", 0, options)
        draw(name, "float32 [3] arange:0,1 requires_grad", 0, options)


def draws_by_tensor():
    for number, view in enumerate(VIEWS):
        target = view.format("float32")
        sizes = build(target).shape
        for probabilities in (f"float32 {sizes_text(sizes)} formula:7,3,11,0,10", f"float64 {sizes_text(sizes)} formula:3,1,5,0,4",
                              "float16 [] hex:0038", f"bfloat16 {sizes_text(sizes[-1:])} formula:1,1,3,0,2"):
            bernoulli_by(target, probabilities, 42 if number % 2 else 0)
    for dtype in ("bool", "int64", "float64"):
        bernoulli_by(f"{dtype} [4,5] arange:0,0 transpose(0,1)", "float32 [5,4] formula:7,3,11,0,10", 42)
    for probabilities in ("float32 [3] arange:0.5,0.5", "int64 [2] arange:0,1", "float32 [1,2] arange:0,1", "float32 [3] arange:0,0"):
        bernoulli_by("float32 [2] arange:0,0", probabilities, 0)


def bernoulli_by(target, probabilities, seed):
    torch.manual_seed(seed)
    tensor = build(target)
    _, error = call(lambda: tensor.bernoulli_(build(probabilities)))
    out = [] if error else [("out0", result(tensor)), ("out1", result(torch.rand(1)))]
    OUT.record("bernoulli_", ("in0", target), ("in1", probabilities), ("options", f"seed={seed}"), *out, error=error)


def fresh(name, seed, options, run, spec=None):
    given = {key: DTYPES[value] if key == "dtype" else value for key, value in options.items()}
    torch.manual_seed(seed)
    tensor, error = call(lambda: run(**given))
    out = [] if error else [("out0", result(tensor)), ("out1", result(torch.rand(1)))]
    OUT.record(name, ("in0", spec), ("options", options_text({"seed": seed, **options})), *out, error=error)


def random_tensors():
    for seed in (0, 42):
        for dtype in FLOATS:
            for sizes in ([], [5], [3, 7], [2, 3, 11]):
                for name in ("rand", "randn"):
                    fresh(name, seed, {"sizes": sizes, "dtype": dtype}, lambda sizes, **o: getattr(torch, name)(sizes, **o))
        for dtype in DTYPES:
            fresh("randint", seed, {"low": 0, "high": 2, "sizes": [3, 5], "dtype": dtype},
                  lambda low, high, sizes, **o: torch.randint(low, high, sizes, **o))
        for low, high in ((0, 100), (-50, 51), (0, 2 ** 31), (-2 ** 62, 2 ** 62), (0, 2 ** 28), (5, 6)):
            fresh("randint", seed, {"low": low, "high": high, "sizes": [9], "dtype": "int64"},
                  lambda low, high, sizes, **o: torch.randint(low, high, sizes, **o))
        for n, dtype in ((0, "int64"), (1, "int64"), (10, "int64"), (1000, "int64"), (20, "float32"), (30, "uint8"), (40, "float16")):
            fresh("randperm", seed, {"n": n, "dtype": dtype}, lambda n, **o: torch.randperm(n, **o))
        for spec in ("float32 [4,5] arange:0,1 transpose(0,1)", "float32 [2,3,4,5] arange:0,1 permute(0,3,1,2)",
                     "float64 [6,7] arange:0,1 slice(1,0,7,2)", "float16 [20] arange:0,1"):
            fresh("rand_like", seed, {}, lambda: torch.rand_like(build(spec)), spec)
            fresh("randn_like", seed, {}, lambda: torch.randn_like(build(spec)), spec)
            fresh("randint_like", seed, {"low": -3, "high": 12}, lambda low, high: torch.randint_like(build(spec), low, high), spec)
    for name in ("rand", "randn"):
        for sizes, dtype in (([-1], "float32"), ([2], "int64"), ([0], "int64"), ([20], "int64")):
            fresh(name, 0, {"sizes": sizes, "dtype": dtype}, lambda sizes, **o: getattr(torch, name)(sizes, **o))
    for low, high, sizes, dtype in ((5, 5, [2], "int64"), (5, 3, [2], "int64"), (0, 300, [2], "uint8"), (-1, 3, [2], "uint8"),
                                    (0, 5, [2], "bool"), (0, 5, [-1], "int64"), (0, 2049, [3], "float16"), (0, 70000, [3], "float16")):
        fresh("randint", 0, {"low": low, "high": high, "sizes": sizes, "dtype": dtype},
              lambda low, high, sizes, **o: torch.randint(low, high, sizes, **o))
    for n, dtype in ((-1, "int64"), (300, "uint8"), (3000, "float16"), (5, "bool"), (200, "int8"), (300, "bfloat16")):
        fresh("randperm", 0, {"n": n, "dtype": dtype}, lambda n, **o: torch.randperm(n, **o))


if __name__ == "__main__":
    ranges()
    linspaces()
    filled()
    texts()
    draws()
    draws_by_tensor()
    random_tensors()
    OUT.write()
