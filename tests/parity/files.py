"""Reads with the safetensors and tensorboard packages what parity_files wrote, and compares with what PyTorch says.

usage: files.py FOLDER PARITY_FILES"""
import glob
import os
import struct
import subprocess
import sys
import zlib

import numpy
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.graph_pb2 import GraphDef
from torch.utils.tensorboard._utils import make_grid
from torch.utils.tensorboard.summary import make_histogram
from torch.utils.tensorboard import SummaryWriter

FOLDER, PROGRAM = sys.argv[1:]
checks = 0


def check(what, condition):
    global checks
    checks += 1
    if not condition:
        sys.exit(f"differs: {what}")


def path(name):
    return os.path.join(FOLDER, name)


def a_net():
    torch.manual_seed(4)
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Sequential(torch.nn.ReLU()))


def tensors():
    loaded = load_file(path("tensors.safetensors"))
    for name in ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"):
        expected = torch.arange(6).reshape(2, 3).to(getattr(torch, name))
        check(name, loaded[name].dtype == expected.dtype and torch.equal(loaded[name], expected))
    check("turned", torch.equal(loaded["turned"], torch.arange(6).reshape(2, 3).T))
    check("scalar", loaded['scalar "quoted"'].shape == () and loaded['scalar "quoted"'] == 2.5)
    check("none", loaded["none"].shape == (0, 3) and len(loaded) == 13)
    net = a_net()
    missing, unexpected = net.load_state_dict(load_file(path("net.safetensors")))
    check("names of a module", not missing and not unexpected)
    for (name, one), (_, other) in zip(net.state_dict().items(), a_net().state_dict().items()):
        check(name, torch.equal(one, other))


def checkpoint():
    with safe_open(path("checkpoint.safetensors"), "pt") as file:
        check("metadata", file.metadata()["epoch"] == "12" and file.metadata()["sampler"] == '{"at": 5}\n\t\x01')
        check("weight", torch.equal(file.get_tensor("model.0.weight"), a_net()[0].weight))
        torch.manual_seed(6)
        torch.randn(3)
        expected = torch.randn(5)
        torch.set_rng_state(file.get_tensor("rng"))
        check("random numbers", torch.equal(torch.randn(5), expected))


def other_direction():
    saved = {"a": torch.randn(3, 4), "caf\u00e9": torch.ones(5, dtype=torch.bool), "h": torch.randn(7).bfloat16()}
    save_file(saved, path("package.safetensors"), metadata={"key": "value"})
    subprocess.run([PROGRAM, "read", FOLDER], check=True)
    with open(path("package.safetensors"), "rb") as one, open(path("again.safetensors"), "rb") as other:
        check("the package's bytes", one.read() == other.read())


def pixels(data):
    """The rows of an 8-bit RGB picture without interlacing (PNG's specification, sections 5 and 9)."""
    at, body = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        chunk = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", chunk[:10])
        body += chunk if kind == b"IDAT" else b""
        at += 12 + length
    check("8-bit RGB", depth == 8 and colour == 2)
    raw, rows, before = zlib.decompress(body), [], [0] * (3 * width)
    for y in range(height):
        kind, row = raw[y * (3 * width + 1)], list(raw[y * (3 * width + 1) + 1:(y + 1) * (3 * width + 1)])
        for i in range(3 * width):
            left, up, corner = row[i - 3] if i > 2 else 0, before[i], before[i - 3] if i > 2 else 0
            guess = left + up - corner
            paeth = min((left, up, corner), key=lambda v: abs(guess - v))
            row[i] = (row[i] + (0, left, up, (left + up) // 2, paeth)[kind]) % 256
        rows.append(row)
        before = row
    return numpy.array(rows, dtype=numpy.uint8).reshape(height, width, 3)


def events():
    found = EventAccumulator(path("events"), size_guidance={"scalars": 0, "images": 0, "histograms": 0, "tensors": 0})
    found.Reload()
    scalars = found.Scalars("loss")
    check("scalars", [(e.step, e.wall_time, e.value) for e in scalars] ==
          [(i, 1e9 + i, float(numpy.float32(1 / (i + 1)))) for i in range(100)])
    text = found.Tensors("notes/text_summary")[0]
    check("text", text.tensor_proto.string_val[0].decode() == "**bold** caf\u00e9" and text.step == 3)
    torch.manual_seed(1)
    values = (torch.rand(1000) - 0.5).numpy().astype(float)
    ours = found.Histograms("values")[0].histogram_value
    theirs = make_histogram(values, SummaryWriter(path("other")).default_bins)
    check("buckets", list(ours.bucket_limit) == list(theirs.bucket_limit) and list(ours.bucket) == list(theirs.bucket))
    check("extremes", (ours.min, ours.max, ours.num) == (theirs.min, theirs.max, theirs.num))
    check("sums", abs(ours.sum - theirs.sum) < 1e-10 and abs(ours.sum_squares - theirs.sum_squares) < 1e-9)
    picture = (torch.arange(60).reshape(3, 4, 5) / 59).numpy() * numpy.float32(255)
    check("picture", (pixels(found.Images("picture")[0].encoded_image_string) ==
                      picture.astype(numpy.uint8).transpose(1, 2, 0)).all())
    grid = make_grid((torch.arange(180).reshape(9, 1, 4, 5) / 179).numpy()) * numpy.float32(255)
    check("grid", (pixels(found.Images("pictures")[0].encoded_image_string) ==
                   grid.astype(numpy.uint8).transpose(1, 2, 0)).all())
    graph = found.Graph()
    check("graph", isinstance(graph, GraphDef) and {node.name: node.op for node in graph.node} == {
        "Sequential": "Sequential", "Sequential/0": "Conv2d", "Sequential/1": "BatchNorm2d",
        "Sequential/2": "Sequential", "Sequential/2/0": "ReLU"})
    check("edges", {node.name: list(node.input) for node in graph.node if node.input} ==
          {"Sequential/1": ["Sequential/0"], "Sequential/2": ["Sequential/1"]})
    check("parameters", {node.name: node.attr["parameters"].i for node in graph.node}["Sequential/0"] == 112)
    for name, value in (("train", 1), ("valid", 2)):
        folder = EventAccumulator(path(f"events/losses_{name}"))
        folder.Reload()
        check(name, [(e.step, e.value) for e in folder.Scalars("losses")] == [(7, value)])
    check("one file", len(glob.glob(path("events/events.out.tfevents.*"))) == 1)


subprocess.run([PROGRAM, "write", FOLDER], check=True)
tensors()
checkpoint()
other_direction()
events()
print(f"same    files ({checks} checks)")
