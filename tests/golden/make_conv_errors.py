"""conv_errors.txt: what PyTorch says when convolution, pooling and padding are misused."""
import warnings

import torch
import torch.nn.functional as F

from golden import File, build, call, options_text

warnings.filterwarnings("ignore")

OUT = File("conv_errors.txt", """
Records are named by the function, as in conv.txt, or by the class of a layer (Conv2d ...: its constructor, whose
arguments are the options; with `input`, its forward; `output_size` is then ConvTranspose's second argument).
Operands as in conv.txt. `error` is the class, `text` the words. All operands are well formed tensors, which
conv.txt's formula fills.
""")


def of_back_end(error):
    """Words of the library below PyTorch, which say nothing about the call."""
    return "back end" if "primitive" in str(error) or "dimensions are invalid" in str(error) else None


def spec_of(text):
    if text.startswith("["):
        text = "float32 " + text
    return text + " formula:3,1,7,3"


def fail(name, *specs, **options):
    """Sizes stand for float32; a dtype may come before them."""
    specs = [spec_of(spec) for spec in specs]
    value, error = call(lambda: getattr(F, name)(*[build(spec) for spec in specs], **options))
    if error is None:
        raise AssertionError((name, specs, options, value.shape))
    fields = zip(("input", "weight", "bias"), specs)
    OUT.record(name, *fields, ("options", options_text(options)), ("flavour", of_back_end(error)), error=error)


def layer(name, *arguments, input=None, output_size=None, flavour=None, **options):
    def run():
        module = getattr(torch.nn, name)(*arguments, **options)
        return module(build(spec_of(input)), *([output_size] if output_size is not None else []))
    value, error = call(run)
    assert error is not None, (name, arguments, options)
    positional = dict(zip(("in_channels", "out_channels", "kernel_size"), arguments))
    shown = {**positional, **options, **({"output_size": output_size} if output_size is not None else {})}
    OUT.record(name, ("input", spec_of(input) if input else None), ("options", options_text(shown)),
               ("flavour", flavour),
               error=error)


def convolutions():
    for n, good in ((1, "8"), (2, "8,8"), (3, "4,8,8")):
        name, k = f"conv{n}d", ",".join(["3"] * n)
        x, w = f"[2,3,{good}]", f"[6,3,{k}]"
        for bad in ("[8]", f"[1,2,3,{good},2]", "[]"):
            fail(name, bad, w)
            fail(f"conv_transpose{n}d", bad, f"[3,6,{k}]")
        fail(name, x, "[6,3]")
        fail(name, x, "[6]")
        fail(name, x, f"[6,3,{k},3]")
        fail(name, x, w, groups=0)
        fail(name, x, w, groups=-1)
        for key in ("stride", "padding", "dilation"):
            fail(name, x, w, **{key: [1] * (n + 1)})
            fail(name, x, w, **{key: -1})
            fail(name, x, w, **{key: [-1] * n})
            if n != 1:
                fail(name, x, w, **{key: [1] * (n + 2)})
        fail(name, x, w, stride=0)
        fail(name, x, w, dilation=0)
        fail(name, x, w, stride=[])
        fail(name, x, w, padding=2 ** 62)
        fail(name, x, w, padding="foo")
        fail(name, x, w, padding="same", stride=2)
        fail(name, x, f"[6,4,{k}]")
        fail(name, f"[3,{good}]", f"[6,4,{k}]")
        fail(name, x, f"[6,4,{k}]", padding="same")
        fail(name, x, f"[2,2,{k}]", groups=3)
        fail(name, x, f"[5,2,{k}]", groups=2)
        fail(name, x, f"[0,3,{k}]")
        fail(name, x, f"[4,3,{k}]", groups=2)
        fail(name, x, w, "[5]")
        fail(name, x, w, "[6,1]")
        fail(name, x, w, "[]")
        small = ",".join(["2"] * n)
        fail(name, f"[1,3,{small}]", w)
        fail(name, f"[1,3,{small}]", w, dilation=3)
        fail(name, f"[3,{small}]", w)
        fail(name, f"[1,3,{small}]", w, padding="valid")
        zero = ",".join(["0"] * n)
        fail(name, f"[1,3,{zero}]", w, padding=2)
        fail(name, f"[1,3,{zero}]", w)
        fail(name, x, w, "float64 [6]")
        fail(name, x, f"float64 [6,3,{k}]")
        fail(name, x, f"int64 [6,3,{k}]")
        fail(name, "int64 " + x, w)
        fail(name, "int64 " + x, w, "[6]")
        fail(name, "int32 " + x, f"int64 [6,3,{k}]")
        fail(name, "float64 " + x, w, "[6]")
        fail(name, "bfloat16 " + x, w)
        fail(name, "bool " + x, f"bool [6,3,{k}]")
        name, w = f"conv_transpose{n}d", f"[3,6,{k}]"
        fail(name, x, f"[4,6,{k}]")
        fail(name, x, w, "[5]")
        fail(name, x, w, groups=2)
        fail(name, x, w, groups=0)
        fail(name, x, w, stride=0)
        fail(name, x, w, padding=-1)
        fail(name, x, w, dilation=0)
        fail(name, x, w, output_padding=-1)
        fail(name, x, w, output_padding=1)
        fail(name, x, w, output_padding=2, stride=2)
        fail(name, x, w, output_padding=[1] * (n + 1))
        fail(name, x, w, stride=[1] * (n + 1))
        fail(name, "float64 " + f"[1,3,{','.join(['1'] * n)}]", "float64 " + w, padding=2)
        fail(name, x, w, padding="same")
        fail(name, x, f"float64 [3,6,{k}]")
        fail(name, "int32 " + x, f"int32 [3,6,{k}]")


def pools():
    x = {1: "[1,3,8]", 2: "[1,3,8,8]", 3: "[1,3,4,8,8]"}
    for n in (1, 2, 3):
        for kind in ("max", "avg"):
            name = f"{kind}_pool{n}d"
            fail(name, x[n], kernel_size=[2] * (n + 1))
            fail(name, x[n], kernel_size=[])
            fail(name, x[n], kernel_size=2, stride=[2] * (n + 1))
            fail(name, x[n], kernel_size=2, padding=[1] * (n + 1))
            fail(name, x[n], kernel_size=3, padding=2)
            fail(name, x[n], kernel_size=4, padding=3)
            fail(name, x[n], kernel_size=2, padding=-1)
            fail(name, x[n], kernel_size=2, stride=0)
            fail(name, x[n], kernel_size=0, stride=1)
            fail(name, x[n], kernel_size=0)
            fail(name, x[n], kernel_size=9)
            fail(name, "[8]", kernel_size=2)
            fail(name, "[1,1,1,8,8,8]", kernel_size=2)
            fail(name, "bool " + x[n], kernel_size=2)
        fail(f"max_pool{n}d", x[n], kernel_size=2, dilation=0)
        fail(f"max_pool{n}d", x[n], kernel_size=2, dilation=-1)
        fail(f"max_pool{n}d", x[n], kernel_size=2, dilation=[1] * (n + 1))
        fail(f"max_pool{n}d", x[n], kernel_size=4, dilation=3)
        zero = x[n].replace("8", "0")
        fail(f"max_pool{n}d", zero, kernel_size=2)
        fail(f"max_pool{n}d", x[n].replace("3", "0"), kernel_size=2)
        fail(f"avg_pool{n}d", zero, kernel_size=2)
        if n > 1:
            fail(f"avg_pool{n}d", x[n], kernel_size=2, divisor_override=0)
        for kind in ("avg", "max"):
            name = f"adaptive_{kind}_pool{n}d"
            fail(name, x[n], output_size=[2] * (n + 1))
            fail(name, x[n], output_size=-1)
            fail(name, "[8]", output_size=2)
            fail(name, "[1,1,1,8,8,8]", output_size=2)
            fail(name, zero, output_size=2)
            fail(name, "int64 " + x[n], output_size=2)
    fail("max_pool2d", "[4,4]", kernel_size=2)
    fail("max_pool2d", "[1,0,4,4]", kernel_size=2)
    fail("avg_pool3d", "[1,2,2,2]", kernel_size=3)


def pads():
    fail("pad", "[1,4]", pad=[1])
    fail("pad", "[1,4]", pad=[1, 1, 1])
    fail("pad", "[4]", pad=[1, 1, 1, 1])
    fail("pad", "[4]", pad=[-3, -3])
    fail("pad", "[2,4]", pad=[0, -5])
    fail("pad", "[1,1,4]", pad=[4, 0], mode="reflect")
    fail("pad", "[1,1,4]", pad=[0, 5], mode="reflect")
    fail("pad", "[1,1,4,4]", pad=[4, 0, 0, 0], mode="reflect")
    fail("pad", "[1,1,4,4]", pad=[0, 0, 0, 4], mode="reflect")
    fail("pad", "[1,1,4,4,4]", pad=[0, 0, 0, 0, 0, 4], mode="reflect")
    fail("pad", "[1,1,4]", pad=[5, 0], mode="circular")
    fail("pad", "[1,1,4,4]", pad=[0, 0, 5, 0], mode="circular")
    for mode in ("reflect", "replicate", "circular"):
        fail("pad", "[4]", pad=[1, 1], mode=mode)
        fail("pad", "[1,1,1,1,4,4]", pad=[1, 1], mode=mode)
        fail("pad", "[2,4]", pad=[1, 1, 1, 1], mode=mode)
        fail("pad", "[1,1,4]", pad=[1, 1], mode=mode, value=1.0)
        fail("pad", "[1,1,4]", pad=[1, 1, 1, 1, 1, 1], mode=mode)
        fail("pad", "[1,1,4]", pad=[-3, -3], mode=mode)
        fail("pad", "[1,1,0]", pad=[1, 1], mode=mode)
    fail("pad", "[1,1,4]", pad=[1, 1], mode="foo")
    fail("pad", "[1,1,4]", pad=[1], mode="reflect")


def layers():
    for n in (1, 2, 3):
        for name in (f"Conv{n}d", f"ConvTranspose{n}d"):
            layer(name, 4, 4, 3, groups=0)
            layer(name, 4, 4, 3, groups=-1)
            layer(name, 3, 4, 3, groups=2)
            layer(name, 4, 3, 3, groups=2)
            layer(name, 4, 4, 3, padding_mode="foo", flavour="PYTHONHASHSEED")
            layer(name, 4, 4, [3] * (n + 1), input=f"[1,4,{','.join(['8'] * n)}]")
            layer(name, 4, 4, 3, input=f"[1,3,{','.join(['8'] * n)}]")
            layer(name, 4, 4, 3, input="[8]")
            layer(name, 4, 4, 3, input=f"float64 [1,4,{','.join(['8'] * n)}]")
            layer(name, 4, 4, 3, input=f"int64 [1,4,{','.join(['8'] * n)}]")
        layer(f"Conv{n}d", 4, 4, 3, padding="foo", flavour="PYTHONHASHSEED")
        layer(f"Conv{n}d", 4, 4, 3, padding="same", stride=2)
        layer(f"Conv{n}d", 4, 4, 9, padding=4, padding_mode="reflect", input=f"[1,4,{','.join(['4'] * n)}]")
        layer(f"ConvTranspose{n}d", 4, 4, 3, padding_mode="reflect")
        x = f"[1,4,{','.join(['8'] * n)}]"
        layer(f"ConvTranspose{n}d", 4, 4, 3, input=x, output_size=[11] * n)
        layer(f"ConvTranspose{n}d", 4, 4, 3, stride=2, input=x, output_size=[19] * n)
        layer(f"ConvTranspose{n}d", 4, 4, 3, stride=2, input=x, output_size=[16] * n)
        layer(f"ConvTranspose{n}d", 4, 4, 3, stride=2, input=x, output_size=[18] * (n + 1))


if __name__ == "__main__":
    for part in (convolutions, pools, pads, layers):
        part()
    OUT.write()
