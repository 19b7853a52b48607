"""Which rows are compared: those of the shape files, as Corrie reads them."""
import json
import pathlib
import subprocess

from classes import class_of
from problem import Problem


class Row:
    def __init__(self, listed, network):
        self.text, self.direction, self.dtype = listed["problem"], listed["direction"], listed["dtype"]
        self.problem = Problem(self.text)
        self.networks = [network]
        self.layer_class = class_of(self.problem, self.dtype)

    @property
    def key(self):
        return self.text, self.direction, self.dtype


def _listed(corrie, arguments):
    output = subprocess.run([corrie, "bench", "conv", "--list", "--json", *arguments], check=True, capture_output=True)
    return [json.loads(line) for line in output.stdout.splitlines()]


def read_rows(corrie, sources, directions):
    """The rows of files (paths that exist) and problems; a problem of several networks is one row."""
    rows = {}
    for source in sources:
        path = pathlib.Path(source)
        arguments = ["--shapes", source] if path.exists() else ["--", source]
        for listed in _listed(corrie, ["--dir", ",".join(directions), *arguments]):
            row = Row(listed, path.stem if path.exists() else "")
            if row.key in rows:
                rows[row.key].networks += row.networks
            elif row.direction == "fwd" or row.dtype.startswith("float"):  # integers have no gradients
                rows[row.key] = row
    return list(rows.values())


def choose(rows, classes, per_class):
    """The rows of the classes whose names contain one of the words; at most per_class of each and direction, spread."""
    chosen = []
    groups = {}
    for row in rows:
        if not classes or any(word in row.layer_class for word in classes):
            groups.setdefault((row.layer_class, row.direction), []).append(row)
    for group in groups.values():
        n = min(per_class or len(group), len(group))
        chosen += [group[i * len(group) // n] for i in range(n)]
    return chosen
