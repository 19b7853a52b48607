"""promotion.txt: the result dtype of binary operations for every pair of operands, or PyTorch's refusal."""
import warnings

import torch

import golden
from golden import DTYPES, File, build, call, dtype_name

warnings.filterwarnings("ignore")

OPERATIONS = {
    "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "floor_divide": torch.floor_divide,
    "remainder": torch.remainder, "fmod": torch.fmod, "pow": torch.pow,
    "div_trunc": lambda a, b: torch.div(a, b, rounding_mode="trunc"),
    "div_floor": lambda a, b: torch.div(a, b, rounding_mode="floor"),
    "true_divide": torch.true_divide, "eq": torch.eq, "lt": torch.lt,
    "bitwise_and": torch.bitwise_and, "bitwise_or": torch.bitwise_or,
    "logical_and": torch.logical_and, "maximum": torch.maximum,
    "where": lambda a, b: torch.where(torch.tensor([True, False]), a, b),
    "cat": lambda a, b: torch.cat([a, b]),
    "add_": lambda a, b: a.clone().add_(b), "mul_": lambda a, b: a.clone().mul_(b),
    "div_": lambda a, b: a.clone().div_(b),
}

OUT = File("promotion.txt", """
One record a pair of operands; all values are 1. `result_type` is torch.result_type(in0, in1); then one field an
operation, named by it: the dtype of the result, or `error CLASS: TEXT`. div_trunc and div_floor are div with that
rounding_mode; where has a bool tensor [2] as condition; cat is cat([in0, in1]); add_ and so on change in0. The text
of an error is on one line here (a new line in it is written as \\n).
""")


def specs():
    for name in DTYPES:
        yield f"{name} [2] arange:1,0"
        yield f"{name} [] arange:1,0"
    yield from ("number int 1", "number float 1.0", "number bool true")


def outcome(function, a, b):
    value, error = call(lambda: function(a, b))
    if error is not None:
        return f"error {type(error).__name__}: " + str(error).replace("\n", "\\n")
    return dtype_name(value.dtype)


def main():
    for first in specs():
        for second in specs():
            a, b = build(first), build(second)
            if not isinstance(a, torch.Tensor) and not isinstance(b, torch.Tensor):
                continue
            fields = [("in0", first), ("in1", second), ("result_type", dtype_name(torch.result_type(a, b)))]
            for name, function in OPERATIONS.items():
                value = outcome(function, a, b)
                if any(words in value for words in ("must be Tensor", "invalid combination", "has no attribute",
                                                    "expected Tensor as")):
                    continue  # Python's own refusal of a number in this place
                fields.append((name, value))
            OUT.record("promotion", *fields)
    OUT.write()


if __name__ == "__main__":
    main()
