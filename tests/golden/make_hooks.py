"""hooks.txt: in which order PyTorch runs hooks, what they see, and what comes of what they change."""
import warnings

import torch
from torch import nn
from torch.nn.modules import module as globally

from golden import File

warnings.filterwarnings("ignore")

OUT = File("hooks.txt", """
Each record is named as a scenario: a function of make_hooks.py and one of tests/test_hooks.c, which do the same. `text`
is what the hooks noted: a line each. Scale has a parameter w, [1] of 3, and a non-persistent buffer; its forward is
x * w. Pair has two of them, first and second, and runs them one after another.
""")

LOG = []


def note(*words):
    LOG.append(" ".join(str(word) for word in words))


def number(value):
    return "none" if value is None else f"{value.item():g}"


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.full([1], 3.0))
        self.register_buffer("b", torch.zeros(1), persistent=False)

    def forward(self, x):
        note("forward", number(x))
        return x * self.w


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = Scale()
        self.second = Scale()

    def forward(self, x):
        return self.second(self.first(x))


class Failing(nn.Module):
    def forward(self, x):
        note("forward", number(x))
        raise RuntimeError("boom")


class Keeping(Scale):
    def __init__(self, state=7.0):
        super().__init__()
        self.state = state

    def get_extra_state(self):
        return None if self.state is None else torch.full([1], self.state)

    def set_extra_state(self, state):
        note("set", number(state))


ONE, TWO = torch.tensor([1.0]), torch.tensor([2.0])


def pre(label, add=None, fails=False):
    def hook(module, args):
        note(label, type(module).__name__, number(args[0]))
        if fails:
            raise RuntimeError(label)
        return None if add is None else args[0] + add

    return hook


def post(label, times=None, fails=False):
    def hook(module, args, output):
        note(label, type(module).__name__, number(args[0]), number(output))
        if fails:
            raise RuntimeError(label)
        return None if times is None else output * times

    return hook


def attempt(function):
    try:
        value = function()
        note("result", number(value) if isinstance(value, torch.Tensor) else value)
    except Exception as error:
        note("error", error)


def order():
    m = Scale()
    m.register_forward_pre_hook(pre("pre1"))
    m.register_forward_pre_hook(pre("pre2", add=1))
    m.register_forward_pre_hook(pre("pre0"), prepend=True)
    m.register_forward_hook(post("post1", times=10))
    m.register_forward_hook(post("post2"))
    m.register_forward_hook(post("post0"), prepend=True)
    handles = [globally.register_module_forward_pre_hook(pre("every pre", add=5)),
               globally.register_module_forward_hook(post("every post", times=2))]
    attempt(lambda: m(TWO))
    attempt(lambda: Pair()(ONE))
    for handle in handles:
        handle.remove()
    attempt(lambda: m(TWO))


def changes_while_running():
    m = Scale()
    handles = {}

    def once(module, args):
        note("once", number(args[0]))
        handles["once"].remove()
        module.register_forward_pre_hook(pre("late"))

    handles["once"] = m.register_forward_pre_hook(once)
    m.register_forward_pre_hook(pre("after"))
    attempt(lambda: m(TWO))
    attempt(lambda: m(TWO))


def changes_other_hooks():
    m = Scale()
    handles = {}

    def removes(module, args):
        note("removes", number(args[0]))
        if handles:
            handles.pop("gone").remove()
            handles["every"] = globally.register_module_forward_hook(post("every post"))
            module.register_forward_hook(post("post"))

    m.register_forward_pre_hook(removes)
    handles["gone"] = m.register_forward_pre_hook(pre("gone"))
    attempt(lambda: m(TWO))
    handles.pop("every").remove()
    attempt(lambda: m(TWO))


def always_call():
    m = Failing()
    m.register_forward_hook(post("plain"))
    m.register_forward_hook(post("always"), always_call=True)
    m.register_forward_hook(post("always fails", fails=True), always_call=True)
    m.register_forward_hook(post("always last"), always_call=True)
    attempt(lambda: m(TWO))
    m = Scale()
    m.register_forward_pre_hook(pre("pre fails", fails=True))
    m.register_forward_hook(post("always"), always_call=True)
    attempt(lambda: m(TWO))


def always_call_after_a_hook():
    m = Scale()
    m.register_forward_hook(post("always1", times=2), always_call=True)
    m.register_forward_hook(post("fails", fails=True))
    m.register_forward_hook(post("plain"))
    m.register_forward_hook(post("always2"), always_call=True)
    handle = globally.register_module_forward_hook(post("every"), always_call=True)
    attempt(lambda: m(TWO))
    handle.remove()
    m = Scale()
    m.register_forward_hook(post("always fails", fails=True), always_call=True)
    attempt(lambda: m(TWO))


def save_pre(label):
    return lambda module, prefix, keep_vars: note(label, type(module).__name__, repr(prefix), keep_vars)


def save_post(label, change=None):
    def hook(module, dict_, prefix, metadata):
        note(label, type(module).__name__, repr(prefix), list(dict_))
        if change is not None:
            change(dict_, prefix)

    return hook


def put(name):
    def change(dict_, prefix):
        dict_[prefix + name] = torch.zeros(1)

    return change


def drop(name):
    def change(dict_, prefix):
        del dict_[prefix + name]

    return change


def saving():
    m = Pair()
    m.register_state_dict_pre_hook(save_pre("pre"))
    m.first.register_state_dict_pre_hook(save_pre("child pre"))
    m.first.register_state_dict_post_hook(save_post("child post", put("note")))
    m.register_state_dict_post_hook(save_post("post", drop("first.w")))
    m.register_state_dict_post_hook(save_post("post2"))
    note("keys", list(m.state_dict()))
    note("keys", list(m.state_dict(prefix="x.", keep_vars=True)))


def load_pre(label, change=None):
    def hook(module, dict_, prefix, metadata, strict, missing, unexpected, errors):
        note(label, type(module).__name__, repr(prefix), metadata.get("version", -1), list(dict_), missing, unexpected)
        if change is not None:
            change(dict_, prefix, missing, unexpected, errors)

    return hook


def load_post(label, change=None):
    def hook(module, keys):
        note(label, type(module).__name__, keys.missing_keys, keys.unexpected_keys)
        if change is not None:
            change(keys)

    return hook


def rename(dict_, prefix, *_):
    dict_["first.w"] = dict_.pop("old")


def loading():
    m = Pair()
    m.register_load_state_dict_pre_hook(load_pre("pre", rename))
    m.first.register_load_state_dict_pre_hook(load_pre("child pre"))
    m.first.register_load_state_dict_post_hook(load_post("child post"))
    m.second.register_load_state_dict_pre_hook(load_pre("second pre"))
    m.register_load_state_dict_post_hook(load_post("post"))
    state = m.state_dict()
    state["old"] = torch.full([1], 5.0)
    del state["first.w"]
    state["strange"] = torch.zeros(1)
    state["second.strange"] = torch.zeros(1)
    attempt(lambda: m.load_state_dict(state))
    note("w", number(m.first.w))
    attempt(lambda: m.load_state_dict({"old": ONE, "second.w": ONE}))
    note("w", number(m.first.w))


def lists_edited():
    def forgive(keys):
        keys.missing_keys.clear()
        keys.unexpected_keys.append("from a hook")

    def complain(dict_, prefix, missing, unexpected, errors):
        missing.append(prefix + "wish")
        errors.append("a complaint")

    m = Pair()
    m.register_load_state_dict_post_hook(load_post("post", forgive))
    attempt(lambda: m.load_state_dict({}))
    attempt(lambda: m.load_state_dict({}, strict=False))
    m = Pair()
    m.second.register_load_state_dict_pre_hook(load_pre("pre", complain))
    attempt(lambda: m.load_state_dict(m.state_dict()))
    attempt(lambda: m.load_state_dict(m.state_dict(), strict=False))


def stays_under_its_prefix():
    def meddle(dict_, prefix, *_):
        del dict_["first.w"]
        dict_["second.w"] = torch.full([1], 9.0)

    m = Pair()
    m.first.register_load_state_dict_pre_hook(load_pre("pre", meddle))
    attempt(lambda: m.load_state_dict({"first.w": TWO, "second.w": TWO}))
    note("w", number(m.first.w), number(m.second.w))


def failing_load():
    def fail(*_):
        raise RuntimeError("no")

    m = Pair()
    m.first.register_load_state_dict_post_hook(load_post("child post", fail))
    m.register_load_state_dict_post_hook(load_post("post"))
    attempt(lambda: m.load_state_dict({"first.w": TWO, "second.w": TWO}))
    note("w", number(m.first.w), number(m.second.w))
    m = Pair()
    m.first.register_state_dict_post_hook(save_post("child post", fail))
    attempt(m.state_dict)


def extra_state():
    m = Pair()
    m.first = Keeping()
    m.second = Keeping(None)
    state = m.state_dict()
    note("keys", list(state), number(state["first._extra_state"]))
    attempt(lambda: m.load_state_dict(state))
    del state["second._extra_state"]
    attempt(lambda: m.load_state_dict(state))
    attempt(lambda: m.load_state_dict(state, strict=False))
    attempt(lambda: Pair().load_state_dict(state))
    attempt(lambda: Scale().load_state_dict({"_extra_state": ONE, "strange": ONE}))


def registration():
    def tensor_hook(label, replacement=None):
        def hook(module, name, value):
            note(label, type(module).__name__, name, number(value))
            return replacement

        return hook

    def module_hook(module, name, child):
        note("module", type(module).__name__, name, type(child).__name__)
        return nn.Identity() if isinstance(child, nn.ReLU) else None

    handles = [globally.register_module_parameter_registration_hook(tensor_hook("parameter")),
               globally.register_module_parameter_registration_hook(tensor_hook("again", nn.Parameter(ONE))),
               globally.register_module_buffer_registration_hook(tensor_hook("buffer", TWO)),
               globally.register_module_module_registration_hook(module_hook)]
    m = Pair()
    m.add_module("r", nn.ReLU())
    m.register_parameter("none", None)
    m.register_buffer("nothing", None)
    m.add_module("empty", None)
    for handle in handles:
        handle.remove()
    m.add_module("s", nn.ReLU())
    note("w", number(m.first.w), number(m.first.b), number(m.nothing))
    note("children", [f"{name}: {type(child).__name__}" for name, child in m.named_children()])


if __name__ == "__main__":
    for scenario in (order, changes_while_running, changes_other_hooks, always_call, always_call_after_a_hook, saving,
                     loading, lists_edited, stays_under_its_prefix, failing_load, extra_state, registration):
        LOG.clear()
        scenario()
        OUT.record(scenario.__name__, text="\n".join(LOG))
    OUT.write()
