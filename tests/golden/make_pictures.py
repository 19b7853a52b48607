"""pictures.txt: Pillow's resizing and grey, and the transforms of torchvision by their definitions."""
import os
import random

import torch
import torch.nn.functional as F
from PIL import Image

from golden import File, build, options_text, result

OUT = File("pictures.txt", """
Records named resize and grayscale: what Pillow 12 makes of `input`, which is of (1, H, W) or (3, H, W): modes L and RGB. The
option `size` is an integer, the shorter side as torchvision computes the other, or height and width.
center_crop, random_crop, random_flip, to_tensor, image_to_float and normalize are torchvision's, written down here with
the same draws from the default generator, whose `seed` is given; `after` is what an int64 random_() draws next.
""")
RNG = random.Random(int(os.environ.get("CORRIE_TEST_SEED", 7)))
COUNT = int(os.environ.get("CORRIE_TEST_PICTURES", 220))


def to_pillow(t):
    if t.shape[0] == 1:
        return Image.frombytes("L", (t.shape[2], t.shape[1]), t[0].contiguous().numpy().tobytes())
    return Image.frombytes("RGB", (t.shape[2], t.shape[1]), t.permute(1, 2, 0).contiguous().numpy().tobytes())


def from_pillow(image):
    t = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
    return t.reshape(image.height, image.width, -1).permute(2, 0, 1).contiguous()


def spec(channels, height, width, dtype="uint8"):
    return f"{dtype} [{channels},{height},{width}] formula:{RNG.choice((7, 37, 101, 8191))},{RNG.randrange(256)},{RNG.choice((256, 251, 97))},0"


def wanted_size(t, size):
    if not isinstance(size, int):
        return size
    height, width = t.shape[1:]
    short, long = min(height, width), max(height, width)
    other = int(size * long / short)
    return (size, other) if height <= width else (other, size)


def resize(text, size):
    t = build(text)
    height, width = wanted_size(t, size)
    out = from_pillow(to_pillow(t).resize((width, height), Image.Resampling.BILINEAR))
    OUT.record("resize", ("input", text), ("options", options_text({"size": size})), ("out0", result(out)))


def some_side():
    return RNG.choice((1, 2, 3, 5, 8, RNG.randrange(1, 20), RNG.randrange(1, 90), RNG.randrange(1, 300)))


def center_crop(t, height, width):
    h, w = t.shape[-2:]
    beside, above = max(width - w, 0), max(height - h, 0)
    t = F.pad(t, (beside // 2, (beside + 1) // 2, above // 2, (above + 1) // 2))
    h, w = t.shape[-2:]
    top, left = int(round((h - height) / 2.0)), int(round((w - width) / 2.0))
    return t[..., top:top + height, left:left + width]


def random_crop(t, height, width, padding, pad_if_needed):
    t = F.pad(t, (padding,) * 4)
    h, w = t.shape[-2:]
    if pad_if_needed and w < width:
        t = F.pad(t, (width - w, width - w, 0, 0))
    if pad_if_needed and h < height:
        t = F.pad(t, (0, 0, height - h, height - h))
    h, w = t.shape[-2:]
    if (h, w) == (height, width):
        return t
    top = int(torch.randint(0, h - height + 1, size=(1,)))
    left = int(torch.randint(0, w - width + 1, size=(1,)))
    return t[..., top:top + height, left:left + width]


def random_flip(t, p):
    return t.flip(-1) if torch.rand(1) < p else t


def drawn(name, text, seed, function, **options):
    torch.manual_seed(seed)
    out = function(build(text), **options)
    OUT.record(name, ("input", text), ("seed", seed), ("options", options_text(options)), ("out0", result(out)),
               ("after", int(torch.empty((), dtype=torch.int64).random_())))


for _ in range(COUNT):
    channels = RNG.choice((1, 3))
    size = RNG.choice(((some_side(), some_side()), RNG.randrange(1, 120)))
    resize(spec(channels, some_side(), some_side()), size)
for text, size in (("uint8 [1,7,9] formula:0,255,256,0", (13, 5)), ("uint8 [3,9,1] formula:255,0,510,0", (1, 9)),
                   (spec(3, 427, 640), 224), (spec(3, 640, 427), 256), (spec(1, 2, 1000), (3, 7)),
                   (spec(1, 1000, 2), (7, 1)), (spec(3, 28, 28), (28, 40)), (spec(3, 28, 28), (40, 28))):
    resize(text, size)
def near_halves():
    """Colours whose grey is nearly half way between two values, so that it tells the last bit of each weight."""
    pixels = []
    while len(pixels) < 200:
        red, green, blue = (RNG.randrange(256) for _ in range(3))
        if (19595 * red + 38470 * green + 7471 * blue + 32768 + 100) % 65536 < 200:
            pixels.append((red, green, blue))
    return f"uint8 [3,10,20] hex:{b''.join(bytes(plane) for plane in zip(*pixels)).hex()}"


for text in (spec(3, 1, 1), spec(3, 4, 7), spec(3, 64, 64), near_halves()):
    OUT.record("grayscale", ("input", text), ("options", "num_output_channels=1"),
               ("out0", result(from_pillow(to_pillow(build(text)).convert("L")))))
for height, width in ((5, 5), (6, 3), (3, 6), (9, 4), (4, 9), (10, 11), (1, 1), (2, 2), (5, 7)):
    for text in (spec(3, 5, 7), spec(1, 6, 4, "float32")):
        drawn("center_crop", text, 0, center_crop, height=height, width=width)
for seed in range(12):
    drawn("random_crop", spec(3, 8, 9), seed, random_crop, height=8, width=9, padding=seed % 3, pad_if_needed=False)
    drawn("random_crop", spec(1, 8, 9, "float64"), seed, random_crop, height=3, width=5, padding=seed % 3,
          pad_if_needed=False)
    drawn("random_crop", spec(3, 4, 9), seed, random_crop, height=7, width=8, padding=0, pad_if_needed=True)
    drawn("random_flip", spec(3, 4, 5), seed, random_flip, p=0.5)
    drawn("random_flip", spec(1, 3, 2, "float32"), seed, random_flip, p=0.25)
drawn("random_flip", spec(3, 4, 5), 1, random_flip, p=1.0)
drawn("random_flip", spec(3, 4, 5), 1, random_flip, p=0.0)
drawn("image_to_float", "uint8 [1,16,16] formula:1,0,256,0", 0, lambda t: t.to(torch.float32).div(255))
drawn("to_tensor", "uint8 [4,5,3] formula:37,0,256,0", 0, lambda t: t.permute(2, 0, 1).contiguous().to(torch.float32).div(255))
drawn("to_tensor", "uint8 [4,5] formula:37,0,256,0", 0, lambda t: t[None].to(torch.float32).div(255))
drawn("to_tensor", "float32 [4,5,2] formula:37,0,256,0", 0, lambda t: t.permute(2, 0, 1).contiguous())
for dtype in ("float32", "float64"):
    drawn("normalize", f"{dtype} [3,4,5] formula:37,0,256,0,255", 0,
          lambda t, **o: t.clone().sub_(torch.as_tensor((0.485, 0.456, 0.406), dtype=t.dtype).view(-1, 1, 1)).div_(
              torch.as_tensor((0.229, 0.224, 0.225), dtype=t.dtype).view(-1, 1, 1)))
OUT.write()
