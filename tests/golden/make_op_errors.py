"""op_errors.txt: what PyTorch says when operations are misused."""
import warnings

import torch

from golden import File, build, call, options_text
from operations import function_of

warnings.filterwarnings("ignore")

SCENARIOS = {
    "add_ on a view of a leaf": lambda x: x[0].add_(1),
    "add_ on a split of x * 1": lambda x: (x * 1).split(1)[0].add_(1),
    "add_ on a chunk of x * 1": lambda x: (x * 1).chunk(2)[0].add_(1),
    "add_ on a view of x * 1 made in no_grad": lambda x: _no_grad_view(x).add_(1),
    "requires_grad = False on x * 1": lambda x: setattr(x * 1, "requires_grad", False),
    "requires_grad = True on x": lambda x: setattr(x, "requires_grad", True),
    "Parameter of x, requiring grad": lambda x: torch.nn.Parameter(x),
    "deepcopy of x * 1": lambda x: __import__("copy").deepcopy(x * 1),
    "backward of x": lambda x: x.backward(),
    "backward of x * 1": lambda x: (x * 1).backward(),
    "backward of x * 1 with a gradient of ones [5]": lambda x: (x * 1).backward(torch.ones(5)),
    "sum of x * x backward twice": lambda x: _twice((x * x).sum()),
    "backward after x.exp() was changed in place": lambda x: _changed(x.exp()),
    "backward after y = x * 1, z = y * y, y.add_(1)": lambda x: _changed_input(x * 1),
    "bool of x": lambda x: bool(x),
    "float of x": lambda x: float(x),
    "int of x": lambda x: int(x),
    "len of x": lambda x: len(x),
    "iteration over x": lambda x: list(x),
    "grad = ones [5]": lambda x: setattr(x, "grad", torch.ones(5)),
    "grad = float64 ones of x's sizes": lambda x: setattr(x, "grad", torch.ones_like(x, dtype=torch.float64)),
    "detach_ of a view of x * 1": lambda x: (x * 1)[0].detach_(),
    "retain_grad of x": lambda x: x.retain_grad(),
}


def _no_grad_view(x):
    y = x * 1
    with torch.no_grad():
        return y[0]


def _twice(y):
    y.backward()
    y.backward()


def _changed(y):
    z = y.sum()
    y.add_(1)
    z.backward()


def _changed_input(y):
    z = (y * y).sum()
    y.add_(1)
    z.backward()


OUT = File("op_errors.txt", """
Records as in ops.txt (same names, operands and options), all of which fail: `error` is the class, `text` the words.
Records named `scenario` have a field `do`, which says in words what is done with in0, called x.
""")

X = "float32 {} formula:3,1,7,3"


def fail(name, *specs, **options):
    """Sizes stand for a float32 tensor of these sizes."""
    specs = [X.format(spec) if spec.startswith("[") else spec for spec in specs]
    value, error = call(lambda: function_of(name)(*[build(spec) for spec in specs], **options))
    assert error is not None, (name, specs, options, value)
    OUT.record(name, *((f"in{i}", spec) for i, spec in enumerate(specs)), ("options", options_text(options)),
               error=error)


def scenario(words, spec):
    value, error = call(lambda: SCENARIOS[words](build(spec)))
    assert error is not None, (words, spec, value)
    OUT.record("scenario", ("in0", spec), ("do", words), error=error)


INT, BOOL = "int64 [2,3] formula:1,0,9,0", "bool [2,3] formula:1,0,2,0"
GRAD = "float32 [2,3] formula:1,0,9,0 requires_grad"


def elementwise():
    for name in ("add", "sub", "mul", "div", "maximum", "eq", "pow", "remainder"):
        fail(name, "[2,3]", "[2]")
        fail(name, "[2,3]", "[4,3]")
        fail(name, "[3,1,2]", "[4,2,2]")
    fail("where", BOOL, "[2,3]", "[2]")
    fail("where", INT, "[2,3]", "[2,3]")
    fail("where", "[2,3]", "[2,3]", "[2,3]")
    fail("masked_fill", "[2,3]", INT, "number int 1")
    fail("masked_fill", "[2,3]", "bool [2] formula:1,0,2,0", "number int 1")
    fail("clamp", "[2,3]")
    fail("sub", BOOL, BOOL)
    fail("sub", BOOL, "number int 1")
    fail("sub", "[2,3]", BOOL)
    fail("neg", BOOL)
    fail("relu", BOOL)
    fail("abs", BOOL)
    for name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
        fail(name, "[2,3]", "[2,3]")
        fail(name, "float64 [2] arange:0,1", "int32 [2] arange:0,1")
    fail("bitwise_not", "[2,3]")
    fail("bitwise_not", "float16 [2,3] formula:1,0,9,0")
    fail("pow", INT, "number int -1")
    fail("div", INT, INT, rounding_mode="up")
    for name in ("floor_divide", "remainder", "fmod"):
        fail(name, "int32 [2] arange:1,1", "int32 [2] arange:0,1")
        fail(name, "int32 [2] arange:1,1", "number int 0")
    fail("add", INT, INT, alpha=0.5)
    fail("add", BOOL, BOOL, alpha=2.0)


def in_place():
    for name in ("add_", "mul_", "sub_", "copy_"):
        fail(name, "[3]", "[2,3]")
        fail(name, "[2,1]", "[2,3]")
        fail(name, "[2,3]", "[4]")
    for name in ("add_", "mul_", "div_"):
        fail(name, INT, "number float 1.5")
        fail(name, INT, "[2,3]")
        fail(name, BOOL, "number int 2")
    fail("div_", INT, "number int 2")
    fail("add_", "float32 [3,1] formula:1,0,9,0 expand(3,4)", "number int 1")
    fail("mul_", "float32 [1] formula:1,0,9,0 expand(4)", "[4]")
    fail("copy_", "float32 [1] formula:1,0,9,0 expand(4)", "[4]")
    for name in ("add_", "mul_"):
        fail(name, GRAD, "number int 1")
        fail(name, GRAD, "[2,3]")
    fail("zero_", GRAD)
    fail("fill_", GRAD, "number int 1")
    fail("copy_", GRAD, "[2,3]")
    fail("relu_", GRAD)
    fail("bernoulli_", "[3]", p=1.5)
    fail("uniform_", "[3]", **{"from": 2, "to": 1})
    fail("normal_", "[3]", mean=0, std=-1)
    fail("uniform_", INT)
    fail("normal_", INT)
    fail("requires_grad_", INT)
    fail("requires_grad_", BOOL)
    for words in ("add_ on a view of a leaf", "add_ on a split of x * 1", "add_ on a chunk of x * 1",
                  "add_ on a view of x * 1 made in no_grad", "requires_grad = False on x * 1", "deepcopy of x * 1",
                  "backward of x * 1", "backward of x * 1 with a gradient of ones [5]", "sum of x * x backward twice",
                  "backward after x.exp() was changed in place", "backward after y = x * 1, z = y * y, y.add_(1)",
                  "grad = ones [5]", "grad = float64 ones of x's sizes", "detach_ of a view of x * 1", "bool of x",
                  "float of x", "int of x"):
        scenario(words, GRAD)
    scenario("Parameter of x, requiring grad", INT)
    scenario("requires_grad = True on x", INT)
    scenario("requires_grad = True on x", "bool [] formula:0,1,2,0")
    scenario("backward of x", "float32 [] formula:1,0,9,0")
    scenario("retain_grad of x", "float32 [2] formula:1,0,9,0")
    for words in ("len of x", "iteration over x"):
        scenario(words, "float32 [] formula:1,0,9,0")
    scenario("bool of x", "float32 [0] formula:1,0,9,0")
    scenario("float of x", "int64 [2] formula:1,0,9,0")


def reductions():
    for name in ("sum", "mean", "prod", "any", "all", "max", "argmax", "amax", "var", "cumsum", "sort"):
        fail(name, "[2,3]", dim=2)
        fail(name, "[2,3]", dim=-3)
        if name not in ("var",):
            fail(name, "[]", dim=1)
    fail("topk", "[2,3]", k=4)
    fail("topk", "[2,3]", k=1, dim=2)
    fail("topk", "[2,3]", k=-1)
    for name in ("sum", "mean", "amax", "var"):
        fail(name, "[2,3]", dim=[0, 0])
        fail(name, "[2,3]", dim=[1, -1])
    for dtype in ("int64", "uint8", "bool"):
        for name in ("mean", "var", "std", "norm"):
            fail(name, f"{dtype} [2,3] formula:1,0,2,0")
    for name in ("max", "min", "argmax", "argmin", "amax", "amin"):
        fail(name, "[0]")
        fail(name, "[0,3]", dim=0)
    fail("argmax", BOOL)
    fail("argmin", BOOL)
    fail("item", "[2]")
    fail("item", "[0]")
    fail("item", "[2,3]")


def matmuls():
    for a, b in (("[2,3]", "[4,5]"), ("[2,3]", "[2]"), ("[3]", "[4]"), ("[3]", "[4,2]"), ("[]", "[2]"), ("[2]", "[]"),
                 ("[2,3,4]", "[2,3,4]"), ("[2,3,4]", "[3,4,5]"), ("[2,3,4]", "[5]"), ("[5]", "[2,4,3]"),
                 ("[2,3,4]", "[5,6]"),
                 ("[2,1,3,4]", "[3,3,4,5]"), ("[2,2,3,4]", "[3,2,4,5]")):
        fail("matmul", a, b)
    fail("mm", "[2,3]", "[4,5]")
    fail("mm", "[2,3]", "[3]")
    fail("mm", "[2,3,4]", "[4,3]")
    fail("bmm", "[2,3,4]", "[3,4,5]")
    fail("bmm", "[2,3,4]", "[2,3,5]")
    fail("bmm", "[3,4]", "[2,4,5]")
    fail("mv", "[2,3]", "[2]")
    fail("mv", "[2]", "[2]")
    fail("dot", "[2]", "[3]")
    fail("dot", "[2,2]", "[2]")
    fail("addmm", "[3]", "[2,3]", "[3,4]")
    fail("addmm", "[4]", "[2,3]", "[4,4]")
    for name in ("matmul", "mm"):
        fail(name, "[2,3]", "float64 [3,2] formula:1,0,9,0")
        fail(name, "int64 [2,3] formula:1,0,9,0", "[3,2]")
        fail(name, "[2,3]", "int32 [3,2] formula:1,0,9,0")
    fail("matmul", "bool [2,3] formula:1,0,2,0", "bool [3,2] formula:1,0,2,0")
    fail("dot", "[2]", "float64 [2] formula:1,0,9,0")
    fail("mv", "[2,2]", "float64 [2] formula:1,0,9,0")
    fail("linear", "[4,5]", "[3,2]")
    fail("linear", "[2,4,5]", "[3,2]")
    fail("linear", "[4,2]", "[3,2]", "[4]")
    fail("linear", "[5]", "[3,2]")
    fail("linear", "[2]", "float64 [3,2] formula:1,0,9,0")


def shapes():
    fail("reshape", "[2,3]", sizes=[4, 2])
    fail("reshape", "[2,3]", sizes=[-1, 4])
    fail("reshape", "[2,3]", sizes=[-1, -1])
    fail("reshape", "[2,3]", sizes=[-2, 3])
    fail("reshape", "[0,3]", sizes=[-1, 0])
    fail("reshape", "[2,3]", sizes=[])
    fail("view", "[2,3]", sizes=[5])
    fail("view", "[2,3]", sizes=[-1, -1])
    fail("view", "float32 [2,3] formula:1,0,9,0 transpose(0,1)", sizes=[6])
    fail("view", "float32 [4,4] formula:1,0,9,0 slice(1,0,3,1)", sizes=[-1])
    fail("flatten", "[2,3]", start_dim=1, end_dim=0)
    fail("flatten", "[2,3]", start_dim=2)
    fail("squeeze", "[2,3]", dim=2)
    fail("squeeze", "[]", dim=1)
    fail("unsqueeze", "[2,3]", dim=3)
    fail("unsqueeze", "[2,3]", dim=-4)
    fail("transpose", "[2,3]", dim0=0, dim1=2)
    fail("transpose", "[]", dim0=0, dim1=1)
    fail("permute", "[2,3]", dims=[0])
    fail("permute", "[2,3]", dims=[0, 0])
    fail("permute", "[2,3]", dims=[0, 2])
    fail("permute", "[2,3]", dims=[0, 1, 2])
    fail("t", "[2,3,4]")
    fail("expand", "[2,3]", sizes=[2, 4])
    fail("expand", "[2,3]", sizes=[3])
    fail("expand", "[2,3]", sizes=[-1, 2, 3])
    fail("expand", "[2,3]", sizes=[2, -2])
    fail("select", "[2,3]", dim=0, index=2)
    fail("select", "[2,3]", dim=0, index=-3)
    fail("select", "[2,3]", dim=2, index=0)
    fail("select", "[]", dim=0, index=0)
    fail("narrow", "[5]", dim=0, start=3, length=3)
    fail("narrow", "[5]", dim=0, start=-6, length=1)
    fail("narrow", "[5]", dim=0, start=6, length=0)
    fail("narrow", "[5]", dim=1, start=0, length=1)
    fail("narrow", "[5]", dim=0, start=0, length=-1)
    fail("narrow", "[]", dim=0, start=0, length=1)
    fail("getitem_slice", "[5]", dim=0, start=0, stop=5, step=0)
    fail("getitem_slice", "[5]", dim=0, start=0, stop=5, step=-1)
    fail("getitem_slice", "[5]", dim=1, start=0, stop=5, step=1)
    fail("getitem", "[2,3]", index=[2])
    fail("getitem", "[2,3]", index=[0, 3])
    fail("getitem", "[2,3]", index=[0, 0, 0])
    fail("getitem", "[]", index=[0])
    fail("split", "[5]", split_size_or_sections=0)
    fail("split", "[5]", split_size_or_sections=-1)
    fail("split", "[5]", split_size_or_sections=[2, 2])
    fail("split", "[5]", split_size_or_sections=[6, -1])
    fail("split", "[]", split_size_or_sections=1)
    fail("split", "[5]", split_size_or_sections=1, dim=1)
    fail("chunk", "[5]", chunks=0)
    fail("chunk", "[5]", chunks=2, dim=1)
    fail("chunk", "[]", chunks=2)
    fail("cat")
    fail("cat", "[2,3]", "[3,4]")
    fail("cat", "[2,3]", "[2,3,1]")
    fail("cat", "[2,3]", "[3]")
    fail("cat", "[2,3]", "[3,3]", dim=1)
    fail("cat", "[2,3]", "[2,3]", dim=2)
    fail("cat", "[]", "[]")
    fail("cat", "[2,3]", "[0,4]", dim=0)
    fail("stack")
    fail("stack", "[2,3]", "[2,4]")
    fail("stack", "[2,3]", "[2,3]", dim=3)


def creation():
    fail("arange", start=1, end=5, step=0)
    fail("arange", start=1, end=5, step=-1)
    fail("arange", start=5, end=1, step=1)
    fail("arange", start=0, end=float("inf"), step=1)
    fail("arange", start=0, end=float("nan"), step=1)
    fail("linspace", start=0, end=1, steps=-1)
    fail("eye", n=-1)
    fail("eye", n=2, m=-3)
    fail("zeros", size=[-1, 2])
    fail("ones", size=[2, -3])
    fail("full", size=[-1], fill_value=1)
    fail("empty", size=[2 ** 62, 4])
    fail("zeros", size=[2 ** 40, 2 ** 40])


if __name__ == "__main__":
    for part in (elementwise, in_place, reductions, matmuls, shapes, creation):
        part()
    OUT.write()
