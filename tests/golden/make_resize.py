"""resize.txt: interpolation to a size and by a factor."""
import random
import warnings

import torch
import torch.nn.functional as F

from golden import File, build, call, options_text, result, sizes_text

warnings.filterwarnings("ignore")

OUT = File("resize.txt", """
Records are named interpolate; the operand is `input`. The data of linear modes is real. float32 records of linear
modes hold the bits that PyTorch computes by interpolating along the last dimension first, each time as
fma(a, weight_a, b * weight_b); the sizes keep out of reach of the other code paths it has for small images and for
three channels. float64 results are rounded in other places: they are of data and factors that are exact. bilinear
uint8 is computed in fixed point. Outputs of width 1 and more than four channels are left out: PyTorch returns the first
row everywhere.
""")
RNG = random.Random(23)
FACTORS = (0.3, 0.5, 0.7, 1.01, 1.3, 1.5, 1.7, 2.0, 2.01, 2.5, 3.0, 1 / 3)
LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


def record(spec, options):
    tensor = build(spec)
    value, error = call(lambda: F.interpolate(tensor, **options))
    fields = [("input", spec), ("options", options_text(options))]
    OUT.record("interpolate", *fields, *([("out0", result(value))] if error is None else []), error=error)


def nearest():
    for n in (1, 2, 3):
        for dtype in ("uint8", "float16", "bfloat16", "float32", "float64"):
            for mode in ("nearest", "nearest-exact"):
                for i in range(12):
                    spatial = [RNG.randint(1, 40 if n == 1 else 20 if n == 2 else 8) for _ in range(n)]
                    options = {"mode": mode}
                    if i % 2:
                        factor = RNG.choice(FACTORS)
                        spatial = [max(size, 4) for size in spatial]
                        options["scale_factor"] = factor if RNG.random() < 0.5 else [factor] + [1.5] * (n - 1)
                        if RNG.random() < 0.2:
                            options["recompute_scale_factor"] = True
                    else:
                        options["size"] = [RNG.randint(1, 60 if n == 1 else 30 if n == 2 else 10) for _ in range(n)]
                    batch = [RNG.choice((0, 1, 2)) if i > 8 else 1, RNG.choice((1, 2, 3, 5))]
                    record(f"{dtype} {sizes_text(batch + spatial)} formula:31,{i},251,0", options)


def linear():
    for n in (1, 2, 3):
        for i in range(60):
            dtype = "float32" if n < 3 else "float64"
            exact = dtype == "float64" or i % 6 == 0
            if i % 6 == 1 and n == 1:
                dtype = RNG.choice(("float16", "bfloat16"))
            options = {"mode": LINEAR[n]}
            high = 50 if n == 1 else 60 if n == 2 else 6
            spatial = [RNG.randint(2, high) for _ in range(n)]
            if exact:
                options["scale_factor"] = RNG.choice((2.0, 4.0, 0.5))
            else:
                options["align_corners"] = RNG.random() < 0.5
                options["size"] = [RNG.randint(70, 120) for _ in range(n)]
            spec = f"{dtype} {sizes_text([1, RNG.choice((1, 2, 5))] + spatial)} formula:31,{i},251,120"
            record(spec if exact else spec + ",7", options)


def images():
    for i in range(48):
        channels = RNG.choice((1, 2, 3, 4, 5))
        low = 2 if channels > 4 else 1
        options = {"mode": "bilinear", "align_corners": RNG.random() < 0.4}
        spatial = [RNG.randint(4, 20) for _ in range(2)] if i % 2 else [RNG.randint(low, 20) for _ in range(2)]
        if i % 2:
            options["scale_factor"] = [RNG.choice(FACTORS), RNG.choice(FACTORS[1:])]
        else:
            options["size"] = [RNG.randint(low, 30) for _ in range(2)]
        batch = [RNG.choice((1, 2)), channels]
        record(f"uint8 {sizes_text(batch + spatial)} formula:{RNG.choice((31, 77, 129))},{i},257,0", options)


def errors():
    plain = "formula:3,1,7,3"
    for sizes, options in (
            ("[4,4]", {"size": 2}), ("[4]", {"size": 2}), ("[1,1,1,4,4,4]", {"size": 2}),
            ("[4,4]", {"size": 2, "mode": "bilinear"}), ("[1,1,4]", {"size": 2, "mode": "bilinear"}),
            ("[1,1,4,4]", {"size": 2, "mode": "linear"}), ("[1,1,4,4]", {"size": 2, "mode": "trilinear"}),
            ("[1,1,4,4,4]", {"size": 2, "mode": "bilinear"}), ("[1,1,4,4]", {}),
            ("[1,1,4,4]", {"size": 2, "scale_factor": 2.0}), ("[1,1,4,4]", {"size": 2, "align_corners": True}),
            ("[1,1,4,4]", {"size": 2, "recompute_scale_factor": True}), ("[1,1,4,4]", {"size": 0}),
            ("[1,1,4]", {"size": 0}), ("[1,1,4,4,4]", {"size": 0}), ("[1,1,4,4]", {"size": -1}),
            ("[1,1,4,4]", {"scale_factor": 0.1}), ("[1,1,4,4]", {"scale_factor": -1.0}), ("[1,0,4,4]", {"size": 2}),
            ("[1,0,4]", {"size": 2}), ("[1,0,4,4,4]", {"size": 2}), ("[1,1,0,4]", {"size": 2})):
        record(f"float32 {sizes} {plain}", options)
    for dtype, sizes, mode in (("int64", "[1,1,4,4]", "bilinear"), ("uint8", "[1,1,4]", "linear"),
                               ("int64", "[1,1,4,4,4]", "trilinear")):
        record(f"{dtype} {sizes} {plain}", {"size": 2, "mode": mode})


if __name__ == "__main__":
    nearest()
    linear()
    errors()
    images()
    OUT.write()
