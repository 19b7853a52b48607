"""Reads with the safetensors package what parity_files wrote, and compares with what PyTorch says.

usage: files.py FOLDER PARITY_FILES"""
import os
import subprocess
import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

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


subprocess.run([PROGRAM, "write", FOLDER], check=True)
tensors()
checkpoint()
other_direction()
print(f"same    files ({checks} checks)")
