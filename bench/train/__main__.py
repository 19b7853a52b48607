"""Compares training steps of Corrie and PyTorch: forward, loss, backward, SGD with momentum; or the forward alone.

usage: build/venv-bench/bin/python bench/train [OPTION...] [MODEL,BATCH[,SIDE][,infer]...]     (see make bench)
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

import report

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROWS = ["mlp,8", "lenet,1", "lenet,64", "course,64", "resnet18,8,64", "mobilenet_v2,8,64", "vgg16,1,infer"]
QUICK = {"rounds": 1, "time": 200}
WHOLE = {"rounds": 5, "time": 600}
PAUSE = 0.01  # threads of the one before may spin a while when their work is done


def options():
    parser = argparse.ArgumentParser(prog="bench/train", description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", default=ROWS, metavar="MODEL,BATCH[,SIDE][,infer]", help=" ".join(ROWS))
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="number of threads (1)")
    parser.add_argument("--quick", action="store_true", help="a short turn of both, to try it out")
    parser.add_argument("--rounds", type=int, metavar="N", help="turns of both (5)")
    parser.add_argument("--time", type=int, metavar="MS", help="milliseconds of a turn (600)")
    parser.add_argument("--corrie", default=str(ROOT / "build/release/bin/corrie"), help="the command")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "bench/results", help="folder of train.md, .json")
    chosen = parser.parse_args()
    for name, value in (QUICK if chosen.quick else WHOLE).items():
        if getattr(chosen, name) is None:
            setattr(chosen, name, value)
    if min(chosen.rounds, chosen.threads) < 1:
        parser.error("--rounds and --threads take numbers from 1 on")
    return chosen


def read_row(text):
    words = text.split(",")
    numbers = [int(word) for word in words[1:] if word != "infer"]
    return {"model": words[0], "batch": numbers[0], "side": numbers[1] if len(numbers) > 1 else 0,
            "infer": "infer" in words}


def ask_corrie(o, row, seconds):
    command = [o.corrie, "bench", "train", row["model"], "--batch", str(row["batch"]), "--threads", str(o.threads),
               "--time", str(int(1000 * seconds)), "--json"]
    command += ["--side", str(row["side"])] if row["side"] else []
    command += ["--infer"] if row["infer"] else []
    done = subprocess.run(command, check=True, capture_output=True)
    return json.loads(done.stdout)[0]


class PyTorch:
    def __init__(self, threads):
        self.process = subprocess.Popen([sys.executable, str(pathlib.Path(__file__).with_name("peer.py")),
                                         str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=dict(os.environ, OMP_NUM_THREADS=str(threads)))

    def ask(self, request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def peak_memory(o, row):
    """KiB that PyTorch takes beyond its import, in a process of its own."""
    peer = PyTorch(o.threads)
    try:
        return peer.ask(dict(row, memory=True))["peak_kib"]
    finally:
        peer.close()


def compare(o, row, peer):
    ours, theirs = [], []
    for _ in range(o.rounds):
        time.sleep(PAUSE)
        ours.append(ask_corrie(o, row, 1e-3 * o.time))
        time.sleep(PAUSE)
        theirs.append(peer.ask(dict(row, seconds=1e-3 * o.time))["variants"])
    corrie = {key: statistics.median(a[key] for a in ours)
              for key in ("median_us", "forward", "loss", "backward", "step")}
    corrie["min_us"] = min(a["min_us"] for a in ours)
    corrie["peak_kib"] = ask_corrie(o, row, 0)["peak_kib"]
    pytorch = {name: {"median_us": statistics.median(a[name][0] for a in theirs),
                      "min_us": min(a[name][1] for a in theirs)} for name in theirs[0]}
    best = min(pytorch, key=lambda name: pytorch[name]["median_us"])
    least = min(v["min_us"] for v in pytorch.values())
    return dict(row, threads=o.threads, corrie=corrie, pytorch=pytorch, best=best, peak_kib=peak_memory(o, row),
                ratio=pytorch[best]["median_us"] / corrie["median_us"], ratio_of_minima=least / corrie["min_us"])


def main():
    o = options()
    info = json.loads(subprocess.run([o.corrie, "info", "--json"], check=True, capture_output=True).stdout)
    peer = PyTorch(o.threads)
    facts = {"processor": info["cpu"], "instruction set": info["chosen"], "cores": len(os.sched_getaffinity(0)),
             "system": platform.platform(), "Corrie": info["version"], "date": time.strftime("%Y-%m-%d"),
             "load average before": round(os.getloadavg()[0], 2), "PyTorch": ", ".join(peer.ask({}).values())}
    results = []
    for text in o.rows:
        results.append(compare(o, read_row(text), peer))
        print(report.line(results[-1]), flush=True)
    peer.close()
    report.write(o.out, facts, results)


main()
