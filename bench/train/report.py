"""Results as tables: train.json holds everything, train.md what is read."""
import json

TEXT = ("Made by `make bench`. A ratio is PyTorch's time over Corrie's: above 1 Corrie is faster. A step is forward, "
        "loss, backward, SGD with momentum and the dropping of gradients; mlp has the mean of squares as its loss, the "
        "others cross entropy. Times are medians of rounds in which both take turns on the same threads; PyTorch's is "
        "the best of contiguous and channels last, each with its three forms of the optimizer. Memory is the most that a "
        "process of a few steps had; of PyTorch's, what it had after its import is taken off. inference is the forward "
        "alone, in eval mode, under inference_mode in PyTorch.")


def _sizes(result):
    side = f", {result['side']}x{result['side']}" if result["side"] else ""
    return f"{result['batch']}{side}{', inference' if result['infer'] else ''}"


def line(result):
    c, p = result["corrie"], result["pytorch"][result["best"]]
    return (f"{result['model']:14} {_sizes(result):12} {result['threads']} threads  Corrie {c['median_us']:10.1f} us  "
            f"PyTorch {p['median_us']:10.1f} us ({result['best']})  ratio {result['ratio']:6.2f}, of minima "
            f"{result['ratio_of_minima']:6.2f}  memory {c['peak_kib'] / 1024:.1f} / {result['peak_kib'] / 1024:.1f} MiB")


def as_markdown(facts, results):
    lines = ["# Training steps: Corrie and PyTorch", "", TEXT, ""]
    lines += [f"- {key}: {value}" for key, value in facts.items()]
    lines += ["", "| network | batch | threads | Corrie us | forward | loss | backward | step | PyTorch us | by | ratio "
              "| of minima | Corrie MiB | PyTorch MiB |", "|---|---|--:|--:|--:|--:|--:|--:|--:|---|--:|--:|--:|--:|"]
    for r in results:
        c, p = r["corrie"], r["pytorch"][r["best"]]
        phases = " | ".join(f"{c[phase]:.1f}" for phase in ("median_us", "forward", "loss", "backward", "step"))
        lines.append(f"| {r['model']} | {_sizes(r)} | {r['threads']} | {phases} | {p['median_us']:.1f} | {r['best']} "
                     f"| {r['ratio']:.2f} | {r['ratio_of_minima']:.2f} | {c['peak_kib'] / 1024:.1f} "
                     f"| {r['peak_kib'] / 1024:.1f} |")
    return "\n".join(lines) + "\n"


def write(folder, facts, results):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "train.json").write_text(json.dumps({"machine": facts, "rows": results}, indent=1) + "\n")
    (folder / "train.md").write_text(as_markdown(facts, results))
