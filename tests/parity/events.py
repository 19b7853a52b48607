"""Reads with the tensorboard package what parity_events wrote, and what PyTorch's SummaryWriter writes of the same, and
compares every value.

usage: events.py FOLDER PARITY_EVENTS"""
import glob
import io
import os
import subprocess
import sys

import numpy
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch.utils.tensorboard import SummaryWriter

FOLDER, PROGRAM = sys.argv[1:]
OURS, THEIRS = os.path.join(FOLDER, "events"), os.path.join(FOLDER, "theirs")
checks = 0


def check(what, condition):
    global checks
    checks += 1
    if not condition:
        sys.exit(f"differs: {what}")


# ---- PyTorch's ----------------------------------------------------------------------------------------------------

def add_scalars(w):
    for i in range(100):
        w.add_scalar("loss", 1 / (i + 1), i, 1e9 + i)
    for i, value in enumerate((float("nan"), float("inf"), -float("inf"), -0.0, 1e-45, 3.5e38, -7.25)):
        w.add_scalar("odd/values", value, 10 * i, 2e9 + 0.125)
    for i in range(3):
        w.add_scalars("losses", {"train": 1 / (i + 2), "valid": i}, 7 + i, 5 + i)


def add_texts(w):
    w.add_text("notes", "**bold** caf\u00e9", 3, 1)
    w.add_text("notes", "", 4, 2)
    w.add_text("table", "| a | b |\n|---|---|\n| 1 | 2 |", 0, 3)


def add_histograms(w):
    torch.manual_seed(1)
    w.add_histogram("values", torch.rand(1000) - 0.5, 5, walltime=1)
    w.add_histogram("values", torch.rand(7, 11) * 1e6, 6, walltime=2)
    w.add_histogram("whole", torch.arange(50) - 20, 1, walltime=3)
    w.add_histogram("wide", torch.rand(300, dtype=torch.float64) - 0.25, 2, walltime=4)
    w.add_histogram("one", torch.zeros(4), 3, walltime=5)


def grid(pictures, nrow, padding=2):
    """torchvision.utils.make_grid."""
    n, c, h, w = pictures.shape
    rows = -(-n // nrow)
    made = torch.zeros(c, rows * (h + padding) + padding, nrow * (w + padding) + padding)
    for i, picture in enumerate(pictures):
        y, x = (i // nrow) * (h + padding) + padding, (i % nrow) * (w + padding) + padding
        made[:, y:y + h, x:x + w] = picture
    return made


def add_pictures(w):
    torch.manual_seed(2)
    w.add_image("picture", torch.rand(3, 6, 5) * 1.5 - 0.25, 1, 1)
    w.add_image("bytes", torch.arange(72, dtype=torch.uint8).reshape(4, 6, 3), 2, 2, "HWC")
    w.add_image("grey", torch.rand(4, 5), 3, 3, "HW")
    w.add_image("clear", torch.rand(4, 3, 7), 4, 4)
    w.add_images("pictures", torch.rand(9, 1, 4, 5), 5, 5)
    w.add_images("colours", torch.rand(10, 4, 6, 3), 6, 6, "NHWC")
    w.add_image("grid", grid(torch.rand(7, 3, 4, 5), 3), 7, 7)


# ---- comparing ----------------------------------------------------------------------------------------------------

def read(folder):
    found = EventAccumulator(folder, {"scalars": 0, "images": 0, "histograms": 0, "tensors": 0})
    found.Reload()
    return found


def pixels(encoded):
    picture = Image.open(io.BytesIO(encoded))
    return picture.size, numpy.asarray(picture.convert("RGBA")).tobytes()


def scalar(event):
    return numpy.float64(event.value).tobytes()


def picture(event):
    return event.width, event.height, pixels(event.encoded_image_string)


def text(event):
    proto = event.tensor_proto
    return proto.dtype, [d.size for d in proto.tensor_shape.dim], list(proto.string_val)


def histogram(event):
    value = event.histogram_value
    return value.min, value.max, value.num, list(value.bucket_limit), list(value.bucket)


def sums(event):
    return numpy.array((event.histogram_value.sum, event.histogram_value.sum_squares))


def same(ours, theirs):
    """Every kind, tag, step, time and value. The sums of histograms are added in another order."""
    kinds = (("scalars", "Scalars", scalar), ("images", "Images", picture), ("histograms", "Histograms", histogram),
             ("tensors", "Tensors", text))
    for kind, method, value in kinds:
        check(f"tags of {kind}", ours.Tags()[kind] == theirs.Tags()[kind])
        for tag in ours.Tags()[kind]:
            found, expected = getattr(ours, method)(tag), getattr(theirs, method)(tag)
            check(f"number of {tag}", len(found) == len(expected) > 0)
            for a, b in zip(found, expected):
                check(f"{tag} at step {b.step}", (a.step, a.wall_time, value(a)) == (b.step, b.wall_time, value(b)))
                if kind == "histograms":
                    check(f"sums of {tag}", numpy.allclose(sums(a), sums(b), rtol=1e-12, atol=1e-10))
    check("metadata of texts", [ours.SummaryMetadata(tag) for tag in ours.Tags()["tensors"]] ==
          [theirs.SummaryMetadata(tag) for tag in theirs.Tags()["tensors"]])


def graph(found):
    nodes = {node.name: node for node in found.Graph().node}
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Sequential(torch.nn.ReLU()))
    modules = {"/".join(["Sequential"] + [part for part in name.split(".") if part]): m
               for name, m in net.named_modules()}
    before = {"Sequential/1": ["Sequential/0"], "Sequential/2": ["Sequential/1"]}
    check("nodes", list(nodes) == list(modules))
    for name, m in modules.items():
        check(f"kind of {name}", nodes[name].op == type(m).__name__)
        check(f"edges of {name}", list(nodes[name].input) == before.get(name, []))
        check(f"parameters of {name}", nodes[name].attr["parameters"].i ==
              sum(p.numel() for p in m.parameters(recurse=False)))
        words = b"" if list(m.children()) else repr(m).encode()
        check(f"text of {name}", nodes[name].attr["module"].s == words)


with SummaryWriter(THEIRS) as writer:
    for ADD in (add_scalars, add_texts, add_histograms, add_pictures):
        ADD(writer)
subprocess.run([PROGRAM, OURS], check=True)
same(read(OURS), read(THEIRS))
for NAME in ("losses_train", "losses_valid"):
    same(read(os.path.join(OURS, NAME)), read(os.path.join(THEIRS, NAME)))
graph(read(OURS))
check("one file", len(glob.glob(os.path.join(OURS, "events.out.tfevents.*"))) == 1)
print(f"same    events ({checks} checks)")
