"""loader.txt: the order of batches, and what loaders and random_split draw."""
import itertools

import torch
from torch.utils.data import DataLoader, random_split

from golden import File, call, options_text

OUT = File("loader.txt", """
Records named loader: `n` samples are walked for `epochs` epochs with the options; `seed` is the default generator's, and
`own` that of a generator of the loader's. `stop` is how many batches of the first epoch are taken before it is given up
(-1: all). `order` are the samples, batches parted by `/`, epochs by `|`; `after` is what an int64 random_() draws next
from the default generator, `after_own` from the loader's. They are the same for every number of workers that PyTorch
was run with.
Records named split: random_split of n samples; `order` are the parts, parted by `/`.
""")


def draw(generator=None):
    return int(torch.empty((), dtype=torch.int64).random_(generator=generator))


def walk(loader, epochs, stop):
    walked = []
    for epoch in range(epochs):
        batches = loader if epoch > 0 or stop < 0 else itertools.islice(iter(loader), stop)
        walked.append(" / ".join(" ".join(map(str, batch.tolist())) for batch in batches))
    return " | ".join(walked)


def run(n, seed, own, epochs, stop, workers, options):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(own) if own is not None else None
    loader = DataLoader(range(n), generator=generator, num_workers=workers, **options)
    order = walk(loader, epochs, stop)
    return order, draw(), None if own is None else draw(generator)


def loader_record(n, seed, own=None, epochs=2, stop=-1, **options):
    result = run(n, seed, own, epochs, stop, 0, options)
    if stop < 0:  # an epoch given up leaves the stream where prefetching had come to
        assert result == run(n, seed, own, epochs, stop, 2, options), (n, seed, own, options)
    OUT.record("loader", ("n", n), ("seed", seed), ("own", own), ("epochs", epochs), ("stop", stop),
               ("options", options_text(options)), ("order", result[0] or "none"), ("after", result[1]),
               ("after_own", result[2]))


def split_record(n, seed, lengths):
    torch.manual_seed(seed)
    parts, error = call(lambda: random_split(range(n), lengths))
    text = None if error else " / ".join(" ".join(map(str, part)) for part in parts)
    OUT.record("split", ("n", n), ("seed", seed), ("options", options_text({"lengths": lengths})), ("order", text),
               ("after", draw()), error=error)


for seed in (0, 42, 2**40 + 7):
    for n, batch_size in ((1, 1), (1, 4), (10, 4), (12, 4), (17, 5), (64, 16), (101, 10)):
        for drop_last in (False, True):
            loader_record(n, seed, batch_size=batch_size, shuffle=True, drop_last=drop_last)
            loader_record(n, seed, own=seed % 1000 + 3, batch_size=batch_size, shuffle=True, drop_last=drop_last)
    loader_record(10, seed, batch_size=3, shuffle=False, drop_last=False)
    loader_record(10, seed, own=5, batch_size=3, shuffle=False, drop_last=True)
    loader_record(0, seed, batch_size=3, shuffle=False, drop_last=False)
    loader_record(11, seed, epochs=3, stop=2, batch_size=3, shuffle=True, drop_last=False)
    loader_record(11, seed, own=9, epochs=3, stop=2, batch_size=3, shuffle=True, drop_last=False)
    for n, lengths in ((10, [7, 3]), (10, [0.7, 0.3]), (10, [0.33, 0.33, 0.34]), (11, [0.5, 0.5]), (1, [1]),
                       (10, [4, 0, 6]), (7, [0.1] * 10), (1437, [0.9, 0.1])):
        split_record(n, seed, lengths)
for lengths in ([3, 4], [0.5, 0.6], [1.5, -0.5], [0.5, 0.4]):
    split_record(10, 0, lengths)
OUT.write()
