"""What every make_*.py shares: the tensor notation, the writer of records, and the environment they run in.

README.md describes the format. A tensor is always built from the text that is written, so the text is enough.
"""
import os
import re
import sys

# Sets print in hash order and reductions split by thread: both are pinned, before torch is loaded.
_PINNED = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
if any(os.environ.get(name) != value for name, value in _PINNED.items()):
    os.environ.update(_PINNED)
    os.execv(sys.executable, [sys.executable] + sys.argv)

import torch  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
DTYPES = {name: getattr(torch, name) for name in (
    "bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64")}
FLOATS = ("float16", "bfloat16", "float32", "float64")
INTEGERS = ("uint8", "int8", "int16", "int32", "int64")


def dtype_name(dtype):
    return str(dtype).split(".")[1]


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def raw(tensor):
    """The elements in row-major order as little-endian bytes."""
    flat = tensor.detach().reshape(-1).clone(memory_format=torch.contiguous_format)
    if flat.numel() == 0:
        return b""
    return flat.view(torch.uint8).numpy().tobytes()


def sizes_text(sizes):
    return "[" + ",".join(str(int(size)) for size in sizes) + "]"


def hex_spec(tensor):
    """The notation of a tensor given by its bytes."""
    return f"{dtype_name(tensor.dtype)} {sizes_text(tensor.shape)} hex:{raw(tensor).hex()}"


def result(tensor, whole=128, first=8):
    """The notation of an expected tensor: all bytes when there are at most `whole`, or NaN among them, whose bits may
    differ; else hash and first elements."""
    data = raw(tensor)
    if len(data) <= whole or tensor.isnan().any():
        return hex_spec(tensor)
    head = data[: first * tensor.element_size()]
    return f"{dtype_name(tensor.dtype)} {sizes_text(tensor.shape)} fnv:{fnv1a(data):016x} first:{head.hex()}"


def _fill(dtype, sizes, fill):
    count = 1
    for size in sizes:
        count *= size
    kind, _, arguments = fill.partition(":")
    if kind == "hex":
        if count == 0:
            return torch.empty(sizes, dtype=dtype)
        return torch.frombuffer(bytearray.fromhex(arguments), dtype=torch.uint8).view(dtype).reshape(sizes).clone()
    index = torch.arange(count, dtype=torch.int64)
    numbers = arguments.split(",")
    if kind == "formula":
        a, b, m, c = (int(n) for n in numbers[:4])
        value = (index * a + b) % m - c
        if len(numbers) > 4:
            value = value.to(torch.float64) / int(numbers[4])
    elif kind == "arange":
        if dtype.is_floating_point:
            value = float(numbers[0]) + index.to(torch.float64) * float(numbers[1])
        else:
            value = int(numbers[0]) + index * int(numbers[1])
    else:
        raise ValueError(fill)
    return value.to(dtype).reshape(sizes).clone()  # clone: no view, which in-place errors would tell


_STEPS = {
    "transpose": lambda t, a: t.transpose(*a),
    "permute": lambda t, a: t.permute(*a),
    "slice": lambda t, a: t[(slice(None),) * a[0] + (slice(a[1], a[2], a[3]),)],
    "select": lambda t, a: t.select(*a),
    "expand": lambda t, a: t.expand(*a),
    "unsqueeze": lambda t, a: t.unsqueeze(*a),
    "squeeze": lambda t, a: t.squeeze(*a),
}


def build(text):
    """The tensor (or Python number) that a line of the notation stands for."""
    words = text.split()
    if words[0] == "number":
        return {"int": int, "float": float, "bool": lambda w: w == "true"}[words[1]](words[2])
    if words[0] == "none":
        return None
    sizes = [int(size) for size in words[1][1:-1].split(",") if size]
    tensor = _fill(DTYPES[words[0]], sizes, words[2])
    flags = [word for word in words[3:] if "(" not in word]
    for word in words[3:]:
        step = re.fullmatch(r"(\w+)\(([-\d,]*)\)", word)
        if step:
            tensor = _STEPS[step[1]](tensor, [int(n) for n in step[2].split(",") if n])
    if "parameter" in flags:
        return torch.nn.Parameter(tensor, requires_grad="requires_grad" in flags)
    return tensor.requires_grad_() if "requires_grad" in flags else tensor


def value_text(value):
    """An option's value: numbers as Python writes them, true, false, none, [lists,without,spaces], bare words."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple, torch.Size)):
        return "[" + ",".join(value_text(item) for item in value) + "]"
    if isinstance(value, torch.dtype):
        return dtype_name(value)
    return repr(value) if isinstance(value, float) else str(value)


def options_text(options):
    return " ".join(f"{name}={value_text(value)}" for name, value in options.items())


def call(function):
    """The result of function() or the exception that it raised."""
    try:
        return function(), None
    except Exception as error:  # every exception class is an expected result here
        return None, error


class File:
    """A golden file in the making; write() makes it under tests/golden."""

    def __init__(self, name, *about):
        capability = torch.backends.cpu.get_cpu_capability()
        self.name = name
        self.count = 0
        self.lines = [f"# {name}: made by {os.path.basename(sys.argv[0])}; do not edit",
                      f"# torch {torch.__version__} capability {capability}"]
        for paragraph in about:
            self.lines += ["# " + line if line else "#" for line in paragraph.strip("\n").split("\n")]
        self.lines.append("")

    def record(self, name, *fields, error=None, text=None):
        """One record; a field is (key, value), fields with value None or "" are left out."""
        self.count += 1
        self.lines.append(f"@ {self.count} {name}")
        self.lines += [f"{key} {value}" for key, value in fields if value not in (None, "")]
        if error is not None:
            self.lines.append(f"error {type(error).__name__}")
            text = str(error)
        if text is not None:
            rows = text.split("\n")
            self.lines.append(f"text {len(rows)}")
            self.lines += ["|" + row for row in rows]
        self.lines.append("")

    def write(self):
        path = os.path.join(HERE, self.name)
        with open(path, "w", encoding="utf-8", newline="\n") as out:
            out.write("\n".join(self.lines))
        print(f"{self.name}: {self.count} records, {os.path.getsize(path)} bytes")
