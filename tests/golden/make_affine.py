"""affine.txt: torchvision's affine and RandomAffine by their definitions, sampled by PyTorch's grid_sample."""
import math

import torch
import torch.nn.functional as F

from golden import File, build, hex_spec, options_text

OUT = File("affine.txt", """
affine: functional.affine of `input` with fill None. random_affine: RandomAffine with the same draws from the default
generator, whose `seed` is given; `after` is what an int64 random_() draws next. Places that lie nearly half way between
two pixels are left out, so that out0 of the nearest pixels is exact; bilinear floats are near it.
""")


def matrix(angle, translate, scale, shear):
    turn, sx, sy = math.radians(angle), math.radians(shear[0]), math.radians(shear[1])
    a = math.cos(turn - sy) / math.cos(sy)
    b = -math.cos(turn - sy) * math.tan(sx) / math.cos(sy) - math.sin(turn)
    c = math.sin(turn - sy) / math.cos(sy)
    d = -math.sin(turn - sy) * math.tan(sx) / math.cos(sy) + math.cos(turn)
    m = [x / scale for x in (d, -b, 0.0, -c, a, 0.0)]
    m[2] += m[0] * -translate[0] + m[1] * -translate[1]
    m[5] += m[3] * -translate[0] + m[4] * -translate[1]
    return m


def affine(t, angle=0.0, translate=(0.0, 0.0), scale=1.0, shear=(0.0, 0.0), bilinear=False):
    """The picture, and how near its places come to what rounding would decide."""
    h, w = t.shape[-2:]
    x = t if t.is_floating_point() else t.to(torch.float32)
    theta = torch.tensor(matrix(angle, translate, scale, shear), dtype=torch.float64).reshape(1, 2, 3)
    theta[:, 0] /= torch.tensor([w, w, 0.5 * w]) / torch.tensor([w, h, 1.0]).to(torch.float64)
    theta[:, 1] /= torch.tensor([h, h, 0.5 * h]) / torch.tensor([w, h, 1.0]).to(torch.float64)
    grid = F.affine_grid(theta, (1, t.shape[0], h, w), align_corners=False)
    places = ((grid + 1) * torch.tensor([w, h]) - 1) / 2
    margin = (places - places.floor() - 0.5).abs().min().item() if not bilinear else 1.0
    out = F.grid_sample(x[None], grid.to(x.dtype), mode="bilinear" if bilinear else "nearest", padding_mode="zeros",
                        align_corners=False)[0]
    if not t.is_floating_point():
        if bilinear:
            margin = min(margin, (out - out.floor() - 0.5).abs().min().item() / 10)
        out = out.round().to(t.dtype)
    return out, margin


def record(name, text, out, options, *fields):
    OUT.record(name, ("input", text), ("options", options_text(options)), ("out0", hex_spec(out)), *fields)


INPUTS = ("float32 [1,8,8] formula:37,0,251,0,250", "uint8 [3,6,9] formula:101,7,256,0", "float64 [2,1,5] formula:7,0,97,0,96",
          "float32 [1,10,13] formula:8191,5,257,0,256")
CASES = (dict(angle=30.0), dict(angle=-7.5, scale=1.1), dict(translate=(1.0, -2.0)), dict(scale=0.7),
         dict(shear=(10.0, 0.0)), dict(shear=(0.0, -20.0)),
         dict(angle=170.0, translate=(0.5, 0.25), scale=1.3, shear=(5.0, 12.0)))
for text in INPUTS:
    for options in CASES:
        for bilinear in (False, True):
            out, margin = affine(build(text), **options, bilinear=bilinear)
            if margin > 1e-4:
                record("affine", text, out, {**options, "bilinear": bilinear})


def drawn(low, high):
    return float(torch.empty(1).uniform_(low, high).item())


def random_affine(t, degrees, translate=None, scale=None, shear=None, bilinear=False):
    angle = drawn(-degrees, degrees)
    x = y = 0
    if translate is not None:
        most_x, most_y = translate[0] * t.shape[-1], translate[1] * t.shape[-2]
        x, y = int(round(drawn(-most_x, most_x))), int(round(drawn(-most_y, most_y)))
    factor = drawn(*scale) if scale is not None else 1.0
    slant = (drawn(-shear, shear) if shear is not None else 0.0, 0.0)
    return affine(t, angle, (x, y), factor, slant, bilinear)


SETTINGS = (dict(degrees=10.0), dict(degrees=10.0, translate=(0.125, 0.25), bilinear=True),
            dict(degrees=0.0, scale=(0.9, 1.1), bilinear=True), dict(degrees=180.0, shear=5.0),
            dict(degrees=10.0, translate=(0.125, 0.125), scale=(0.9, 1.1), shear=5.0, bilinear=True))
for text in INPUTS:
    for options in SETTINGS:
        for seed in range(3):
            torch.manual_seed(seed)
            out, margin = random_affine(build(text), **options)
            if margin > 1e-4:
                record("random_affine", text, out, options, ("seed", seed),
                       ("after", int(torch.empty((), dtype=torch.int64).random_())))
OUT.write()
