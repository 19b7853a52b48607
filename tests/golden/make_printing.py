"""printing.txt: what PyTorch prints for tensors of every dtype, shape, layout and print option."""
import random

import torch
import torch.nn.functional as F

import golden
from golden import DTYPES, FLOATS, INTEGERS, File, build, hex_spec, options_text, sizes_text

RECIPES = {
    # name: (in words, what it does to the tensor)
    "add_scalar": ("x + 1", lambda x: x + 1),
    "add_0.123": ("x + 0.123", lambda x: x + 0.123),
    "add": ("x + x", lambda x: x + x),
    "sub": ("x - x", lambda x: x - x),
    "mul": ("x * x", lambda x: x * x),
    "mul_scalar": ("x * 2", lambda x: x * 2),
    "div_scalar": ("x / 4", lambda x: x / 4),
    "neg": ("-x", lambda x: -x),
    "pow": ("x ** 2", lambda x: x ** 2),
    "sum": ("sum of all elements", lambda x: x.sum()),
    "sum_dim": ("sum over dimension 0", lambda x: x.sum(0)),
    "mean": ("mean of all elements", lambda x: x.mean()),
    "relu": ("relu(x)", lambda x: torch.relu(x)),
    "view": ("x viewed as one dimension: view(-1)", lambda x: x.view(-1)),
    "flatten": ("flatten()", lambda x: x.flatten()),
    "transpose": ("transpose(0, 1)", lambda x: x.transpose(0, 1)),
    "unsqueeze": ("unsqueeze(0)", lambda x: x.unsqueeze(0)),
    "select": ("select(0, 0)", lambda x: x.select(0, 0)),
    "slice": ("x[0:1]", lambda x: x[0:1]),
    "clone": ("clone()", lambda x: x.clone()),
    "matmul": ("x @ x", lambda x: x @ x),
    "double": ("to(float64)", lambda x: x.double()),
    "detach": ("x * 2, then detach()", lambda x: (x * 2).detach()),
    "cat": ("cat of x and x along dimension 0", lambda x: torch.cat([x, x])),
    "conv2d": ("conv2d of ones [1,1,2,2] with x [1,1,2,2] as weight",
               lambda x: F.conv2d(torch.ones(1, 1, 2, 2, dtype=x.dtype), x)),
    "max_pool2d": ("max_pool2d(x, 2)", lambda x: F.max_pool2d(x, 2)),
    "add_": ("y = x * 1, then y.add_(1), and y is printed", lambda x: (x * 1).add_(1)),
    "view_add_": ("y = x * 1, then y[0].add_(1), and y is printed", lambda x: _view_add(x)),
}


def _view_add(x):
    y = x * 1
    y[0].add_(1)
    return y


OUT = File("printing.txt", """
Each record: the tensor `in0`; a `recipe` applied to it, if given; print `options`, if given (all of them are reset
before each record); and the text of repr(tensor). The recipes in words:
""" + "\n".join(f"  {name}: {words}" for name, (words, _) in RECIPES.items()) + """
Options: precision, threshold (inf: none), edgeitems, linewidth, sci_mode, profile (default, short, full; it comes
before the other options).
""")


def show(spec, recipe=None, **options):
    torch.set_printoptions(profile="default")
    if options:
        torch.set_printoptions(**options)
    tensor = build(spec)
    if recipe:
        tensor = RECIPES[recipe][1](tensor)
    OUT.record("print", ("in0", spec), ("recipe", recipe), ("options", options_text(options)), text=repr(tensor))
    torch.set_printoptions(profile="default")


def literal(data, dtype=None, flags=""):
    tensor = torch.tensor(data, dtype=DTYPES[dtype] if dtype else None)
    return (hex_spec(tensor) + " " + flags).strip()


def filled(sizes, value, dtype="float32", flags=""):
    return f"{dtype} {sizes_text(sizes)} arange:{value},0 {flags}".strip()


def arange(sizes, dtype="int64", start=0, step=1, flags=""):
    return f"{dtype} {sizes_text(sizes)} arange:{start},{step} {flags}".strip()


NAN, INF = float("nan"), float("inf")


def sheet_examples():
    for data in (2.0, -1.5, 7, True, 1e-5, 100000000.0, 123456789.0, NAN, INF, -0.0, -INF, 0.0, 0, False, 1e-4, 1000.0,
                 [True, False], [False], [1, -20, 300], [1.0, 2.0, 3.0], [1.0, -2.0, 3.5], [0.0, -0.0], [1.0, NAN],
                 [1.0, INF, -INF], [0.5, NAN, -INF], [1.0, 1000.0], [1.0, 1001.0], [0.5, 500.0], [0.5, 501.0],
                 [0.0001, 0.05], [1e-5, 1.0, NAN, 0.0], [1e8], [1e8, 3e8], [0.99999], [9.99999, 1.0], [NAN, NAN],
                 [0.00005, 0.5], [1e-38, 1e38], [1e-45], [3.4028234663852886e38], [-0.00004, 3.0], [0.12345, 0.00015],
                 [0.00025, 0.00035], [1.00005, 2.00015], [2.5, 3.5], [0.5], [1e8 + 8, 5.0], [99999999.0, 99999.0],
                 [1.0, 0.001], [1.0, 0.0009], [-1.0, 1000.0], [INF], [-INF, 2.0], [NAN, 1.5], [-0.0, 1.5], [0.0, NAN]):
        show(literal(data))
    for data, dtype in ((0.1, "float64"), (3, "uint8"), ([65504.0], "float16"), ([1e-7, 1.0], "float16"),
                        ([3.14159], "bfloat16"), ([[1.5, -2.25], [1e3, 4.0]], "float64"), (1e300, "float64"),
                        ([1e-320], "float64"), ([0.0001], "float64"), ([1e8], "float64"), ([100000000.5], "float64"),
                        ([-128, 127], "int8"), ([255, 0], "uint8"), ([-32768], "int16"), ([2147483647], "int32"),
                        ([-9223372036854775808, 9223372036854775807], "int64"), (True, "bool")):
        show(literal(data, dtype))
    for sizes, dtype, flags in (([0], "float32", ""), ([0], "int64", ""), ([0], "bool", ""), ([0, 3], "float32", ""),
                                ([2, 0, 3], "int32", ""), ([0], "float32", "requires_grad"), ([3, 0], "float64", ""),
                                ([0, 0], "bool", ""), ([0, 3], "float64", "requires_grad"),
                                ([1, 2, 3, 0], "int64", ""), ([0, 1, 1, 1, 1], "float16", "requires_grad"),
                                ([2, 0], "float32", "parameter requires_grad"), ([0], "bfloat16", "parameter")):
        show(filled(sizes, 0, dtype, flags))
    show(filled([1, 1, 2, 2], 1, flags="requires_grad"), "conv2d")
    show(filled([2], 1, flags="parameter"))
    show(filled([2, 2], 1, flags="parameter requires_grad"))
    for spec in (arange([2, 2, 3]), arange([2, 2, 2, 1]), arange([30]), arange([1001]), arange([1000]),
                 arange([30, 40]),
                 filled([2, 10, 100], 0), arange([1, 1, 1, 1, 1]), arange([2, 1, 2, 1, 2]), arange([1, 5, 5])):
        show(spec)
    show(filled([9], 1, flags="requires_grad"), "add_0.123")
    show(filled([10], 1, "float64", "requires_grad"), "add_0.123")


def integers_of(rng, dtype, count):
    info = torch.iinfo(DTYPES[dtype])
    reach = rng.choice((3, 20, 130, 40000, 2 ** 40, 2 ** 63 - 1))
    low, high = max(info.min, -reach), min(info.max, reach)
    return [rng.randint(low, high) for _ in range(count)]


def floats_of(rng, count):
    kind = rng.randrange(7)
    special = rng.choice((0.0, 0.0, 0.1, 0.3))
    scale = 10.0 ** rng.randint(-6, 6)
    values = []
    for _ in range(count):
        if rng.random() < special:
            values.append(rng.choice((NAN, INF, -INF, -0.0, 0.0)))
        elif kind == 0:
            values.append(float(rng.randint(-9, 9)))
        elif kind == 1:
            values.append(float(rng.randint(-3, 1500)))
        elif kind == 2:
            values.append(rng.uniform(-1, 1))
        elif kind == 3:
            values.append(rng.gauss(0, 1) * scale)
        elif kind == 4:
            values.append(rng.uniform(-1, 1) * 10.0 ** rng.randint(-8, 8))
        elif kind == 5:
            values.append(rng.randint(-40, 40) / 8)
        else:
            values.append(rng.uniform(1, 999))
    return values


def random_sizes(rng):
    while True:
        sizes = [rng.choice((1, 1, 2, 2, 3, 4, 5, 7, 12)) for _ in range(rng.randrange(6))]
        if rng.random() < 0.06 and sizes:
            sizes[rng.randrange(len(sizes))] = 0
        if torch.Size(sizes).numel() <= 64:
            return sizes


def random_spec(rng, dtype, sizes):
    count = torch.Size(sizes).numel()
    if dtype == "bool":
        values = [rng.random() < 0.5 for _ in range(count)]
    elif dtype in INTEGERS:
        values = integers_of(rng, dtype, count)
    else:
        values = floats_of(rng, count)
    tensor = torch.tensor(values, dtype=torch.float64 if dtype in FLOATS else DTYPES[dtype]).to(DTYPES[dtype])
    return hex_spec(tensor.reshape(sizes))


def random_tensors():
    rng = random.Random(1)
    for dtype in DTYPES:
        for _ in range(36):
            flags = " requires_grad" if dtype in FLOATS and rng.random() < 0.2 else ""
            show(random_spec(rng, dtype, random_sizes(rng)) + flags)
    for count in (14, 15, 16, 17, 18, 19, 24, 35, 36, 37, 60):  # where lines wrap
        for dtype in ("int32", "float32", "float64", "bool"):
            show(random_spec(rng, dtype, [count]))


def summarised():
    for dtype in DTYPES:
        step = 1 if dtype == "int64" or dtype == "int32" or dtype == "int16" else 0
        show(arange([1001], dtype, 1, step))
        show(arange([7, 150], dtype, 1, step))
    for sizes in ([2000], [6, 200], [7, 7, 30], [200, 6], [1, 1500], [1500, 1], [3, 4, 100], [10, 10, 11],
                  [2, 2, 2, 2, 100],
                  [6, 6, 6, 6], [7, 1, 7, 21], [20, 10, 0, 100], [100, 20]):
        show(arange(sizes))
        show(arange(sizes, "float32", 0.5, 0.25))
        show(arange(sizes, "float64", -3, 1))
    show(arange([1001], "float32", 0, 1e-5))
    show(arange([1001], "float32", 0, 1000))
    show(arange([1001], "float32", 0, 1, "requires_grad"), "mul_scalar")
    show(arange([40, 40], "float32", 0, 1, "transpose(0,1)"))
    show(arange([4000], "int64", 0, 1, "slice(0,0,4000,3)"))
    show(arange([1, 1], "int64", 7, 0, "expand(40,40)"))


def layouts():
    rng = random.Random(2)
    for dtype in ("float32", "int64", "bool", "bfloat16", "uint8"):
        for sizes, steps in (([3, 4], "transpose(0,1)"), ([3, 4], "slice(1,0,4,2)"), ([3, 1], "expand(3,4)"),
                             ([2, 3, 4], "permute(2,0,1)"), ([2, 3, 4], "select(1,1)"), ([1], "expand(2,2,2)"),
                             ([6, 5], "slice(0,1,6,2) transpose(0,1)"), ([4, 4], "select(1,2) unsqueeze(0)"),
                             ([2, 1, 3], "squeeze(1) transpose(0,1) slice(0,1,3,1)"), ([5], "slice(0,3,3,1)")):
            show(random_spec(rng, dtype, sizes) + " " + steps)


def with_graph():
    rng = random.Random(3)
    shapes = {"conv2d": ([1, 1, 2, 2],), "max_pool2d": ([1, 1, 4, 4],), "matmul": ([2, 2], [3, 3])}
    for recipe in RECIPES:
        for sizes in shapes.get(recipe, ([2, 3], [3, 2, 2])):
            for dtype in ("float32", "float64"):
                count = torch.Size(sizes).numel()
                spec = f"{dtype} {sizes_text(sizes)} formula:{rng.choice((1, 3, 5))},1,{count + 4},3,4"
                show(spec + " requires_grad", recipe)
    for count in range(4, 20):  # where the suffix moves to its own line
        show(f"float32 [{count}] arange:1,1 requires_grad", "mul_scalar")
        show(f"float64 [{count}] arange:1,1 requires_grad")
        show(f"int16 [{count}] arange:1,1")
    show("float32 [2,2] arange:1,1 parameter requires_grad", "add_scalar")
    show("float32 [3] arange:0.5,1 parameter requires_grad")
    show("float16 [3] arange:0.5,1 parameter requires_grad")
    show("float32 [] arange:0.5,1 parameter requires_grad")
    show("float32 [2,3] arange:0.5,1 parameter requires_grad transpose(0,1)")
    show("float64 [1001] arange:0.5,1 parameter requires_grad")


def print_options():
    rng = random.Random(4)
    specs = [arange([8], "float32", 0, 0.375), arange([3, 4], "float64", -1, 0.3), literal([1.0, 1000000.0]),
             literal([1e-7, 3.0, NAN]), arange([20], "int64", 95, 1), arange([12, 12], "int64"), filled([3, 8, 9], 2),
             arange([2, 3, 4], "float32", 0, 1), literal([[True, False], [False, False]]), literal([INF, -0.0, 0.5]),
             arange([5], "float16", 1, 0.1), arange([30], "bfloat16", 1, 1), literal(2.71828), literal([], "float64"),
             arange([4, 5], "float32", 0, 0.1, "requires_grad"), literal(123456789.0), literal([0.00001])]
    options = [{"precision": 2}, {"precision": 0}, {"precision": 8}, {"threshold": 5}, {"threshold": 5, "edgeitems": 2},
               {"threshold": 0, "edgeitems": 1}, {"linewidth": 40}, {"linewidth": 20}, {"linewidth": 200},
               {"sci_mode": True}, {"sci_mode": False}, {"precision": 2, "sci_mode": True}, {"profile": "short"},
               {"profile": "full"}, {"profile": "short", "precision": 6},
               {"threshold": 10, "linewidth": 30, "sci_mode": False}]
    for choice in options:
        for spec in rng.sample(specs, 9):
            show(spec, **choice)
    show(arange([1001], "int64"), profile="short")
    show(arange([1100], "int64"), profile="full")
    show(arange([30, 40], "int64"), profile="short")
    show(arange([8], "float32", 0, 0.375, "requires_grad"), "add_scalar", linewidth=60)
    show(arange([8], "float64", 0, 0.375, "requires_grad"), "add_scalar", linewidth=30, precision=1)
    show(arange([12], "float32", 0, 1), threshold=5, edgeitems=0)
    show(arange([3, 3], "float64", 0, 1), threshold=5, edgeitems=0)
    show(arange([4], "float64", 0, 1), threshold=5, edgeitems=0)


if __name__ == "__main__":
    sheet_examples()
    random_tensors()
    summarised()
    layouts()
    with_graph()
    print_options()
    OUT.write()
