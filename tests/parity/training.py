"""Records 100 steps in float32 of the networks of tests/golden/networks.py; parity_training does each of them from
PyTorch's parameters, buffers and states of the optimizer, with batches and dropout of its own from the same seed.

usage: training.py FOLDER PARITY_TRAINING [NETWORK...]"""
import json
import os
import subprocess
import sys

# normal_ follows PyTorch's AVX2 build, as Corrie's does where it is not told otherwise.
if os.environ.get("ATEN_CPU_CAPABILITY") != "avx2":
    os.environ["ATEN_CPU_CAPABILITY"] = "avx2"
    os.execv(sys.executable, [sys.executable] + sys.argv)

import torch  # noqa: E402
from torch.nn import functional  # noqa: E402
from torch.nn.functional import unfold  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
from networks import DIGITS, NETWORKS, Training  # noqa: E402

FOLDER, PROGRAM = sys.argv[1:3]
STEPS = 100
# The largest difference that is let pass of each; those of the batch and the generator are counts.
BOUNDS = {"loss": 1e-5, "gradients": 1e-4, "buffers": 1e-4, "parameters": 1e-6, "batch": 0, "generator": 0,
          "choices": 3e-5}
# Where a ReLU and a maximum choose by an activation: the module, its input or output, whether there is a ReLU, and the
# pooling's kernel, stride and padding. Activations nearer to another choice than NEAR, relative to the largest, are
# recorded, because rounding decides.
NEAR = 1e-5
HEAD = [("1", "in", True, None)]
POINTS = {
    "lenet": [("0.conv1", "out", True, (2, 2, 0)), ("0.conv2", "out", True, (2, 2, 0)), ("0.fc1", "out", True, None),
              ("0.fc2", "out", True, None)],
    "course": [(f"0.model.{i}", "in", False, (2, 2, 0)) for i in (1, 3, 5)],
    "resnet18": [("0.relu", "in", True, (3, 2, 1))] + [(f"0.layer{i}.{j}.relu", "in", True, None) for i in (1, 2, 3, 4)
                                                       for j in (0, 1)],
}


def save(tensors, path):
    """The safetensors format: the length of the header, the header, the elements in its order."""
    names = {torch.float32: "F32", torch.int64: "I64", torch.uint8: "U8"}
    header, at = {}, 0
    for key, value in tensors.items():
        header[key] = {"dtype": names[value.dtype], "shape": list(value.shape), "data_offsets": [at, at + value.nbytes]}
        at += value.nbytes
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for value in tensors.values():
            file.write(value.detach().contiguous().reshape(-1).view(torch.uint8).numpy().data)


def states(optimizer):
    return {f"adam.state.{i}.{key}": value.clone() for i, state in optimizer.state_dict()["state"].items()
            for key, value in state.items()}


def near_maximum(x, near, kernel, stride, padding):
    """Which elements of x are among several that may be the largest of their window."""
    n, c, h, w = x.shape
    places = torch.arange(1.0, h * w + 1).reshape(1, 1, h, w)
    windows, places = (unfold(functional.pad(t, [padding] * 4, value=outside), kernel, stride=stride)
                       for t, outside in ((x.reshape(n * c, 1, h, w), -float("inf")), (places, 0)))
    top = windows.amax(1, keepdim=True)
    among = top - windows < near
    among &= (among.sum(1, keepdim=True) > 1) & (places > 0)
    found = torch.zeros(n * c, h * w + 1, dtype=torch.bool)
    picture, place, window = among.nonzero(as_tuple=True)
    found[picture, places[0, place, window].long()] = True
    return found[:, 1:].reshape(x.shape)


def choices(x, relu, pool):
    """The places of the activations near another choice."""
    near = NEAR * x.abs().max().item()
    found = x.abs() < near if relu else torch.zeros_like(x, dtype=torch.bool)
    if pool is not None:
        found |= near_maximum(x, near, *pool) & (x > 0 if relu else True)
    return found.reshape(-1).nonzero().reshape(-1)


def watch(net, name, known):
    """Has the choices of every call written to `known`, which is cleared at each step."""
    for path, side, relu, pool in POINTS[name] + HEAD:
        def note(x, key=f"near.{path}.{side}", relu=relu, pool=pool):
            call = sum(1 for other in known if other.startswith(key) and other.endswith("value"))
            places = choices(x.detach(), relu, pool)
            known[f"{key}.{call}"], known[f"{key}.{call}.value"] = places, x.detach().reshape(-1)[places]
        module = net.get_submodule(path)
        if side == "in":
            module.register_forward_pre_hook(lambda m, inputs, note=note: note(inputs[0]))
        else:
            module.register_forward_hook(lambda m, inputs, output, note=note: note(output))


def record(run, near, images, labels):
    """One step, and all that there is to know about it."""
    known = {f"net.{key}": value.clone() for key, value in run.net.state_dict().items()}
    known.update(states(run.optimizer))
    known.update({"batch.images": images, "batch.labels": labels, "batch.random": torch.get_rng_state()})
    near.clear()
    known["batch.loss"] = torch.tensor(run.loss(images, labels))
    known.update(near)
    known.update({f"grad.{key}": value.grad for key, value in run.net.named_parameters()})
    run.optimizer.step()
    known.update({f"after.{key}": value for key, value in run.net.state_dict().items()})
    return known


def compare(name):
    """The worst of all steps, by name."""
    run, path = Training(name, torch.float32), os.path.join(FOLDER, "step.safetensors")
    worst, near = dict.fromkeys(BOUNDS, 0.0), {}
    watch(run.net, name, near)
    with subprocess.Popen([PROGRAM, name, DIGITS, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as program:
        for step, (images, labels, _) in enumerate(run.batches(STEPS), 1):
            save(record(run, near, images, labels), path)
            program.stdin.write(f"{step}\n")
            program.stdin.flush()
            answer = program.stdout.readline().split()
            if len(answer) != len(BOUNDS):
                sys.exit(f"{name}: no answer to step {step}")
            for key, value in zip(BOUNDS, map(float, answer)):
                worst[key] = value if not value <= worst[key] else worst[key]
                if not value <= BOUNDS[key]:
                    sys.exit(f"differs: {name}, step {step}: {key} by {value:.2e}")
    return worst


torch.set_num_threads(1)
for NAME in sys.argv[3:] or NETWORKS:
    found = ", ".join(f"{key} {value:.1e}" for key, value in compare(NAME).items() if value > 0)
    print(f"same    {NAME}, {STEPS} steps, off by at most: {found}", flush=True)
