"""PyTorch's side: a JSON object a line on the standard input, an answer a line.

usage: peer.py THREADS     {"model", "batch", "side", "infer", "seconds", "memory"}
"""
import itertools
import json
import resource
import statistics
import sys
import time

import torch
from networks import make
from torch.nn import functional

LAYOUTS = {"contiguous": torch.contiguous_format, "channels last": torch.channels_last}
OPTIMIZERS = {"": {}, ", foreach": {"foreach": True}, ", fused": {"fused": True}}
LEAST_STEPS, WARMING_STEPS = 5, 3


def resident():
    """KiB of memory that the process has now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 1024


def training(request, layout, optimizer):
    """One step as a function."""
    net, x, target = make(request["model"], request["batch"], request["side"])
    if x.dim() == 4:
        net, x = net.to(memory_format=layout), x.to(memory_format=layout)
    loss_of = functional.mse_loss if target.is_floating_point() else functional.cross_entropy
    sgd = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, **optimizer)

    def step():
        sgd.zero_grad(set_to_none=True)
        loss_of(net(x), target).backward()
        sgd.step()
    return step


def inference(request, layout, _):
    net, x, _ = make(request["model"], request["batch"], request["side"])
    net, x = net.eval().to(memory_format=layout), x.to(memory_format=layout)

    def step():
        with torch.inference_mode():
            net(x)
    return step


def variants(request):
    layouts = LAYOUTS if request["model"] != "mlp" else {"contiguous": torch.contiguous_format}
    optimizers = {"": {}} if request["infer"] else OPTIMIZERS
    for layout, optimizer in itertools.product(layouts, optimizers):
        make_step = inference if request["infer"] else training
        yield layout + optimizer, lambda: make_step(request, layouts[layout], optimizers[optimizer])


def measure(step, budget):
    """Median and least microseconds of a step."""
    for _ in range(WARMING_STEPS):
        step()
    times, start = [], time.perf_counter()
    while len(times) < LEAST_STEPS or time.perf_counter() - start < budget:
        before = time.perf_counter()
        step()
        times.append(time.perf_counter() - before)
    return [1e6 * statistics.median(times), 1e6 * min(times)]


def memory(request):
    """KiB that the process took at most since PyTorch was imported, in the first layout and optimizer."""
    before = resident()
    _, make_step = next(variants(request))
    step = make_step()
    for _ in range(LEAST_STEPS):
        step()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


class Server:
    """Keeps the steps that were prepared, since rounds ask for the same ones again."""

    def __init__(self):
        self.request, self.steps = None, {}

    def answer(self, request):
        if not request:
            return {"version": torch.__version__, "capability": torch.backends.cpu.get_cpu_capability()}
        if request.get("memory"):
            return {"peak_kib": memory(request)}
        if request != self.request:
            self.request, self.steps = request, {}
            self.steps = {name: make_step() for name, make_step in variants(request)}
        budget = request["seconds"] / len(self.steps)
        return {"variants": {name: measure(step, budget) for name, step in self.steps.items()}}


def main():
    torch.set_num_threads(int(sys.argv[1]))
    server = Server()
    for line in sys.stdin:
        print(json.dumps(server.answer(json.loads(line))), flush=True)


main()
