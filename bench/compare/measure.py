"""Times rows in Corrie and its peers, one after the other in every round, so that all see the same machine."""
import os
import pathlib
import statistics
import sys
import time

from contenders import Corrie, Peer

PAUSE = 0.01  # threads of the one before may spin a while when their work is done


def one_cpu_a_core(n):
    """CPUs of n different cores, of those this process may use; fewer where there are not as many."""
    cores, chosen = set(), []
    for cpu in sorted(os.sched_getaffinity(0)):
        path = pathlib.Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        core = path.read_text() if path.exists() else str(cpu)
        if core not in cores:
            cores.add(core)
            chosen.append(cpu)
    return chosen[:n]


def _medians(pairs):
    return {"median_us": statistics.median(p[0] for p in pairs), "min_us": min(p[1] for p in pairs)}


def _collect(answers):
    """The rounds' answers of one peer: {variant: times}."""
    return {name: _medians([a["variants"][name] for a in answers]) for name in answers[0]["variants"]}


def time_row(row, corrie, peers, rounds):
    """What one row gives: times of Corrie and of every variant of every peer, and why one has none."""
    ours, theirs, errors = [], {peer.name: [] for peer in peers}, {}
    contenders = [c for c in (corrie, *peers) if c.computes(row)]
    for turn in range(rounds):
        for contender in contenders[turn % len(contenders):] + contenders[:turn % len(contenders)]:
            if contender.name in errors or "corrie" in errors:
                continue
            time.sleep(PAUSE)
            answer = contender.time(row)
            if "error" in answer:
                errors[contender.name] = answer["error"]
            else:
                (ours if contender is corrie else theirs[contender.name]).append(answer)
    result = {"networks": row.networks, "class": row.layer_class, "problem": row.text, "direction": row.direction,
              "dtype": row.dtype, "errors": errors}
    if "corrie" not in errors:
        result["corrie"] = dict(_medians([(a["median_us"], a["min_us"]) for a in ours]),
                                implementation=ours[-1]["implementation"])
        if "peak_gflops" in ours[-1]:
            peak = max(a["peak_gflops"] for a in ours)
            result["corrie"]["peak_share"] = statistics.median(a["gflops"] for a in ours) / peak
    result["peers"] = {name: _collect(answers) for name, answers in theirs.items() if name not in errors and answers}
    add_ratio(result)
    return result


def add_ratio(result):
    """The best peer, and its time over Corrie's."""
    times = [(t["median_us"], name, variant) for name, variants in result["peers"].items()
             for variant, t in variants.items()]
    if times and "corrie" in result:
        least, name, variant = min(times)
        result["best"] = {"peer": name, "variant": variant, "median_us": least}
        result["ratio"] = least / result["corrie"]["median_us"]
        least = min(t["min_us"] for variants in result["peers"].values() for t in variants.values())
        result["ratio_of_minima"] = least / result["corrie"]["min_us"]


def compare(rows, command, peer_names, threads, rounds, milliseconds):
    """Results of all rows with so many threads, and the peers' facts."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, one_cpu_a_core(threads))  # the processes inherit it
    contenders = []
    try:
        contenders.append(Corrie(command, threads, milliseconds))
        contenders += [Peer(name, threads, milliseconds) for name in peer_names]
        results = []
        for i, row in enumerate(rows):
            result = dict(time_row(row, contenders[0], contenders[1:], rounds), threads=threads)
            results.append(result)
            told = f"{result['ratio']:.2f}" if "ratio" in result else "-"
            print(f"[{threads} threads, {i + 1}/{len(rows)}] {row.direction:5} {row.text:50} {told}", file=sys.stderr)
        return results, {peer.name: peer.about["facts"] for peer in contenders[1:]}
    finally:
        for contender in contenders:
            contender.close()
        os.sched_setaffinity(0, before)
