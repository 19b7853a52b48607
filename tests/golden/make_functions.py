"""functions.txt: functions made of other operations: their results, nodes and errors."""
import warnings

import torch

import reference
from golden import File, build, call, options_text, result
from operations import function_of

warnings.filterwarnings("ignore")

OUT = File("functions.txt", """
Records are named by the function; in0, in1, ... are its tensors in the order of torch's arguments, options the others.
`out0`, `out1`, ... are exact. With `ref0`, ... in their place these are the results of the same in float64, rounded once
to float32, and each may be `spacings` away: N spacings of float32 at max(|ref|, 1), of all outputs. grad_fn0 is the node
of the first result.
""")

# Functions that only move elements, or whose sums of these data are exact.
EXACT = set()

# Functions whose arguments have another form here.
OURS = {}


def flat(value):
    return [v for v in value if v is not None] if isinstance(value, (tuple, list)) else [value]


def widened(t):
    return t.to(torch.float64) if isinstance(t, torch.Tensor) and t.dtype == torch.float32 else t


def show(name, *specs, **options):
    function = OURS.get(name) or function_of(name)
    fields = [(f"in{i}", spec) for i, spec in enumerate(specs)] + [("options", options_text(options))]
    values, error = call(lambda: flat(function(*map(build, specs), **options)))
    if error is not None:
        OUT.record(name, *fields, error=error)
        return
    node = values[0].grad_fn.name() if values[0].grad_fn is not None else None
    wide = flat(function(*(widened(build(spec)) for spec in specs), **options))
    wide = [w.to(v.dtype) for v, w in zip(values, wide)]
    if name in EXACT or not any(v.is_floating_point() for v in values):
        assert all(torch.equal(v.nan_to_num(), w.nan_to_num()) for v, w in zip(values, wide)), (name, values, wide)
        outputs = [(f"out{i}", result(v)) for i, v in enumerate(values)]
    else:
        far = max(reference.spacings(v.detach().nan_to_num(), w.detach().nan_to_num()) for v, w in zip(values, wide) if v.is_floating_point())
        outputs = [(f"ref{i}" if v.is_floating_point() else f"out{i}", result(w, whole=8192))
                   for i, (v, w) in enumerate(zip(values, wide))]
        outputs.append(("spacings", str(max(8, reference.ulp_class(far)))))
    OUT.record(name, *fields, *outputs, ("grad_fn0", node))


def data(sizes, seed=3, dtype="float32", grad=True, over=",8"):
    return f"{dtype} {sizes} formula:{(7, 11, 13, 17)[seed % 4]},{seed},41,20{over}" + (" requires_grad" if grad else "")


def ints(values, dtype="int64"):
    tensor = torch.tensor(values, dtype=getattr(torch, dtype))
    sizes = ",".join(str(n) for n in tensor.shape)
    raw = tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes().hex() if tensor.numel() else ""
    return f"{dtype} [{sizes}] hex:{raw}"


REDUCTIONS = ("mean", "sum", "none")


# ---- losses


def margins():
    a, b, signs = data("[5,4]"), data("[5,4]", 5), "int64 [5,4] formula:2,0,4,1"
    real_signs = "float32 [5,4] formula:2,0,4,1"
    for reduction in REDUCTIONS:
        show("margin_ranking_loss", a, b, signs, reduction=reduction)
        show("margin_ranking_loss", a, b, real_signs, margin=0.5, reduction=reduction)
        show("hinge_embedding_loss", a, signs, reduction=reduction)
        show("hinge_embedding_loss", a, real_signs, margin=0.25, reduction=reduction)
        show("soft_margin_loss", a, signs, reduction=reduction)
        show("multilabel_soft_margin_loss", a, "float32 [5,4] formula:1,0,2,0", reduction=reduction)
        for options in ({}, {"p": 2, "margin": 0.5}):
            show("multi_margin_loss", a, "int64 [5] formula:3,1,4,0", reduction=reduction, **options)
            show("multi_margin_loss", data("[4]"), "int64 [] formula:3,1,4,0", reduction=reduction, **options)
            show("multi_margin_loss", data("[4]"), "int64 [1] formula:3,1,4,0", reduction=reduction, **options)
        listed = ints([[1, 3, -1, 0], [-1, 2, 1, 0], [0, 1, 2, 3], [2, 2, -1, -1], [3, -1, -1, 1]])
        show("multilabel_margin_loss", a, listed, reduction=reduction)
        show("multilabel_margin_loss", data("[4]"), ints([2, 0, -1, 1]), reduction=reduction)
    show("margin_ranking_loss", data("[4]"), b, signs)
    show("soft_margin_loss", data("[5,1]"), "float32 [5,4] formula:2,0,4,1")
    show("multi_margin_loss", a, ints([0, 1, 2, 3]))
    show("multi_margin_loss", a, ints([0, 1, 2, 4, 0]))
    show("multi_margin_loss", a, ints([0, 1, 2, 3, 0]), p=3)
    show("multi_margin_loss", "float32 [2,0] formula:1,0,2,0", ints([0, 1]))
    show("multilabel_margin_loss", a, ints([[1, 3, -1, 0]]))
    show("multilabel_margin_loss", data("[4]"), ints([1, 3, -2, 0]))
    show("multilabel_margin_loss", data("[4]"), ints([1, 4, -1, 0]))


def likelihoods():
    a, b, counts = data("[5,4]"), data("[5,4]", 5, grad=False), "float32 [5,4] formula:1,0,5,0"
    rates, variances = "float32 [5,4] formula:7,3,41,-1,8", "float32 [5,4] formula:7,3,41,-1,16 requires_grad"
    for reduction in REDUCTIONS:
        for full in (False, True):
            show("poisson_nll_loss", a, counts, full=full, reduction=reduction)
            show("poisson_nll_loss", rates, counts, full=full, log_input=False, reduction=reduction)
            show("gaussian_nll_loss", a, b, variances, full=full, reduction=reduction)
    show("gaussian_nll_loss", a, b, "float32 [5] formula:7,3,41,-1,16")
    show("gaussian_nll_loss", a, b, "float32 [5,1] formula:7,3,41,-1,16")
    show("gaussian_nll_loss", a, b, "float32 [5,4] formula:0,0,41,0", eps=0.25)
    show("gaussian_nll_loss", a, b, "number float 1.5")
    show("gaussian_nll_loss", a, b, "number float -1.5")
    show("gaussian_nll_loss", a, b, "float32 [5,1] formula:7,3,41,2,16")
    show("gaussian_nll_loss", a, b, "float32 [4] formula:7,3,41,-1,16")


def log_softmax_of(log_probs, *rest, **options):
    return torch.nn.functional.ctc_loss(log_probs.log_softmax(-1), *rest, **options)


OURS["ctc_loss_of_softmax"] = log_softmax_of


def ctc():
    name, x, lengths = "ctc_loss_of_softmax", data("[6,3,5]"), ints([6, 4, 5])
    rows, chain = ints([[1, 1, 3], [2, 4, 1], [3, 3, 3]]), ints([1, 1, 3, 2, 3, 4])
    for reduction in REDUCTIONS:
        show(name, x, rows, lengths, ints([3, 0, 2]), reduction=reduction)
        show(name, x, chain, lengths, ints([3, 1, 2], "int32"), reduction=reduction)
        show(name, x, ints([[0, 1, 3], [2, 4, 1], [4, 3, 3]], "int32"), ints([2, 3, 0]), ints([2, 3, 0]), blank=2,
             zero_infinity=True, reduction=reduction)
        show(name, data("[6,5]"), ints([1, 2]), ints(6), ints(2), reduction=reduction)
    show(name, x, rows, ints([2, 0, 5]), ints([3, 0, 3]), reduction="none")
    for targets, inputs, sizes in ((rows, ints([6, 7, 5]), ints([3, 1, 2])), (rows, ints([6, 4]), ints([3, 1, 2])),
                                   (rows, lengths, ints([3, 1])), (rows, lengths, ints([4, 1, 2])),
                                   (rows, lengths, ints([-1, 1, 2])), (rows, ints([-2, 4, 5]), ints([3, 1, 2])),
                                   (chain, lengths, ints([3, 1, 1])), (ints([[1, 2]]), lengths, ints([1, 1, 1])),
                                   (ints([[[1]]]), lengths, ints([1, 1, 1])),
                                   (rows, "float32 [3] formula:0,1,2,0", lengths),
                                   (rows, lengths, "float32 [3] formula:0,1,2,0")):
        show(name, x, targets, inputs, sizes)
    show(name, x, rows, lengths, ints([3, 1, 2]), blank=5)
    show("ctc_loss", "float32 [5] formula:1,0,2,1", rows, lengths, lengths)
    show("ctc_loss", "float16 [6,3,5] formula:1,0,2,1", rows, lengths, ints([1, 1, 1]))
    show("ctc_loss", "float32 [0,3,5] formula:1,0,2,1", rows, lengths, ints([1, 1, 1]))


# ---- windows


def windows():
    EXACT.update(("unfold", "fold", "max_unpool1d", "max_unpool2d", "max_unpool3d"))
    for dtype in ("float16", "bfloat16", "float32", "float64"):
        show("unfold", data("[2,2,4,5]", dtype=dtype), kernel_size=[2, 3], padding=[1, 0], stride=2)
        show("fold", data("[2,8,6]", dtype=dtype, over=""), output_size=[3, 4], kernel_size=2)
    show("unfold", "bool [1,3,3] formula:1,0,2,0", kernel_size=2)
    x = data("[2,2,4,4]")
    for options in ({"kernel_size": 2}, {"kernel_size": 5}, {"kernel_size": 0}, {"kernel_size": 2, "dilation": 0},
                    {"kernel_size": 2, "padding": -1}, {"kernel_size": 2, "stride": 0},
                    {"kernel_size": [3, 1], "dilation": [1, 3], "padding": 2, "stride": [3, 1]}):
        show("unfold", x, **options)
    show("unfold", data("[0,2,4,4]"), kernel_size=2)
    show("unfold", data("[2,0,4,4]"), kernel_size=2)
    show("unfold", "int64 [2,4,4] formula:1,0,7,0", kernel_size=2)
    columns = data("[2,8,9]", over="")
    for options in ({"output_size": [4, 4], "kernel_size": 2}, {"output_size": [4, 5], "kernel_size": 2},
                    {"output_size": [4, 4], "kernel_size": 3}, {"output_size": [0, 4], "kernel_size": 2},
                    {"output_size": [1, 1], "kernel_size": 2}, {"output_size": [4, 4], "kernel_size": 0},
                    {"output_size": [4, 4], "kernel_size": 2, "stride": 0},
                    {"output_size": [5, 5], "kernel_size": 2, "dilation": 2},
                    {"output_size": [4, 4, 4], "kernel_size": 2}):
        show("fold", columns, **options)
    show("fold", data("[9]"), output_size=[4, 4], kernel_size=2)
    show("fold", data("[0,8,9]"), output_size=[4, 4], kernel_size=2)
    show("fold", "int64 [8,9] formula:1,0,7,0", output_size=[4, 4], kernel_size=2)


def unpools():
    line, at = data("[2,2]"), ints([[1, 2], [0, 3]])
    show("max_unpool1d", line, at, kernel_size=2)
    show("max_unpool1d", data("[1,2,2]"), ints([[[1, 2], [0, 3]]]), kernel_size=2, output_size=[5])
    show("max_unpool1d", line, ints([[1, 4], [0, 3]]), kernel_size=2)
    plane, at = data("[1,2,2,2]"), ints([[[[0, 3], [9, 10]], [[5, 7], [8, 14]]]])
    for options in ({"kernel_size": 2}, {"kernel_size": 2, "output_size": [5, 5]},
                    {"kernel_size": 2, "output_size": [6, 5]}, {"kernel_size": 2, "output_size": [5]},
                    {"kernel_size": 2, "output_size": [1, 2, 5, 5]}, {"kernel_size": 2, "output_size": [3, 3]},
                    {"kernel_size": 2, "padding": 3}, {"kernel_size": [2, 3], "stride": [3, 2], "padding": [0, 1]}):
        show("max_unpool2d", plane, at, **options)
    show("max_unpool2d", plane, ints([[[[0, 0], [0, 1]], [[5, 5], [5, 5]]]]), kernel_size=2)
    show("max_unpool2d", plane, ints([[[[0, -1], [0, 1]], [[5, 5], [5, 5]]]]), kernel_size=2)
    show("max_unpool2d", plane, ints([[[[0, 3], [9, 10]], [[5, 7], [8, 14]]]], "int32"), kernel_size=2)
    show("max_unpool2d", plane, ints([[[0, 3], [9, 10]]]), kernel_size=2)
    show("max_unpool2d", line, ints([[1, 2], [0, 3]]), kernel_size=2)
    show("max_unpool2d", "int64 [1,2,2] formula:1,0,7,0", ints([[[1, 2], [0, 3]]]), kernel_size=2)
    show("max_unpool2d", data("[2,2,0,2]"), "int64 [2,2,0,2] formula:1,0,7,0", kernel_size=2)
    show("max_unpool2d", data("[0,2,1,2]"), "int64 [0,2,1,2] formula:1,0,7,0", kernel_size=2)
    cube, at = data("[1,1,2,2]"), ints([[[[0, 13], [6, 10]]]])
    show("max_unpool3d", cube, at, kernel_size=2)
    show("max_unpool3d", cube, ints([[[[0, 13], [6, 64]]]]), kernel_size=2)
    show("max_unpool3d", data("[1,2,2]"), ints([[[0, 13], [6, 64]]]), kernel_size=2)


def bags():
    rows, weight = ints([1, 2, 4, 1, 0, 3]), data("[5,3]")
    for mode in ("mean", "sum", "max"):
        show("embedding_bag", rows, weight, ints([0, 2, 2, 5]), mode=mode)
        show("embedding_bag", rows, weight, ints([0, 2, 2, 5]), mode=mode, include_last_offset=True)
        show("embedding_bag", ints([[1, 2], [4, 1]], "int32"), weight, mode=mode, padding_idx=-1)
        show("embedding_bag", rows, weight, ints([0, 2, 4]), mode=mode, padding_idx=1)
        show("embedding_bag", "int64 [0] formula:1,0,2,0", weight, ints([0]), mode=mode)
    show("embedding_bag", "int64 [0,2] formula:1,0,2,0", weight)
    for offsets in ([1, 2], [0, 7], [2, 0], [[0, 2]]):
        show("embedding_bag", rows, weight, ints(offsets))
    show("embedding_bag", rows, weight)
    show("embedding_bag", ints([[1, 2]]), weight, ints([0]))
    show("embedding_bag", ints([[[1, 2]]]), weight)
    show("embedding_bag", rows, data("[3]"), ints([0]))
    show("embedding_bag", ints([1, -1]), weight, ints([0]))
    for options in ({"padding_idx": 5}, {"padding_idx": -6}, {"mode": "max", "scale_grad_by_freq": True},
                    {"mode": "max", "sparse": True}):
        show("embedding_bag", rows, weight, ints([0]), **options)
    show("embedding_bag", rows, "int64 [5,3] formula:1,0,7,0", ints([0]))
    show("embedding_bag", "float32 [3] formula:1,0,3,0", weight, ints([0]))
    show("embedding_bag", rows, weight, "int64 [0] formula:1,0,3,0", include_last_offset=True)


def bilinears():
    a, b, weight, bias = data("[5,2]"), data("[5,3]", 4, grad=False), data("[4,2,3]", 5), data("[4]", 6)
    show("bilinear", a, b, weight)
    show("bilinear", a, b, weight, bias)
    show("bilinear", data("[2]"), data("[3]"), weight, bias)
    show("bilinear", data("[2,3,2]"), data("[2,3,3]"), weight)
    show("bilinear", data("[0,2]"), data("[0,3]"), weight)
    for first, second, third in ((a, data("[4,3]"), bias), (data("[5,3]"), b, bias), (a, data("[5,2]"), bias),
                                 (a, b, data("[3]")), (data("[5,5,2]"), b, bias)):
        show("bilinear", first, second, weight, third)


def norms_of_windows():
    for p in (1.0, 2.0, float("inf"), -float("inf")):
        show("lp_pool1d", data("[2,7]"), norm_type=p, kernel_size=3)
        show("lp_pool2d", data("[1,2,5,6]"), norm_type=p, kernel_size=[2, 3], stride=[1, 2], ceil_mode=True)
        show("lp_pool3d", data("[1,3,3,4]"), norm_type=p, kernel_size=2, stride=1)
    show("local_response_norm", data("[2,5,3]"), size=3)
    show("local_response_norm", data("[2,5,2,2]"), size=2, alpha=0.5, beta=0.5, k=2.0)
    show("local_response_norm", data("[2,5]"), size=2)
    show("local_response_norm", data("[2,5,2]"), size=0)


def random_slopes():
    """From seed 3, in both modes."""
    def rrelu(t, **options):
        torch.manual_seed(3)
        return torch.nn.functional.rrelu(t, **options)

    def feature_alpha_dropout(t, **options):
        torch.manual_seed(3)
        return torch.nn.functional.feature_alpha_dropout(t, **options)
    OURS.update({"rrelu": rrelu, "feature_alpha_dropout": feature_alpha_dropout})
    for dtype in ("float32", "float64"):
        for training in (False, True):
            show("rrelu", data("[3,4]", dtype=dtype), training=training)
            show("rrelu", data("[4,3] ", dtype=dtype, over=",8 transpose(0,1)").replace("] ", "]"), lower=0.25, upper=0.75,
                 training=training)
    for lower, upper in ((0.5, 0.25), (float("inf"), 0.5), (0.1, float("nan"))):
        show("rrelu", data("[3]"), lower=lower, upper=upper)
    show("rrelu", "int64 [3] formula:1,0,3,0")
    show("rrelu", "int64 [3] formula:1,0,3,0", training=True)
    show("feature_alpha_dropout", data("[3,4,2]"), p=0.5, training=True)
    show("feature_alpha_dropout", data("[3,4,2]"), p=0.5, training=False)
    show("feature_alpha_dropout", data("[4]"), p=0.5, training=True)


# ---- tensors


def products():
    a, b, v, w = data("[2,3]"), data("[3,4]", 5), data("[3]", 6), data("[4]", 7)
    show("dot", v, data("[3]", 5))
    show("outer", v, w)
    show("mv", a, v)
    for options in ({}, {"beta": 0.5, "alpha": -2.0}, {"beta": 0.0}):
        show("addmm", w, a, b, **options)
        show("addmv", data("[2]"), a, v, **options)
        show("baddbmm", data("[1,4]"), data("[2,2,3]"), data("[2,3,4]"), **options)
    show("addmm", data("[2,1]"), a, b)
    show("addmm", v, a, b)
    show("addmm", "float64 [4] formula:1,0,5,0", a, b)
    show("dot", v, w)
    show("dot", a, v)
    show("dot", v, "float64 [3] formula:1,0,5,0")
    show("outer", a, v)
    show("mv", v, v)
    show("kron", a, data("[2,2]", 5))
    show("kron", v, data("[2,2]", 5))
    show("kron", "int64 [2] formula:1,1,7,0", "int64 [2,1,2] formula:1,1,7,0")
    show("addmm", "int64 [4] formula:1,0,5,0", "int64 [2,3] formula:1,0,5,0", "int64 [3,4] formula:1,0,5,0", beta=2, alpha=3)


def blends():
    a, b, c = data("[5,4]"), data("[4]", 5), data("[5,1]", 6)
    show("lerp", a, b, "number float 0.25")
    show("lerp", a, b, "number float 0.75")
    show("lerp", a, b, c)
    show("lerp", a, "float64 [4] formula:1,0,5,0", "number float 0.5")
    whole = "int64 [4] formula:1,1,7,0"
    show("lerp", whole, whole, "number float 0.5")
    show("lerp", whole, whole, whole)
    show("lerp", a, b, "float64 [4] formula:1,0,5,0")
    show("logaddexp", whole, whole)
    for name in ("addcmul", "addcdiv"):
        show(name, a, b, data("[5,1]", 3) if name == "addcmul" else "float32 [5,1] formula:1,1,7,0")
        show(name, a, b, "float32 [5,1] formula:1,1,7,0", value=-0.5)
    show("addcdiv", a, "int64 [4] formula:1,1,7,0", "int64 [4] formula:1,1,7,0")
    EXACT.update(("frac", "nan_to_num"))
    show("frac", a)
    show("frac", "int64 [4] formula:1,1,7,0")
    show("logaddexp", a, b)
    odd = "float32 [6] hex:0000807f000080ff0000c07f0000803f000000000000807f"
    show("logaddexp", odd, "float32 [6] hex:0000807f000080ff0000803f000080ff0000803f000080ff")
    for options in ({}, {"nan": 1.5}, {"posinf": 2.5, "neginf": -3.5}):
        show("nan_to_num", odd + " requires_grad", **options)
    show("nan_to_num", "float16 [4] hex:007c00fc007e003c")
    show("nan_to_num", "int64 [4] formula:1,1,7,0")
    close = "float32 [6] hex:0000807f000080ff0000c07f0100803f000000000000807f"
    for options in ({}, {"equal_nan": True}, {"rtol": 0.0, "atol": 0.0}, {"rtol": 0.0, "atol": 1.0}, {"rtol": -1.0},
                    {"atol": -1.0}):
        show("isclose", odd, close, **options)
    show("isclose", "int64 [4] formula:1,1,7,0", "int64 [4] formula:1,0,7,0", atol=1.0)
    show("isclose", a, "float64 [4] formula:1,0,5,0")


def diagonals():
    EXACT.update(("diagonal", "diag", "trace", "expand_as", "view_as", "unbind", "meshgrid", "tile", "repeat_interleave",
                  "one_hot", "nonzero", "masked_select", "bincount", "argsort"))
    a, v = data("[3,4]"), data("[3]")
    for offset in (0, 1, -1, 3, -3, 9):
        show("diagonal", a, offset=offset)
        if abs(offset) < 4 and offset != -3:
            show("diag", a, diagonal=offset)
        if abs(offset) < 4:
            show("diag", v, diagonal=offset)
    show("diagonal", data("[2,3,4]"), offset=1, dim1=2, dim2=0)
    show("diagonal", a, dim1=0, dim2=-2)
    show("diagonal", v)
    show("diag", data("[1,2,2]"))
    show("diag", "int64 [2] formula:1,1,7,0", diagonal=-1)
    show("trace", a)
    show("trace", "int64 [3,2] formula:1,1,7,0")
    show("trace", v)
    show("expand_as", v, a)
    show("expand_as", data("[4]"), a)
    show("view_as", data("[4,3]"), a)
    show("view_as", v, a)
    OURS["unbind"] = lambda t, dim: torch.unbind(t, dim)[:3]
    show("unbind", a, dim=0)
    show("unbind", data("[2,3]"), dim=-1)
    show("unbind", a, dim=2)
    OURS["meshgrid"] = lambda a, b, c, indexing: torch.meshgrid(a, b, c, indexing=indexing)
    for indexing in ("ij", "xy"):
        show("meshgrid", v, data("[2]"), data("[4]"), indexing=indexing)
    for dims in ([2], [2, 1], [2, 1, 3], [0]):
        show("tile", a, dims=dims)
    for options in ({"repeats": 2}, {"repeats": 3, "dim": 1}, {"repeats": 0}, {"repeats": -1}, {"repeats": 2, "dim": 2}):
        show("repeat_interleave", a, **options)
    classes = ints([[0, 2], [1, 0]])
    for n in (-1, 4, 2, 0):
        show("one_hot", classes, num_classes=n)
    show("one_hot", ints([0, -1]))
    show("one_hot", ints([0, 1], "int32"))
    show("one_hot", "int64 [0] formula:1,0,2,0")
    show("one_hot", "int64 [0] formula:1,0,2,0", num_classes=3)


def selections():
    a = data("[3,4]")
    for options in ({"dim": 0}, {"dim": -1, "keepdim": True}, {"dim": [0, 1]}):
        show("logsumexp", a, **options)
    show("logsumexp", "int64 [4] formula:1,1,7,0", dim=0)
    show("logsumexp", "float32 [2,2] hex:000080ff000080ff0000807f0000803f", dim=1)
    show("logsumexp", "float32 [2,0] formula:1,0,2,0", dim=1)
    show("logsumexp", a, dim=2)
    show("argsort", a)
    show("argsort", a, dim=0, descending=True)
    show("nonzero", "float32 [2,3] formula:1,0,3,0")
    show("nonzero", "bool [7] formula:1,0,2,0")
    show("nonzero", "int64 [] formula:1,1,3,0")
    show("nonzero", "int64 [0,2] formula:1,1,3,0")
    show("masked_select", a, "bool [3,4] formula:1,0,3,1")
    show("masked_select", a, "bool [3,1] formula:1,0,2,0")
    show("masked_select", data("[4]"), "bool [2,4] formula:1,0,3,0")
    show("masked_select", a, "uint8 [3,4] formula:1,0,2,0")
    counted = ints([1, 4, 1, 0])
    show("bincount", counted)
    show("bincount", counted, minlength=7)
    show("bincount", counted, "float32 [4] formula:1,1,5,0")
    show("bincount", counted, "int32 [4] formula:1,1,5,0")
    show("bincount", "int64 [0] formula:1,0,2,0", minlength=2)
    show("bincount", ints([1, -1]))
    show("bincount", counted, minlength=-1)
    show("bincount", counted, "float32 [3] formula:1,1,5,0")
    show("bincount", ints([[1, 2]]))
    show("bincount", "float32 [3] formula:1,1,5,0")


if __name__ == "__main__":
    products()
    blends()
    diagonals()
    selections()
    windows()
    unpools()
    bags()
    bilinears()
    norms_of_windows()
    random_slopes()
    margins()
    likelihoods()
    ctc()
    OUT.write()
