"""training.txt: same seed, same numbers: how networks of networks.py start, and the losses of their first steps."""
import os
import sys

# normal_ follows PyTorch's AVX2 build, as Corrie's does where it is not told otherwise.
if os.environ.get("ATEN_CPU_CAPABILITY") != "avx2":
    os.environ["ATEN_CPU_CAPABILITY"] = "avx2"
    os.execv(sys.executable, [sys.executable] + sys.argv)

import torch  # noqa: E402

from golden import File, result  # noqa: E402
from networks import NETWORKS, Training  # noqa: E402

OUT = File("training.txt", """
A record of a network of networks.py, with all that follows from its seed: `images` and `labels` of the data set; `first`
is the loss of the first batch in float32. `text`: a line for each initial parameter in float32, and then one for each of
100 steps in float64: the loss, and the places of the batch's samples in the data set.
""")
STEPS = 100


def record(name):
    start = Training(name, torch.float32)
    lines = [f"{key} {result(value)}" for key, value in start.net.named_parameters()]
    first = start.loss(*next(start.batches(1))[:2])
    run = Training(name, torch.float64)
    for images, labels, places in run.batches(STEPS):
        lines.append(" ".join(map(str, [run.loss(images, labels), *places.tolist()])))
        run.optimizer.step()
    OUT.record(name, ("images", result(start.images)), ("labels", result(start.labels)), ("first", first),
               text="\n".join(lines))


for NAME in NETWORKS:
    record(NAME)
OUT.write()
