#!/usr/bin/env python3
"""Checks the innermost loops of the compiled kernels: where a loop multiplies and adds vectors, its accumulators must be in
registers, so no vector in it may come from the stack or go there. Looks at the x86-64 objects of a build.

usage: tools/loops.py BUILD
"""
import pathlib
import re
import subprocess
import sys

LEAST_PRODUCTS = 6  # of a loop that is looked at, and at least a quarter of its instructions
PRODUCT = re.compile(r"vfn?m(add|sub)\d+p[sd]")
JUMP = re.compile(r"j\w+\s+([0-9a-f]+)")
STACK = re.compile(r"^v.*\(%rsp")  # rbp is a register like others; a pointer on the stack costs little, a vector much


def functions(path):
    """The name and the (address, text) of the instructions of each function."""
    lines = subprocess.run(["objdump", "-d", "--no-show-raw-insn", path], capture_output=True, text=True, check=True)
    name, body = None, []
    for line in lines.stdout.split("\n"):
        head = re.match(r"[0-9a-f]+ <(.+)>:", line)
        if head:
            if name:
                yield name, body
            name, body = head.group(1), []
        elif name and re.match(r"\s+[0-9a-f]+:\t", line):
            address, text = line.strip().split(":", 1)
            body.append((int(address, 16), text.strip()))
    if name:
        yield name, body


def innermost_loops(body):
    """Runs of instructions from the target of a backward jump to the jump, with no other such jump inside."""
    ends = [(address, int(JUMP.match(text).group(1), 16)) for address, text in body if JUMP.match(text)]
    backward = [(target, address) for address, target in ends if target <= address]
    for start, end in backward:
        if not any(start <= other[0] and other[1] < end for other in backward):
            yield [text for address, text in body if start <= address <= end]


looked_at, bad = 0, []
for path in sorted(pathlib.Path(sys.argv[1], "CMakeFiles").glob("kernels_avx*_fused.dir/**/*.o")):
    for name, body in functions(path):
        for loop in innermost_loops(body):
            if sum(bool(PRODUCT.match(text)) for text in loop) < max(LEAST_PRODUCTS, len(loop) / 4):
                continue
            looked_at += 1
            spills = [text for text in loop if STACK.search(text)]
            if spills:
                bad.append(f"{path.name}: {name}: {len(spills)} of {len(loop)} instructions move vectors on the stack: {spills[0]}")
print(f"{looked_at} inner loops")
print("\n".join(bad))
sys.exit(1 if bad or looked_at == 0 else 0)
