"""The operations of ops.txt, op_errors.txt and grad_fn.txt by name."""
import torch
import torch.nn.functional as F

SPECIAL = {
    "getitem_slice": lambda x, dim, start, stop, step: x[(slice(None),) * dim + (slice(start, stop, step),)],
    "cat": lambda *t, dim=0: torch.cat(t, dim),
    "stack": lambda *t, dim=0: torch.stack(t, dim),
    "to": lambda x, dtype: x.to(dtype),
    "view": lambda x, sizes: x.view(sizes),
    "reshape": lambda x, sizes: x.reshape(sizes),
    "expand": lambda x, sizes: x.expand(sizes),
    "permute": lambda x, dims: x.permute(dims),
    "contiguous": lambda x: x.contiguous(),
    "item": lambda x: x.item(),
    "full": lambda size, fill_value, dtype=None: torch.full(size, fill_value, dtype=dtype),
    "linear": F.linear,
    "getitem": lambda x, index: x[tuple(index)],
    "requires_grad_": lambda x, value=True: x.requires_grad_(value),
}


def function_of(name):
    """A function of the operands and the named options: ours, torch.nn.functional's, torch's or the method."""
    if name in SPECIAL:
        return SPECIAL[name]
    if not name.endswith("_"):
        for place in (F, torch):
            if hasattr(place, name):
                return getattr(place, name)
    return lambda x, *rest, **options: getattr(x, name)(*rest, **options)
