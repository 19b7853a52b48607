#!/usr/bin/env python3
"""Times problems in Corrie and in PyTorch, interleaved, one thread each, and prints the ratio of the medians.

usage: build/venv/bin/python bench/against_pytorch.py [PROBLEM...]     (make parity makes build/venv)
"""
import json
import os
import re
import statistics
import subprocess
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"
import torch  # noqa: E402  (after the number of threads is set)

torch.set_num_threads(1)
ROUNDS = 9


def fields(problem):
    found = {key: int(value) for key, value in re.findall(r"([a-z]+)(\d+)", problem)}
    for one, other in (("ih", "iw"), ("kh", "kw"), ("sh", "sw"), ("ph", "pw"), ("dh", "dw")):
        if one in found:
            found.setdefault(other, found[one])
    return found


def torch_call(problem):
    f = fields(problem)
    groups = f.get("g", 1)
    x = torch.randint(0, 5, (f.get("mb", 2), f["ic"], f["ih"], f["iw"])).float()
    w = torch.randint(0, 5, (f["oc"], f["ic"] // groups, f["kh"], f["kw"])).float()
    options = {
        "stride": (f.get("sh", 1), f.get("sw", 1)),
        "padding": (f.get("ph", 0), f.get("pw", 0)),
        "dilation": (f.get("dh", 0) + 1, f.get("dw", 0) + 1),
        "groups": groups,
    }
    return lambda: torch.nn.functional.conv2d(x, w, **options)


def time_torch(call):
    call()
    start = time.perf_counter()
    call()
    n = max(1, int(0.02 / (time.perf_counter() - start)))
    batches = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(n):
            call()
        batches.append((time.perf_counter() - start) / n)
    return 1e6 * statistics.median(batches)


def time_corrie(problem):
    command = ["build/release/bin/corrie", "bench", "conv", problem, "--threads", "1", "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)[0]["median_us"]


problems = sys.argv[1:] or ["mb1ic64ih56oc64oh56kh3ph1"]
print(f"{'problem':40} {'Corrie':>12} {'PyTorch':>12}  PyTorch / Corrie (least to most)")
with torch.inference_mode():
    for problem in problems:
        call, ours, theirs = torch_call(problem), [], []
        for _ in range(ROUNDS):
            ours.append(time_corrie(problem))
            theirs.append(time_torch(call))
        ratios = [b / a for a, b in zip(ours, theirs)]
        median = statistics.median(theirs) / statistics.median(ours)
        print(f"{problem:40} {statistics.median(ours):9.2f} us {statistics.median(theirs):9.2f} us  "
              f"{median:.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
