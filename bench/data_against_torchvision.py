#!/usr/bin/env python3
"""Times the way of JPEG pictures from a folder to batches in Corrie and in torchvision, in turns.

usage: PYTHON bench/data_against_torchvision.py [--workers 2] [--rounds 7] [--pictures 256] [--size 224] [--folder F]
PYTHON has torchvision. Both read the same folder with as many workers: Resize, RandomHorizontalFlip, ToTensor,
Normalize, shuffled batches of 32. Without --folder, pictures of ImageNet's mean size are made of examples/data.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("--workers", type=int, default=2)
parser.add_argument("--rounds", type=int, default=7)
parser.add_argument("--pictures", type=int, default=256)
parser.add_argument("--size", type=int, default=224)
parser.add_argument("--folder")
options = parser.parse_args()
import torch  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402
from torchvision import datasets, transforms as T  # noqa: E402

torch.set_num_threads(1)
HERE = os.path.dirname(os.path.abspath(__file__))
CORRIE = os.environ.get("CORRIE", "build/release/bin/corrie")
BATCH = 32


def make_pictures(folder):
    """Parts of the photographs, mirrored and turned, of 500 by 375."""
    whole = [Image.open(os.path.join(HERE, "..", "examples", "data", name)).convert("RGB") for name in
             ("cat.png", "rocket.jpg")]
    for i in range(options.pictures):
        os.makedirs(f"{folder}/class{i % 4}", exist_ok=True)
        picture = whole[i % 2].crop((i % 90, i % 50, 350 + i % 91, 240 + i % 53))
        picture = ImageOps.mirror(picture) if i % 3 == 0 else picture
        picture.resize((500, 375), Image.BICUBIC).save(f"{folder}/class{i % 4}/{i}.jpg", quality=90)


def loader_of(folder):
    steps = T.Compose([T.Resize((options.size, options.size)), T.RandomHorizontalFlip(), T.ToTensor(),
                       T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))])
    return torch.utils.data.DataLoader(datasets.ImageFolder(folder, steps), BATCH, shuffle=True,
                                       num_workers=options.workers, persistent_workers=options.workers > 0)


def time_torchvision(loader):
    start, n = time.perf_counter(), 0
    for images, _ in loader:
        n += len(images)
    return n / (time.perf_counter() - start)


def time_corrie(folder):
    command = [CORRIE, "bench", "data", folder, "--workers", str(options.workers), "--batch", str(BATCH), "--size",
               str(options.size), "--epochs", "2", "--json"]
    row = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)[1]
    return row["pictures"] / row["seconds"]


def compare(folder):
    loader = loader_of(folder)
    time_torchvision(loader)
    rates = [(time_corrie(folder), time_torchvision(loader)) for _ in range(options.rounds)]
    ours, theirs = zip(*rates)
    print(f"pictures a second, {options.workers} workers, {options.rounds} rounds: the most, the median")
    for name, rate in (("Corrie", ours), ("torchvision", theirs)):
        print(f"{name:>12} {max(rate):8.1f} {statistics.median(rate):8.1f}")
    print(f"{'ratio':>12} {max(ours) / max(theirs):8.2f} {statistics.median(a / b for a, b in rates):8.2f}")


if options.folder is not None:
    sys.exit(compare(options.folder))
with tempfile.TemporaryDirectory() as made:
    make_pictures(made)
    compare(made)
