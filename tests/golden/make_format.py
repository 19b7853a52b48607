"""format.txt: tensors in the notation and their bytes, to test the reader of golden files itself."""
import random

import torch

from golden import DTYPES, File, build, result, sizes_text

OUT = File("format.txt", "Each record: a tensor without steps, `in0`, and its elements, `out0`.")


def show(spec):
    OUT.record("fill", ("in0", spec), ("out0", result(build(spec))))


if __name__ == "__main__":
    rng = random.Random(1)
    for dtype in DTYPES:
        for sizes in ([], [5], [0], [2, 3], [3, 0, 2], [2, 3, 4, 5], [1, 1, 7, 1, 2, 1]):
            m = rng.choice((5, 7, 300, 70001))
            head = f"{dtype} {sizes_text(sizes)}"
            show(f"{head} formula:{rng.randrange(1, 9999)},{rng.randrange(99)},{m},{rng.randrange(m)}")
            show(f"{head} arange:{rng.randrange(9)},{1 if dtype == 'uint8' else rng.randrange(-1, 2)}")
            if DTYPES[dtype].is_floating_point:
                show(f"{head} formula:{rng.randrange(1, 99)},0,{m},2,{rng.choice((3, 8, 1000))}")
                show(f"{head} arange:{rng.uniform(-1, 1)!r},{rng.uniform(-1, 1)!r}")
    for values in ([float("nan"), float("inf"), -0.0, 65504.0, 1e-7],
                   [6.1e-5, 5.9e-8, 3e-8, 2.0 ** -24, 65519.0, 65520.0]):
        for dtype in ("float16", "bfloat16", "float32", "float64"):
            tensor = torch.tensor(values, dtype=torch.float64).to(DTYPES[dtype])
            show(result(tensor))
    for dtype in ("float16", "bfloat16"):  # the subnormal range and the largest values
        show(f"{dtype} [4000] arange:0,{2.0 ** -26!r}")
        show(f"{dtype} [600] arange:65000,1")
        show(f"{dtype} [3000] arange:-1.5,0.001")
    OUT.write()
