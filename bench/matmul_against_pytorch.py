#!/usr/bin/env python3
"""Times matrix products in Corrie and in PyTorch, interleaved, and prints the ratio of the medians.

usage: build/venv/bin/python bench/matmul_against_pytorch.py [--threads N] [--dtype float32] [--layout nn,nt,tn,tt,linear]
                                                             [--rounds 5] [[BATCH,]M,N,K...]
(make parity makes build/venv). Sizes are 64 to 2048 without problems. The peak is that of one core, from a loop of
independent multiply-adds, measured in every round.
"""
import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--dtype", default="float32")
parser.add_argument("--layout", default="nn,nt,tn,tt,linear")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("problems", nargs="*", default=[f"{n},{n},{n}" for n in (64, 128, 256, 512, 1024, 2048)])
options = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = str(options.threads)
import torch  # noqa: E402  (after the number of threads is set)

torch.set_num_threads(options.threads)
CORRIE = os.environ.get("CORRIE", "build/release/bin/corrie")
PEAK = r"""
#include <stdio.h>
#include <time.h>
typedef SCALAR vector __attribute__((vector_size(BYTES)));
static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}
int main(void) {
    vector x = {0}, y = {0}, a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x;
    double least = 1;
    for (int round = 0; round < 20; round++) {
        double start = seconds();
        for (int n = 0; n < 200000; n++) {
            __asm__ volatile("" : "+v"(a), "+v"(b), "+v"(c), "+v"(d), "+v"(e));
            __asm__ volatile("" : "+v"(f), "+v"(g), "+v"(h), "+v"(i), "+v"(j), "+v"(x), "+v"(y));
            a += x * y, b += x * y, c += x * y, d += x * y, e += x * y;
            f += x * y, g += x * y, h += x * y, i += x * y, j += x * y;
        }
        double time = seconds() - start;
        if (time < least) least = time;
    }
    vector sum = a + b + c + d + e + f + g + h + i + j;
    printf("%f %f\n", 2e-9 * 10 * 200000 * (BYTES / sizeof(SCALAR)) / least, (double)sum[0]);
}
"""


def build_peak(folder):
    with open("/proc/cpuinfo", encoding="ascii") as file:
        width = 64 if "avx512f" in file.read() else 32
    scalar = "double" if options.dtype == "float64" else "float"
    source, program = f"{folder}/peak.c", f"{folder}/peak"
    with open(source, "w", encoding="ascii") as file:
        file.write(PEAK)
    subprocess.run(["cc", "-O2", "-march=native", "-ffp-contract=fast", f"-DSCALAR={scalar}", f"-DBYTES={width}",
                    source, "-o", program], check=True)
    return program


def torch_call(problem, layout):
    *batch, m, n, k = (int(size) for size in problem.split(","))
    dtype = getattr(torch, options.dtype)

    def numbers(rows, columns, turned):
        if turned:
            return numbers(columns, rows, False).transpose(-2, -1)
        return torch.randint(0, 5, (*batch, rows, columns)).to(dtype)

    if layout == "linear":
        x, weight, bias = numbers(m, k, False), torch.randint(0, 5, (n, k)).to(dtype), torch.randint(0, 5, (n,)).to(dtype)
        return lambda: torch.nn.functional.linear(x, weight, bias)
    a, b = numbers(m, k, layout[0] == "t"), numbers(k, n, layout[1] == "t")
    return lambda: torch.matmul(a, b)


def time_torch(call):
    call()
    start = time.perf_counter()
    call()
    once = time.perf_counter() - start
    n, batches = max(1, int(0.002 / once)), []
    for _ in range(max(3, min(41, int(0.25 / max(once, 0.002))))):
        start = time.perf_counter()
        for _ in range(n):
            call()
        batches.append((time.perf_counter() - start) / n)
    return 1e6 * statistics.median(batches), 1e6 * min(batches)


def time_corrie(problem, layout):
    command = [CORRIE, "bench", "matmul", problem, "--threads", str(options.threads), "--dtype", options.dtype, "--json"]
    command += ["--linear"] if layout == "linear" else ["--layout", layout]
    row = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)[0]
    return row["median_us"], row["min_us"]


def work(problem):
    product = 2.0
    for size in problem.split(","):
        product *= int(size)
    return product


print(f"{'problem':>18} layout {'Corrie':>12} {'PyTorch':>12}  PyTorch / Corrie: medians, minima   of the peak")
with torch.inference_mode(), tempfile.TemporaryDirectory() as folder:
    peak_program = build_peak(folder)
    for problem in options.problems:
        for layout in options.layout.split(","):
            call, ours, theirs, peaks = torch_call(problem, layout), [], [], []
            for _ in range(options.rounds):
                ours.append(time_corrie(problem, layout))
                theirs.append(time_torch(call))
                peaks.append(float(subprocess.run([peak_program], check=True, capture_output=True).stdout.split()[0]))
            a, b = statistics.median(x[0] for x in ours), statistics.median(x[0] for x in theirs)
            least, other = min(x[1] for x in ours), min(x[1] for x in theirs)
            share = 1e-3 * work(problem) / least / (max(peaks) * options.threads)
            print(f"{problem:>18} {layout:6} {least:9.2f} us {other:9.2f} us  {b / a:5.2f} {other / least:5.2f} {share:18.0%}",
                  flush=True)
