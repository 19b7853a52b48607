"""Results as tables: conv.json holds everything, conv.md what is read."""
import json
import math

from classes import WANTED

NAMES = {"pytorch": "PyTorch", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}
DIRECTIONS = {"fwd": "Forward", "bwd_d": "Gradient of the input", "bwd_w": "Gradient of the weight"}


def geometric_mean(numbers):
    return math.exp(sum(map(math.log, numbers)) / len(numbers))


def summarise(results):
    """For every class, direction and number of threads: rows, geometric mean, worst row."""
    groups = {}
    for r in results:
        if "ratio" in r:
            groups.setdefault((r["class"], r["direction"], r["threads"]), []).append(r)
            if r["dtype"] == "float32":
                groups.setdefault(("all of float32", r["direction"], r["threads"]), []).append(r)
    summary = []
    for (name, direction, threads), rows in groups.items():
        worst = min(rows, key=lambda r: r["ratio"])
        summary.append({"class": name, "direction": direction, "threads": threads, "rows": len(rows),
                        "geometric_mean": geometric_mean([r["ratio"] for r in rows]), "worst": worst["ratio"],
                        "worst_problem": worst["problem"], "wanted": WANTED.get(name, {}).get(direction)})
    order = list(WANTED) + ["all of float32"]
    return sorted(summary, key=lambda s: (list(DIRECTIONS).index(s["direction"]), order.index(s["class"]),
                                          s["threads"]))


def _summary_table(summary, direction):
    lines = ["| class | threads | rows | geometric mean | wanted | worst row | |", "|---|--:|--:|--:|--:|--:|---|"]
    for s in summary:
        if s["direction"] == direction:
            wanted = f"{s['wanted']:.2f}" if s["wanted"] else ""
            lines.append(f"| {s['class']} | {s['threads']} | {s['rows']} | {s['geometric_mean']:.2f} | {wanted} "
                         f"| {s['worst']:.2f} | `{s['worst_problem']}` |")
    return lines


def _peer_times(result):
    told = []
    for name in NAMES:
        variants = result["peers"].get(name)
        told.append(f"{min(v['median_us'] for v in variants.values()):.1f}" if variants else "")
    return told


def _row_table(results, direction, threads):
    lines = [f"| network | problem | dtype | by | of peak | Corrie us | {' | '.join(NAMES.values())} | ratio | of minima |",
             "|---|---|---|---|--:|--:|" + "--:|" * (len(NAMES) + 2)]
    for r in results:
        if (r["direction"], r["threads"]) == (direction, threads) and "corrie" in r:
            c = r["corrie"]
            peak = f"{100 * c['peak_share']:.0f} %" if "peak_share" in c else ""
            ratio = f"{r['ratio']:.2f} | {r['ratio_of_minima']:.2f}" if "ratio" in r else " | "
            lines.append(f"| {', '.join(r['networks'])} | `{r['problem']}` | {r['dtype']} | {c['implementation']} "
                         f"| {peak} | {c['median_us']:.1f} | {' | '.join(_peer_times(r))} | {ratio} |")
    return lines


def _facts(machine):
    lines = [f"- {key}: {value}" for key, value in machine.items() if key != "peers"]
    for name, facts in machine["peers"].items():
        lines.append(f"- {NAMES[name]}: {', '.join(facts.values())}")
    return lines


def as_markdown(machine, results):
    summary = summarise(results)
    threads = sorted({r["threads"] for r in results})
    lines = ["# Convolution: Corrie and its peers", "",
             "Made by `make bench`. A ratio is the best peer's time over Corrie's: above 1 Corrie is faster. Times are "
             "medians of rounds in which all take turns, each in its own process on the same cores. PyTorch's best of "
             "contiguous, channels last and, forward in 2-D, weights packed before; ONNX Runtime and OpenVINO with "
             "constant weights, packed before. A time is of a call from the language that calls it: C for Corrie, "
             "Python for the others, which tells in rows of a few microseconds.", "", *_facts(machine), ""]
    for direction, title in DIRECTIONS.items():
        if not any(r["direction"] == direction for r in results):
            continue
        if not any(r["direction"] == direction and "corrie" in r for r in results):
            errors = {r["errors"]["corrie"] for r in results if r["direction"] == direction}
            lines += [f"## {title}", "", "Not measured: " + "; ".join(sorted(errors)) + ".", ""]
            continue
        lines += [f"## {title}", "", *_summary_table(summary, direction), ""]
        for n in threads:
            lines += [f"### {title}, {n} thread{'s' if n > 1 else ''}, row by row", "",
                      *_row_table(results, direction, n), ""]
    return "\n".join(lines)


def write(folder, machine, results):
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"machine": machine, "summary": summarise(results), "rows": results}
    (folder / "conv.json").write_text(json.dumps(whole, indent=1) + "\n")
    (folder / "conv.md").write_text(as_markdown(machine, results))
