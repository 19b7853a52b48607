#!/usr/bin/env python3
"""Times operations that memory bounds in Corrie and in PyTorch, interleaved, beside a copy of the first operand.

usage: build/venv/bin/python bench/ops_against_pytorch.py [--threads N] [--dtype float32] [--rounds 3]
                                                          [--sizes 1000,100000,10000000] [--slower] [NAME...]
(make parity makes build/venv). The operations are those of `corrie bench ops`, all of them without names. --slower
prints only rows whose least time is above PyTorch's.
"""
import argparse
import json
import os
import statistics
import subprocess
import time

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--dtype", default="float32")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--sizes", default="1000,100000,10000000")
parser.add_argument("--slower", action="store_true")
parser.add_argument("names", nargs="*")
options = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = str(options.threads)
import torch  # noqa: E402  (after the number of threads is set)
from torch.nn import functional as F  # noqa: E402

torch.set_num_threads(options.threads)
CORRIE = os.environ.get("CORRIE", "build/release/bin/corrie")
DTYPE = getattr(torch, options.dtype)


class Operands:
    """The operands of src/cli/bench_ops.c."""

    def __init__(self, elements):
        columns = 1000 if elements >= 100000 else 100
        rows = elements // columns
        channels, side = 100 if elements >= 10000000 else 10, 100 if elements >= 100000 else 10

        def numbers(*sizes):
            return (torch.randn(sizes) * 2).to(DTYPE)

        self.x, self.y, self.row, self.column = (numbers(rows, columns), numbers(rows, columns), numbers(columns),
                                                 numbers(rows, 1))
        self.changing = self.x.clone()
        self.mask = self.x > self.y
        self.cube, self.images = self.x.reshape(-1, 100, columns // 10), self.x.reshape(-1, channels, side, side)
        self.mean, self.var = numbers(channels), torch.rand(channels).to(DTYPE)
        self.bfloat16, self.float16 = self.x.to(torch.bfloat16), self.x.to(torch.float16)
        self.int64 = self.x.to(torch.int64)


CALLS = {
    "add": lambda o: o.x + o.y,
    "add_": lambda o: o.changing.add_(o.row),
    "add_row": lambda o: o.x + o.row,
    "add_column": lambda o: o.x + o.column,
    "mul_number": lambda o: o.x * 3,
    "less": lambda o: o.x < o.y,
    "where": lambda o: torch.where(o.mask, o.x, o.y),
    "clamp": lambda o: torch.clamp(o.x, -1, 1),
    "relu": lambda o: torch.relu(o.x),
    "gelu": lambda o: F.gelu(o.x),
    "exp": lambda o: torch.exp(o.x),
    "tanh": lambda o: torch.tanh(o.x),
    "sigmoid": lambda o: torch.sigmoid(o.x),
    "silu": lambda o: F.silu(o.x),
    "to_bfloat16": lambda o: o.x.to(torch.bfloat16),
    "to_float16": lambda o: o.x.to(torch.float16),
    "to_int64": lambda o: o.x.to(torch.int64),
    "from_bfloat16": lambda o: o.bfloat16.to(DTYPE),
    "from_float16": lambda o: o.float16.to(DTYPE),
    "from_int64": lambda o: o.int64.to(DTYPE),
    "sum_all": lambda o: o.x.sum(),
    "sum_last": lambda o: o.x.sum(-1),
    "sum_first": lambda o: o.x.sum(0),
    "sum_channels": lambda o: o.images.sum((0, 2, 3)),
    "mean_all": lambda o: o.x.mean(),
    "mean_last": lambda o: o.x.mean(-1),
    "mean_first": lambda o: o.x.mean(0),
    "mean_channels": lambda o: o.images.mean((0, 2, 3)),
    "var_all": lambda o: o.x.var(),
    "var_last": lambda o: o.x.var(-1),
    "var_first": lambda o: o.x.var(0),
    "var_channels": lambda o: o.images.var((0, 2, 3)),
    "max_all": lambda o: o.x.max(),
    "amax_last": lambda o: o.x.amax(-1),
    "amax_first": lambda o: o.x.amax(0),
    "amax_channels": lambda o: o.images.amax((0, 2, 3)),
    "argmax_all": lambda o: o.x.argmax(),
    "argmax_last": lambda o: o.x.argmax(-1),
    "argmax_first": lambda o: o.x.argmax(0),
    "softmax_last": lambda o: torch.softmax(o.x, -1),
    "softmax_middle": lambda o: torch.softmax(o.cube, 1),
    "softmax_first": lambda o: torch.softmax(o.x, 0),
    "log_softmax_last": lambda o: torch.log_softmax(o.x, -1),
    "log_softmax_middle": lambda o: torch.log_softmax(o.cube, 1),
    "log_softmax_first": lambda o: torch.log_softmax(o.x, 0),
    "batch_norm": lambda o: F.batch_norm(o.images, o.mean, o.var),
    "batch_norm_training": lambda o: F.batch_norm(o.images, None, None, training=True),
    "max_pool_2": lambda o: F.max_pool2d(o.images, 2),
    "max_pool_3_2_1": lambda o: F.max_pool2d(o.images, 3, 2, 1),
    "avg_pool_2": lambda o: F.avg_pool2d(o.images, 2),
    "adaptive_avg_pool_1": lambda o: F.adaptive_avg_pool2d(o.images, 1),
    "cat_first": lambda o: torch.cat((o.x, o.y)),
    "cat_last": lambda o: torch.cat((o.x, o.y), 1),
    "transpose": lambda o: o.x.transpose(0, 1).contiguous(),
    "to_nhwc": lambda o: o.images.permute(0, 2, 3, 1).contiguous(),
    "pad": lambda o: F.pad(o.images, (1, 1, 1, 1)),
}


def time_torch(call, operands):
    """The median and the least of a few batches in microseconds; None where PyTorch has no such kernel."""
    try:
        call(operands)
    except (NotImplementedError, RuntimeError):
        return None
    start = time.perf_counter()
    call(operands)
    once = time.perf_counter() - start
    n, batches = max(1, int(0.002 / once)), []
    for _ in range(max(5, min(41, int(0.2 / max(once, 0.002))))):
        start = time.perf_counter()
        for _ in range(n):
            call(operands)
        batches.append((time.perf_counter() - start) / n)
    return 1e6 * statistics.median(batches), 1e6 * min(batches)


def time_corrie(name, elements):
    command = [CORRIE, "bench", "ops", f"{name},{elements}", "--threads", str(options.threads), "--dtype",
               options.dtype, "--json"]
    done = subprocess.run(command, check=False, capture_output=True)
    return json.loads(done.stdout)[0] if done.returncode == 0 else None


def compare(name, elements, operands):
    ours, theirs = [], []
    for _ in range(options.rounds):
        ours.append(time_corrie(name, elements))
        theirs.append(time_torch(CALLS[name], operands))
        if ours[-1] is None or theirs[-1] is None:
            return
    medians = statistics.median(x["median_us"] for x in ours), statistics.median(x[0] for x in theirs)
    least, other = min(x["min_us"] for x in ours), min(x[1] for x in theirs)
    copy = min(x["copy_min_us"] for x in ours)
    if options.slower and least <= other:
        return
    print(f"{name:>20} {elements:>9} {least:10.2f} us {other:10.2f} us  {medians[1] / medians[0]:6.2f} "
          f"{other / least:6.2f} {copy:12.2f} us {least / copy:7.2f}", flush=True)


print(f"{'operation':>20} {'elements':>9} {'Corrie':>13} {'PyTorch':>13}  PyTorch / Corrie {'copy of x':>12}    / copy")
with torch.inference_mode():
    for elements in (int(size) for size in options.sizes.split(",")):
        operands = Operands(elements)
        for name in options.names or CALLS:
            compare(name, elements, operands)
