"""What a scenario of make_autograd.py notes: tensors, and the texts of errors."""
import warnings

import torch

warnings.filterwarnings("ignore")

LOG = []


def note(*words):
    LOG.append(" ".join(str(word) for word in words))


def show(name, t):
    if t is None:
        return note(name, "none")
    values = "".join(f" {value:g}" for value in t.detach().double().flatten().tolist())
    history = f" {t.grad_fn.name()}" if t.grad_fn is not None else " leaf" if t.requires_grad else ""
    history = history.replace("torch::autograd::", "")
    note(f"{name} {str(t.dtype)[6:]} {str(list(t.shape)).replace(' ', '')}{values}{history}")


def attempt(function, *arguments, **options):
    try:
        function(*arguments, **options)
        note("done")
    except RuntimeError as error:
        note("error", str(error).split("\n")[0].replace("hook '<lambda>'", "hook").replace("hook 'hook'", "hook"))
    except (ValueError, TypeError) as error:
        note("error", error)


def leaf(*values, dtype=torch.float32):
    return torch.tensor(values, dtype=dtype, requires_grad=True)


def of(*values):
    return torch.tensor(values, dtype=torch.float32)
