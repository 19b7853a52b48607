"""Writes random.txt: what PyTorch draws, for tests/test_random.c. One line a fill:

    flavour operation dtype n seed a b : hash first... : next state

seed is decimal, or "+" where the stream of the line before goes on. a and b are the operation's parameters, 16 hex digits
each: the bits of a double, or an integer. hash is FNV-1a (64 bits) over the bytes of the elements, first are the bits of
the first four of them, next is what an int64 random_() draws afterwards and state the FNV-1a of the 5056 bytes of state
before that.

The kernels of PyTorch that draw are those of AVX2, on a CPU with AVX-512 too. The lines of the flavour "avx512" are
normal_ in blocks of 16 from its plain x86-64 kernels: these blocks are the same C++ source as in the AVX-512 kernels,
written with explicit std::fma and without anything else that a compiler may fuse.
"""
import itertools
import os
import struct
import subprocess
import sys
import warnings

import torch

from golden import DTYPES, FLOATS, HERE, fnv1a

warnings.simplefilter("ignore")  # of random_, about what a floating dtype cannot hold

SEEDS = [0, 42, 1234, 2**63, -1, 2**32 + 5, 67280421310721, 5489]
SIZES = [1, 3, 15, 16, 17, 18, 31, 32, 100, 1000]
BITS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


def parameter(value):
    kind = "<d" if isinstance(value, float) else "<q"
    return struct.unpack("<Q", struct.pack(kind, value))[0]


def each_p(n, dtype):
    """The probabilities of bernoulli_each, which the test makes in the same way."""
    return torch.tensor([i * 7 % 11 / 10 for i in range(n)], dtype=torch.float64).to(dtype)


FILLS = {
    "uniform": lambda n, d, a, b: torch.empty(n, dtype=d).uniform_(a, b),
    "normal": lambda n, d, a, b: torch.empty(n, dtype=d).normal_(a, b),
    "normal_each": lambda n, d, a, b: torch.empty(2 * n, dtype=d)[::2].normal_(a, b),
    "log_normal": lambda n, d, a, b: torch.empty(n, dtype=d).log_normal_(a, b),
    "exponential": lambda n, d, a, b: torch.empty(n, dtype=d).exponential_(a),
    "cauchy": lambda n, d, a, b: torch.empty(n, dtype=d).cauchy_(a, b),
    "geometric": lambda n, d, a, b: torch.empty(n, dtype=d).geometric_(a),
    "bernoulli": lambda n, d, a, b: torch.empty(n, dtype=d).bernoulli_(a),
    "bernoulli_each": lambda n, d, a, b: torch.empty(n, dtype=d).bernoulli_(each_p(n, DTYPES[FLOATS[a]])),
    "dropout": lambda n, d, a, b: torch.nn.functional.dropout(torch.ones(n, dtype=d), a, True),
    "from_to": lambda n, d, a, b: torch.empty(n, dtype=d).random_(a, b),
    "integers": lambda n, d, a, b: torch.empty(n, dtype=d).random_(),
    "permutation": lambda n, d, a, b: torch.randperm(n, dtype=d),
}


def line(flavour, name, dtype, n, seed, a=0, b=0):
    if seed != "+":
        torch.manual_seed(seed)
    out = FILLS[name](n, DTYPES[dtype], a, b).contiguous()
    bits = out.view(BITS[out.element_size()])
    digits = 2 * out.element_size()
    first = " ".join(f"{int(x) & (1 << 4 * digits) - 1:0{digits}x}" for x in bits[:4])
    state = fnv1a(torch.get_rng_state().numpy().tobytes())
    after = int(torch.empty((), dtype=torch.int64).random_())
    print(f"{flavour} {name} {dtype} {n} {seed} {parameter(a):016x} {parameter(b):016x}",
          f": {fnv1a(bits.numpy().tobytes()):016x} {first} : {after:016x} {state:016x}")


def ranges(dtype):
    """Ends for from_to: narrow, around the change to two words, and as wide as the dtype goes."""
    if dtype == "bool":
        return [(0, 1), (0, 2), (1, 2)]
    if dtype in ("uint8", "int8"):
        return [(0, 100), (5, 6), (0, 128)] if dtype == "uint8" else [(-128, 128), (-3, 4), (0, 127)]
    if dtype == "int16":
        return [(-32768, 32768), (0, 1000), (-5, 5)]
    if dtype == "int32":
        return [(0, 2**28 - 1), (0, 2**28), (-2**31, 2**31), (-7, 1000)]
    if dtype == "float16":
        return [(0, 65504), (-65504, 65505), (0, 2049), (-10, 10)]
    return [(0, 100), (0, 2**28 - 1), (0, 2**28), (-2**40, 2**40 + 3), (0, 2**33), (-2**63, 2**63 - 1), (3, 2**62 + 1)]


def limit(dtype):
    return {"uint8": 256, "int8": 128, "bool": 0}.get(dtype, 1 << 24)


def avx2_lines():
    seeds = itertools.cycle(SEEDS)
    real = {
        "uniform": [(0.0, 1.0), (-0.5, 0.25), (1000.0, 1001.0), (2.0, 2.0), (-1.0, 0.0), (-30000.0, 30000.0),
                    (1.0, 1 + 2**-51)],
        "normal": [(0.0, 1.0), (1.5, 0.3), (-2.0, 0.0), (100.0, 7.0)],
        "normal_each": [(0.0, 1.0), (1.5, 0.3)],
        "log_normal": [(0.0, 1.0), (1.0, 0.25)],
        "exponential": [(1.0,), (0.1,), (7.5,)],
        "cauchy": [(0.0, 1.0), (1.5, 0.3)],
        "geometric": [(0.5,), (0.01,), (0.99,), (1e-9,)],
        "bernoulli": [(0.5,), (0.1,), (0.0,), (1.0,)],
        "dropout": [(0.1,), (0.3,), (0.5,), (0.9,), (0.0,), (1.0,)],
    }
    for name, choices in real.items():
        with_ints = name in ("bernoulli", "geometric")
        choice = itertools.cycle(choices)
        for dtype in [d for d in DTYPES if with_ints or d in FLOATS]:
            if (name, dtype) != ("geometric", "bool"):
                for n in SIZES:
                    line("avx2", name, dtype, n, next(seeds), *next(choice))
        if name in ("uniform", "normal"):
            for dtype, a in itertools.product(FLOATS, choices):
                line("avx2", name, dtype, 100003, next(seeds), *a)
    p_dtype = itertools.cycle(range(len(FLOATS)))
    for dtype in DTYPES:
        choice = itertools.cycle(ranges(dtype))
        for n in SIZES:
            line("avx2", "from_to", dtype, n, next(seeds), *next(choice))
        for n in (1, 17, 1000):
            line("avx2", "integers", dtype, n, next(seeds))
            line("avx2", "bernoulli_each", dtype, n, next(seeds), next(p_dtype))
        for n in SIZES + [128, 256, 2049, 30000]:
            if n <= limit(dtype) and (dtype, n) != ("float16", 30000):
                line("avx2", "permutation", dtype, n, next(seeds))
    for seed in (0, 42):
        line("avx2", "normal", "float32", 3, seed, 0.0, 1.0)
        for name, dtype, n, a in [
            ("normal", "float64", 1, (0.0, 1.0)), ("normal", "float32", 15, (0.0, 1.0)),
            ("normal", "float32", 16, (0.0, 1.0)), ("log_normal", "float64", 3, (0.0, 1.0)),
            ("normal", "float32", 33, (0.5, 2.0)), ("normal_each", "float16", 40, (0.0, 1.0)),
            ("uniform", "float32", 613, (0.0, 1.0)), ("from_to", "int64", 600, (0, 2**40)),
            ("normal", "float64", 1, (0.0, 1.0)), ("permutation", "int64", 6, ()),
            ("dropout", "float32", 10, (0.3,)), ("normal", "bfloat16", 21, (0.0, 1.0)),
        ]:
            line("avx2", name, dtype, n, "+", *a)


def avx512_lines():
    seeds = itertools.cycle(SEEDS)
    for dtype, n in itertools.product(FLOATS, [n for n in SIZES if n >= 16] + [100003]):
        for a in [(0.0, 1.0), (1.5, 0.3)]:
            line("avx512", "normal", dtype, n, next(seeds), *a)


def head():
    print(f"# Made by make_random.py with PyTorch {torch.__version__}: the flavour avx2 with ATEN_CPU_CAPABILITY=avx2,")
    print("# avx512 with =default. The script says what a line means.")


def main():
    parts = {"AVX2": lambda: (head(), avx2_lines()), "DEFAULT": avx512_lines}
    if sys.argv[1:] == ["part"]:
        return parts[torch.backends.cpu.get_cpu_capability()]()
    with open(os.path.join(HERE, "random.txt"), "w") as file:
        for capability in ("avx2", "default"):
            environment = {**os.environ, "ATEN_CPU_CAPABILITY": capability}
            subprocess.run([sys.executable, __file__, "part"], env=environment, stdout=file, check=True)


main()
