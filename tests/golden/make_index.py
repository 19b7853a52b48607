"""index.txt: choosing elements by indices, and moving them: results, errors and nodes."""
import warnings

import torch
import torch.nn.functional as F

from golden import DTYPES, File, build, call, options_text, result

warnings.filterwarnings("ignore")

OUT = File("index.txt", """
Records are named by the operation; in0, in1, ... are its tensors in the order of torch's arguments, options the others.
Results are exact: sums are of small integers. grad_fn0 is the node of the result where in0 (for embedding in1)
requires grad.
""")

FUNCTIONS = {
    "index_select": lambda t, index, dim: torch.index_select(t, dim, index),
    "index_add": lambda t, index, source, dim, alpha=1: torch.index_add(t, dim, index, source, alpha=alpha),
    "gather": lambda t, index, dim: torch.gather(t, dim, index),
    "scatter_add": lambda t, index, source, dim: torch.scatter_add(t, dim, index, source),
    "embedding": F.embedding,
    "masked_fill": lambda t, mask, value: t.masked_fill(mask, value),
    "flip": lambda t, dims: torch.flip(t, dims),
    "roll": lambda t, shifts, dims=(): torch.roll(t, shifts, dims),
    "repeat": lambda t, times: t.repeat(times),
    "tril": torch.tril,
    "triu": torch.triu,
    "pixel_shuffle": lambda t, factor: F.pixel_shuffle(t, factor),
    "pixel_unshuffle": lambda t, factor: F.pixel_unshuffle(t, factor),
    "channel_shuffle": lambda t, factor: F.channel_shuffle(t, factor),
}


def show(name, *specs, **options):
    value, error = call(lambda: FUNCTIONS[name](*(build(spec) for spec in specs), **options))
    fields = [(f"in{i}", spec) for i, spec in enumerate(specs)] + [("options", options_text(options))]
    if error is not None:
        OUT.record(name, *fields, error=error)
        return
    node = value.grad_fn.name() if value.grad_fn is not None else None
    OUT.record(name, *fields, ("out0", result(value)), ("grad_fn0", node))


def spec(dtype, sizes, extra=""):
    flag = " requires_grad" if DTYPES[dtype].is_floating_point and not extra.endswith("plain") else ""
    return f"{dtype} {sizes} formula:7,3,9,{0 if dtype in ('uint8', 'bool') else 4} {extra.replace('plain', '')}".strip() + flag


def ints(values, sizes=None, dtype="int64"):
    data = torch.tensor(values, dtype=DTYPES[dtype])
    sizes = sizes or "[" + ",".join(str(n) for n in data.shape) + "]"
    return f"{dtype} {sizes} hex:{data.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes().hex() if data.numel() else ''}"


def selections():
    for dtype in DTYPES:
        show("index_select", spec(dtype, "[3,4,2]"), ints([2, 0, 0]), dim=1)
        show("index_select", spec(dtype, "[4,3]"), ints([3, 1], dtype="int32"), dim=0)
        show("index_add", spec(dtype, "[2,3]"), ints([2, 0, 2]), spec(dtype, "[2,3]", "plain"), dim=1)
        show("gather", spec(dtype, "[3,4]"), ints([[3, 0], [1, 1]]), dim=1)
        show("scatter_add", spec(dtype, "[3,4]"), ints([[2, 0, 2], [1, 2, 2]]), spec(dtype, "[2,3]", "plain"), dim=0)
        show("masked_fill", spec(dtype, "[2,3]"), "bool [2,3] formula:1,0,2,0", value=3)
        if dtype != "bool":
            show("embedding", ints([[0, 4], [1, 1]]), spec(dtype, "[5,3]"))
    x = "float32 [2,3] formula:7,3,9,4 requires_grad"
    show("index_select", "float32 [3,4] formula:7,3,9,4 transpose(0,1)", ints([2, 1]), dim=-1)
    for index, dim in (([0, 3], 1), ([2], 0), ([-1], 0), ([[0]], 1), (0, 1), ([0], 2)):
        show("index_select", x, ints(index), dim=dim)
    show("index_select", x, "int16 [1] formula:1,0,2,0", dim=1)
    show("index_select", x, "float32 [1] formula:1,0,2,0", dim=1)
    show("index_select", x, "int64 [0] formula:1,0,2,0", dim=1)
    show("index_select", "float32 [2,0] formula:1,0,2,0", ints([0]), dim=1)
    number = "float32 [] formula:1,5,9,0 requires_grad"
    for index in ([0, 0], [1], 0):
        show("index_select", number, ints(index), dim=0)
    show("gather", "float32 [3,4] formula:7,3,9,4 transpose(0,1)", ints([[2, 1, 0]]), dim=0)
    for index, dim in (([[0, 2]], 0), ([[0, -1]], 0), ([0], 1), ([[0, 0, 0, 0]], 0), ([[0]], 2), ([[1, 0]], -1)):
        show("gather", x, ints(index), dim=dim)
    show("gather", x, "int16 [1,1] formula:1,0,2,0", dim=0)
    show("gather", x, ints([[1]], dtype="int32"), dim=0)
    show("gather", x, "int64 [0] formula:1,0,2,0", dim=0)
    for index in (0, [0, 0], 1):
        show("gather", number, ints(index), dim=0)
    ones = "float32 [2,2] formula:0,1,2,0"
    for index, source, dim in (([[0, 2], [1, 1]], ones, 1), ([[0, 3], [1, 1]], ones, 1),
                               ([[0, 1, 0, 1]], "float32 [2,4] formula:0,1,2,0", 0),
                               ([[0, 2], [1, 1]], "float32 [1,2] formula:0,1,2,0", 1),
                               ([[0, 2], [1, 1]], "float64 [2,2] formula:0,1,2,0", 1), ([0], ones, 1),
                               ([[0]], "float32 [2] formula:0,1,2,0", 1)):
        show("scatter_add", x, ints(index), source, dim=dim)
    show("scatter_add", x, "float32 [1,1] formula:1,0,2,0", ones, dim=1)
    show("scatter_add", x, "int64 [0] formula:1,0,2,0", ones, dim=1)
    show("scatter_add", number, ints([0, 0]), "float32 [2] formula:0,1,2,0", dim=0)
    show("index_add", "float32 [3,2,2] formula:7,3,9,4", ints([2, 2]), "float32 [2,2,2] formula:7,3,9,4", dim=0)
    show("index_add", x, ints([0, 2]), ones, dim=1, alpha=2)
    for index, source, dim in (([0, 3], ones, 1), ([0, -1], ones, 1), ([[0, 2]], ones, 1),
                               ([0, 2], "float32 [2,3] formula:0,1,2,0", 1),
                               ([0, 2], "float32 [3,2] formula:0,1,2,0", 1),
                               ([0, 2], "float64 [2,2] formula:0,1,2,0", 1), ([0, 2], ones, 2),
                               ([0], "float32 [2] formula:0,1,2,0", 1)):
        show("index_add", x, ints(index), source, dim=dim)
    show("index_add", x, "float32 [2] formula:2,0,3,0", ones, dim=1)
    show("index_add", number, ints([0]), "float32 [] formula:1,3,9,0", dim=0)
    for mask in ("uint8 [2,3] formula:1,0,2,0", "bool [3,2] formula:1,0,2,0", "bool [4,2,3] formula:1,0,2,0",
                 "bool [3] formula:1,0,2,0"):
        show("masked_fill", x, mask, value=2)
    show("masked_fill", "int64 [2,3] formula:7,3,9,4", "bool [2,3] formula:1,0,2,0", value=2.5)
    show("masked_fill", x, "bool [2,3] formula:1,0,2,0", "float32 [] formula:1,3,9,0")
    show("masked_fill", x, "bool [2,3] formula:1,0,2,0", "float32 [1] formula:1,3,9,0")
    weight = "float32 [5,3] formula:7,3,9,4 requires_grad"
    for index in ([[1, 5]], [-1], 3):
        show("embedding", ints(index), weight)
    show("embedding", "int64 [0,2] formula:1,0,2,0", weight)
    for other in ("float32 [2] formula:1,0,2,0", "int16 [2] formula:1,0,2,0", "bool [2] formula:1,0,2,0"):
        show("embedding", other, weight)
    show("embedding", ints([0]), "float32 [5] formula:7,3,9,4")
    for padding in (1, -1, 5, -6):
        show("embedding", ints([0, 1]), weight, padding_idx=padding)
    show("embedding", ints([0, 2, 0]), weight, max_norm=100.0)


def moves():
    for dtype in DTYPES:
        show("flip", spec(dtype, "[2,3,2]"), dims=[0, 2])
        show("roll", spec(dtype, "[3,4]"), shifts=[1, -1], dims=[0, 1])
        show("repeat", spec(dtype, "[2,3]"), times=[2, 1, 2])
        show("tril", spec(dtype, "[3,4]"), diagonal=0)
        show("triu", spec(dtype, "[2,3,3]"), diagonal=1)
        show("pixel_shuffle", spec(dtype, "[2,8,1,3]"), factor=2)
        show("pixel_unshuffle", spec(dtype, "[1,4,6]"), factor=2)
        show("channel_shuffle", spec(dtype, "[2,6,2]"), factor=3)
    x = "float32 [2,3] formula:7,3,9,4 requires_grad"
    turned = "float32 [4,6] formula:7,3,19,4 transpose(0,1)"
    number = "float32 [] formula:1,5,9,0 requires_grad"
    for dims in ([0], [], [0, 0], [2], [-1]):
        show("flip", x, dims=dims)
    show("flip", turned, dims=[0])
    show("flip", number, dims=[0])
    show("flip", "float32 [0,3] formula:7,3,9,4", dims=[0])
    for shifts, dims in (([1], []), ([4], []), ([-1], [1]), ([7], [0]), ([1, 2], [0]), ([1, 2], []), ([1], [2]),
                         ([1, 1], [1, 1]), ([5, -7], [1, 0])):
        show("roll", x, shifts=shifts, dims=dims)
    show("roll", turned, shifts=[5], dims=[])
    show("roll", turned, shifts=[2], dims=[1])
    show("roll", number, shifts=[1], dims=[])
    show("roll", "float32 [0,3] formula:7,3,9,4", shifts=[1], dims=[0])
    for times in ([2, 2], [2], [0, 1], [-1, 1], [1, 1]):
        show("repeat", x, times=times)
    show("repeat", turned, times=[1, 3])
    show("repeat", number, times=[3])
    for name in ("tril", "triu"):
        for diagonal in (-3, -1, 0, 1, 2, 5):
            show(name, x, diagonal=diagonal)
        show(name, turned, diagonal=1)
        show(name, number, diagonal=0)
        show(name, "float32 [3] formula:7,3,9,4", diagonal=0)
        show(name, "float32 [2,0] formula:7,3,9,4", diagonal=0)
    image = "float32 [2,4,6,6] formula:7,3,97,40 requires_grad"
    for name, factors in (("pixel_shuffle", (1, 2, 3, 0, -1)), ("pixel_unshuffle", (1, 2, 3, 4, 0)),
                          ("channel_shuffle", (1, 2, 4, 3, 0))):
        for factor in factors:
            show(name, image, factor=factor)
        show(name, x, factor=1)
        show(name, "float32 [6,6,4,2] formula:7,3,97,40 permute(3,2,0,1)", factor=2)
        show(name, "float32 [2,0,4,4] formula:7,3,97,40", factor=2)


if __name__ == "__main__":
    selections()
    moves()
    OUT.write()
