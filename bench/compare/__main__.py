"""Compares Corrie's convolutions with PyTorch's, ONNX Runtime's and OpenVINO's.

usage: build/venv-bench/bin/python bench/compare [OPTION...] [PROBLEM or FILE of problems...]     (see make bench)
"""
import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

import report
from contenders import PEERS
from measure import compare
from rows import choose, read_rows

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUICK = {"threads": [1], "dir": ["fwd", "bwd_d"], "per_class": 1, "rounds": 2, "time": 10}
WHOLE = {"threads": [1, 2], "dir": ["fwd", "bwd_d", "bwd_w"], "per_class": 0, "rounds": 5, "time": 60}


def options():
    def words(text):
        return text.split(",")

    def numbers(text):
        return [int(word) for word in text.split(",")]

    parser = argparse.ArgumentParser(prog="bench/compare", description=__doc__.splitlines()[0])
    parser.add_argument("problems", nargs="*", metavar="PROBLEM", help="problems, or files of them (bench/shapes/*.txt)")
    parser.add_argument("--quick", action="store_true", help="a row of each class on one thread, to try it out")
    parser.add_argument("--threads", type=numbers, metavar="N,...", help="numbers of threads (1,2)")
    parser.add_argument("--dir", type=words, metavar="DIR,...", help="directions (fwd,bwd_d,bwd_w)")
    parser.add_argument("--classes", type=words, default=[], metavar="WORD,...", help="classes that contain a word")
    parser.add_argument("--per-class", type=int, metavar="N", help="at most so many rows of a class and direction")
    parser.add_argument("--rounds", type=int, metavar="N", help="turns of all contenders (5)")
    parser.add_argument("--time", type=int, metavar="MS", help="milliseconds of a turn (60)")
    parser.add_argument("--peers", type=words, default=list(PEERS), metavar="NAME,...", help=",".join(PEERS))
    parser.add_argument("--corrie", default=str(ROOT / "build/release/bin/corrie"), help="the command")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "bench/results", help="folder for conv.md, conv.json")
    chosen = parser.parse_args()
    for name, value in (QUICK if chosen.quick else WHOLE).items():
        if getattr(chosen, name) is None:
            setattr(chosen, name, value)
    if chosen.rounds < 1 or min(chosen.threads) < 1:
        parser.error("--rounds and --threads take numbers from 1 on")
    return chosen


def machine(command):
    info = json.loads(subprocess.run([command, "info", "--json"], check=True, capture_output=True).stdout)
    return {"processor": info["cpu"], "instruction set": info["chosen"], "cores": len(os.sched_getaffinity(0)),
            "system": platform.platform(), "Corrie": info["version"], "date": time.strftime("%Y-%m-%d"),
            "load average before": round(os.getloadavg()[0], 2)}


def main():
    o = options()
    sources = o.problems or sorted(str(p) for p in (ROOT / "bench/shapes").glob("*.txt"))
    facts = machine(o.corrie)
    if facts["load average before"] > 0.5:
        print(f"the machine is busy (load {facts['load average before']}): times will not hold", file=sys.stderr)
    rows = choose(read_rows(o.corrie, sources, o.dir), o.classes, o.per_class)
    results = []
    for threads in o.threads:
        more, facts["peers"] = compare(rows, o.corrie, o.peers, threads, o.rounds, o.time)
        results += more
        report.write(o.out, facts, results)
    for s in report.summarise(results):
        print(f"{s['direction']:5} {s['threads']} {s['class']:55} {s['rows']:4} rows  "
              f"{s['geometric_mean']:6.2f}  worst {s['worst']:.2f}")
    print(f"written to {o.out}/conv.md and conv.json")


main()
