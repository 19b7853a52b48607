"""Times rows in one peer: a JSON object a line on the standard input, an answer a line.

usage: serve.py PEER THREADS MILLISECONDS     ({} asks what the peer is and computes)
"""
import importlib
import json
import math
import os
import statistics
import sys
import time

from problem import Problem

BATCH_SECONDS = 2e-3
LEAST_BATCHES, MOST_BATCHES = 5, 41


def time_calls(call, n):
    start = time.perf_counter()
    for _ in range(n):
        call()
    return (time.perf_counter() - start) / n


def measure(call, budget):
    """Median and least microseconds a call, measured as corrie bench does."""
    once = time_calls(call, 1)
    once = min(once, time_calls(call, 3))
    calls = max(1, math.floor(min(BATCH_SECONDS, budget) / once))
    start, batches = time.perf_counter(), []
    while len(batches) < LEAST_BATCHES or (len(batches) < MOST_BATCHES and time.perf_counter() - start < budget):
        batches.append(time_calls(call, calls))
    return [1e6 * statistics.median(batches), 1e6 * min(batches)]


class Server:
    """Keeps what was prepared for a row, since rounds ask for the same row again."""

    def __init__(self, peer, budget):
        self.peer, self.budget, self.request, self.variants = peer, budget, None, None

    def answer(self, request):
        if not request:
            return {"facts": self.peer.facts(), "directions": self.peer.DIRECTIONS, "dtypes": self.peer.DTYPES}
        if request != self.request:
            self.request, self.variants = None, None
            self.variants = self.peer.prepare(Problem(request["problem"]), request["direction"], request["dtype"])
            self.request = request
        return {"variants": {name: measure(call, self.budget) for name, call in self.variants.items()}}


def main():
    name, threads, milliseconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    server = Server(importlib.import_module("peer_" + name).Peer(threads), 1e-3 * milliseconds)
    for line in sys.stdin:
        try:
            answer = server.answer(json.loads(line))
        except Exception as error:  # a row that a peer does not compute is told, whatever it raises
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:200]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
