"""The notation of modules (README.md): a call of constructors, evaluated with bare words standing for strings."""
import collections

import torch


def _sequential(*children, **named):
    return torch.nn.Sequential(collections.OrderedDict(named)) if named else torch.nn.Sequential(*children)


def _custom(name, extra=None, **children):
    members = {} if extra is None else {"extra_repr": lambda self: extra}
    module = type(name, (torch.nn.Module,), members)()
    for key, child in children.items():
        module.add_module(key, child)
    return module


_CONTAINERS = {"Sequential": _sequential, "Custom": _custom, "ModuleList": lambda *items: torch.nn.ModuleList(items),
               "ModuleDict": lambda **items: torch.nn.ModuleDict(items), "ones": torch.ones}


class _Names(dict):
    def __missing__(self, name):
        return getattr(torch.nn, name, name) if name[0].isupper() else name


def build_module(text):
    return eval(text, {}, _Names(_CONTAINERS))  # our own text, from the scripts beside this file
