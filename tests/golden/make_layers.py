"""layers.txt: the forward of every layer in eval mode on formula data."""
import warnings

import torch

import reference
from golden import File, build, result, sizes_text
from modules import build_module

warnings.filterwarnings("ignore")

OUT = File("layers.txt", """
Each record: `module` (the notation of README.md) is constructed, its state is replaced by `state0`, `state1`, ...
(NAME TENSOR), it is set to eval mode and called with `in0`; `out0` (and `out1`) is PyTorch's result.

Without `ulps` or `spacings` the result is exact (data and parameters are small integers or dyadic fractions, with
at most one rounding, a division, at the end; AdaptiveAvgPool divides as conv.txt says). With it the layer computes
real functions: `ref0` is the same layer in float64, rounded once to float32, and `ulps N` the smallest of 1, 2, 4,
... that holds the distance of PyTorch's float32 result from ref0, counted in representable values, the largest of
all elements. A result is right if it is within N of ref0. Where results come near zero by cancellation (N would be
above 8) there is `spacings N` instead: the same classes, but the difference is counted in the spacing of float32 at
max(|ref0|, 1), element by element; normalisation by statistics of the input has it always, with N 8 at least.
""")

EXACT = """
Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d Linear MaxPool1d MaxPool2d MaxPool3d AvgPool1d
AvgPool2d AvgPool3d AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d
AdaptiveMaxPool3d ReLU ReLU6 Hardtanh Hardshrink Softshrink Threshold Flatten Unflatten Identity Dropout Dropout1d
Dropout2d Dropout3d AlphaDropout ZeroPad1d ZeroPad2d ZeroPad3d ConstantPad1d ConstantPad2d ConstantPad3d
ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d CircularPad1d
CircularPad2d CircularPad3d Sequential PixelShuffle PixelUnshuffle ChannelShuffle Unfold Fold FeatureAlphaDropout
""".split()

CANCELLING = ("InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d", "LayerNorm", "RMSNorm", "GroupNorm")

PLANE, LINE, CUBE = [2, 4, 6, 6], [2, 4, 9], [1, 2, 4, 5, 4]
CASES = [
    ("Conv1d(4, 6, 3, padding=1, groups=2)", LINE), ("Conv1d(4, 2, 3, stride=2, bias=False)", [4, 9]),
    ("Conv2d(4, 3, 3, padding=1)", PLANE), ("Conv2d(4, 8, (3,2), stride=(2,1), dilation=2)", PLANE),
    ("Conv2d(4, 3, 4, padding=same)", PLANE), ("Conv2d(4, 3, 3, padding=1, padding_mode=reflect)", PLANE),
    ("Conv2d(4, 3, 3, padding=1, padding_mode=circular)",
     [4, 6, 6]), ("Conv2d(4, 3, 3, padding=2, padding_mode=replicate)", PLANE),
    ("Conv3d(2, 2, 2, padding=1)", CUBE), ("Conv3d(2, 4, (1,2,3), groups=2)",
                                           CUBE), ("ConvTranspose1d(4, 2, 3, stride=2)", LINE),
    ("ConvTranspose2d(4, 2, 3, stride=2, padding=1, output_padding=1, groups=2)", PLANE),
    ("ConvTranspose2d(4, 3, 2, bias=False)", [4, 6, 6]), ("ConvTranspose3d(2, 3, 2, stride=2)", CUBE),
    ("Linear(9, 5)", LINE),
    ("Linear(9, 5, bias=False)", [9]), ("Linear(9, 3)", [7, 9]), ("MaxPool1d(2)",
                                                                  LINE), ("MaxPool1d(3, stride=2, padding=1)", LINE),
    ("MaxPool2d(2)", PLANE), ("MaxPool2d((2,3), (1,2), 1, 1, ceil_mode=True)",
                              PLANE), ("MaxPool2d(2, return_indices=True)", PLANE),
    ("MaxPool3d(2)", CUBE), ("AvgPool1d(3, stride=2, padding=1)", LINE), ("AvgPool2d(2)", PLANE),
    ("AvgPool2d(3, stride=2, padding=1, ceil_mode=True, count_include_pad=False)", PLANE), ("AvgPool3d(2)", CUBE),
    ("AdaptiveAvgPool1d(4)", LINE), ("AdaptiveAvgPool2d(1)", PLANE), ("AdaptiveAvgPool2d((2,None))", PLANE),
    ("AdaptiveAvgPool3d(2)", CUBE), ("AdaptiveMaxPool1d(4)", LINE), ("AdaptiveMaxPool2d((2,3))",
                                                                     PLANE), ("AdaptiveMaxPool3d(2)", CUBE),
    ("Flatten()", PLANE), ("Flatten(0, 2)", PLANE), ("Unflatten(1, (2,2))", PLANE),
    ("Identity()", LINE), ("Dropout(0.5)", LINE),
    ("Dropout1d(0.5)", LINE), ("Dropout2d(0.5)", PLANE), ("Dropout3d(0.5)", CUBE), ("AlphaDropout(0.5)", LINE),
    ("BatchNorm1d(4)", LINE), ("BatchNorm1d(4, affine=False)", [3, 4]),
    ("BatchNorm2d(4)", PLANE), ("BatchNorm2d(4, eps=0.001)", PLANE),
    ("BatchNorm2d(4, track_running_stats=False)", PLANE), ("BatchNorm3d(2)", CUBE),
    ("InstanceNorm1d(4)", LINE), ("InstanceNorm1d(4)", [4, 9]), ("InstanceNorm2d(4, affine=True)", PLANE),
    ("InstanceNorm2d(4, track_running_stats=True)", PLANE), ("InstanceNorm3d(2, eps=0.01)", CUBE),
    ("LayerNorm(9)", LINE), ("LayerNorm((4,9), eps=0.01)", LINE), ("LayerNorm(9, elementwise_affine=False)", LINE),
    ("LayerNorm(9, bias=False)", LINE), ("LayerNorm((6,6))", PLANE), ("LayerNorm(331)", [3, 331]),
    ("RMSNorm(9)", LINE), ("RMSNorm((6,6), eps=0.001)", PLANE), ("RMSNorm(331, elementwise_affine=False)", [3, 331]),
    ("GroupNorm(2, 4)", PLANE), ("GroupNorm(4, 4, affine=False)", LINE), ("GroupNorm(1, 4, bias=False)", PLANE),
    ("GroupNorm(2, 8)", [3, 8]),
    ("PixelShuffle(2)", PLANE), ("PixelUnshuffle(3)", PLANE), ("ChannelShuffle(2)", PLANE),
    ("ZeroPad1d(1)", LINE),
    ("ZeroPad2d((1,2,0,-1))", PLANE),
    ("ZeroPad3d(1)", CUBE), ("ConstantPad1d(1, 2.5)", LINE), ("ConstantPad2d((1,0,2,0), 3)",
                                                              PLANE), ("ConstantPad3d(1, -1.0)", CUBE),
    ("ReflectionPad1d(2)", LINE), ("ReflectionPad2d((1,2,3,4))", PLANE),
    ("ReflectionPad3d(1)", CUBE), ("ReplicationPad1d(2)", LINE),
    ("ReplicationPad2d((1,2,3,4))", PLANE), ("ReplicationPad3d(1)", CUBE),
    ("CircularPad1d(2)", LINE), ("CircularPad2d((1,2,3,4))", PLANE),
    ("CircularPad3d(1)", CUBE), ("Upsample(scale_factor=2)", PLANE),
    ("Upsample(size=9)", LINE), ("Upsample(scale_factor=(2,3))", PLANE),
    ("Upsample(size=(4,5), mode=bilinear)", PLANE), ("Upsample(scale_factor=1.5, mode=bilinear)", PLANE),
    ("Upsample(size=(5,9), mode=bilinear, align_corners=True)", [2, 4, 3, 5]), ("Upsample(scale_factor=0.5)", PLANE),
    ("Softmax2d()", PLANE), ("GLU()", [3, 8]), ("GLU(1)", PLANE), ("PReLU()", LINE), ("PReLU(4)", PLANE),
    ("LPPool1d(2.0, 3)", LINE), ("LPPool2d(2.0, (2,3), stride=1)", PLANE), ("LPPool2d(3.0, 2, ceil_mode=True)", PLANE),
    ("LPPool3d(1.0, 2)", CUBE), ("LPPool2d(inf, 2)", PLANE), ("Unfold(2)", PLANE),
    ("Unfold((2,3), dilation=(2,1), padding=(1,2), stride=2)", PLANE), ("Fold((4,5), (2,3), padding=1, stride=2)", [2, 12, 9]),
    ("Fold(3, 2)", [8, 4]), ("LocalResponseNorm(3)", PLANE), ("LocalResponseNorm(2, alpha=0.5, beta=0.5, k=2.0)", LINE),
    ("LocalResponseNorm(4)", CUBE), ("UpsamplingNearest2d(scale_factor=2)", PLANE),
    ("UpsamplingBilinear2d(size=(5,9))", PLANE), ("FeatureAlphaDropout(0.5)", PLANE), ("RReLU()", PLANE),
    ("RReLU(0.25, 0.75)", PLANE),
    ("Sequential(Conv2d(4, 4, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(16, 3))", PLANE),
]
ACTIVATIONS = """
ReLU() ReLU6() LeakyReLU() LeakyReLU(0.25) ELU() ELU(0.5) CELU() CELU(1.5) SELU() GELU() GELU(approximate=tanh) SiLU()
Mish() Sigmoid() Tanh() Softplus() Softplus(2) Softsign() Hardtanh() Hardtanh(-2) Hardswish() Hardsigmoid()
Hardshrink() Softshrink() Softshrink(0.25) Tanhshrink() LogSigmoid() Softmax(dim=1) Softmax(dim=0) LogSoftmax(dim=-1)
LogSoftmax(dim=0) Softmin(dim=1)
""".split()


def state_of(module, text):
    """Formula data for every parameter and buffer: small integers; variances are positive quarters."""
    lines = []
    for i, (name, value) in enumerate(module.state_dict().items()):
        fill = f"formula:{(3, 5, 7, 11)[i % 4]},{i},9,4"
        if "running_var" in name:
            fill = "formula:5,3,13,-1,4"
        elif "Norm" in text or "PReLU" in text:
            fill = "formula:3,1,11,4,4"
        elif name.endswith("num_batches_tracked"):
            fill = "formula:0,7,9,0"
        dtype = str(value.dtype).split(".")[1]
        if dtype == "int64":
            fill = "formula:0,7,9,0"
        lines.append((name, f"{dtype} {sizes_text(value.shape)} {fill}"))
    return lines


def run(text, lines, spec, dtype):
    module = build_module(text)
    module.load_state_dict({name: build(line) for name, line in lines})
    value = module.to(dtype).eval()(build(spec).to(dtype))
    return [v.detach() for v in (value if isinstance(value, tuple) else (value,))]


def show(text, spec):
    lines = state_of(build_module(text), text)
    values = run(text, lines, spec, torch.float32)
    wide = run(text, lines, spec, torch.float64)[0].to(torch.float32)
    fields = [("module", text)] + [(f"state{i}", f"{name} {line}") for i,
                                   (name, line) in enumerate(lines)] + [("in0", spec)]
    fields += [(f"out{i}", result(value)) for i, value in enumerate(values)]
    name = text.split("(")[0]
    if name in EXACT or "mode=nearest" in repr(build_module(text)).replace("'", ""):
        exact = "AdaptiveAvg" in name or torch.equal(values[0], wide)
        assert exact, (text, values[0], wide)
    else:
        fields += reference.fields(values[0], wide, cancels=name in CANCELLING)
    OUT.record("forward", *fields)


if __name__ == "__main__":
    for text, sizes in CASES:
        real = any(word in text for word in ("Norm", "LPPool", "UpsamplingB", "RReLU", "Softmax", "GLU", "PReLU", "bilinear"))
        show(text, f"float32 {sizes_text(sizes)} formula:7,3,41,20" + (",8" if real else ""))
    for text in ACTIVATIONS:
        show(text, "float32 [5,9] formula:7,3,47,23,4")
        show(text, "float32 [3,40] formula:37,5,1009,500,64")
        if "Softm" not in text and "Softmin" not in text and "LogSoftmax" not in text:
            show(text, "float32 [2,8] formula:1,0,16,8,1")
    for text in ("Softmax()", "LogSoftmax()", "Softmin()"):
        for sizes in ("[9]", "[3,8]", "[2,3,8]", "[2,3,4,5]", "[1,2,3,2,2]"):
            show(text, f"float32 {sizes} formula:7,3,47,23,4")
    show("Threshold(0.5, 20)", "float32 [5,9] formula:7,3,47,23,4")
    OUT.write()
