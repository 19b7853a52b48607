#!/usr/bin/env python3
"""Checks that cannot be left to a compiler: a comment before every public function, rows and list of operations in
step, the layers' arrows, who includes stdio, and the length of files."""
import pathlib
import re
import sys

problems = []


def complain(path, line, text):
    problems.append(f"{path}:{line}: {text}")


def check_comments(path):
    """Every COR_API declaration follows a comment, or another declaration that does."""
    described = False
    for number, line in enumerate(path.read_text().split("\n"), 1):
        if line.startswith(("/*", " *")):
            described = True
        elif line.startswith("COR_API") and not described:
            complain(path, number, f"no comment before {line.split('(')[0]}")
        elif not line.strip():
            described = False


def check_rows():
    """No row is listed twice. (That every listed row exists is the linker's business, that every row is listed that of
    tools/symbols.)"""
    listed = re.findall(r"^COR__OP\((\w+)\)", pathlib.Path("src/ops/op_list.h").read_text(), re.M)
    for name in sorted({name for name in listed if listed.count(name) > 1}):
        complain("src/ops/op_list.h", 0, f"{name} stands twice")


LAYERS = ["base", "kernels", "tensor", "conv", "graph", "ops", "autograd", "nn", "models", "optim", "data", "io", "cli"]


def check_arrows():
    for path in pathlib.Path("src").rglob("*.[ch]"):
        layer = path.parts[1]
        for number, line in enumerate(path.read_text().split("\n"), 1):
            match = re.match(r'#include "(\w+)/', line)
            if match and match.group(1) in LAYERS and LAYERS.index(match.group(1)) > LAYERS.index(layer):
                complain(path, number, f"{layer} may not use {match.group(1)}")
            if "<stdio.h>" in line and layer not in ("io", "cli") and str(path) != "src/base/text.c":
                complain(path, number, "only src/base/text.c includes stdio.h")


def check_lengths():
    for folder in ("src", "include", "tests", "examples", "tools"):
        for path in pathlib.Path(folder).rglob("*"):
            if path.suffix in (".c", ".h", ".py", ".sh") and path.is_file():
                lines = path.read_text().count("\n")
                if lines > 650:
                    complain(path, lines, "longer than 650 lines: one idea a file")


for header in sorted(pathlib.Path("include").rglob("*.h")):
    check_comments(header)
check_rows()
check_arrows()
check_lengths()
print("\n".join(problems))
sys.exit(1 if problems else 0)
