"""The scenarios of backward hooks on modules, for make_autograd.py."""
import torch
from torch import nn
from torch.autograd import grad
from torch.nn.modules import module as globally

from autograd_notes import attempt, leaf, note, of, show


class Three(nn.Module):
    """Two inputs and three outputs, of which the last requires no grad."""
    def forward(self, a, b):
        return a * b, a + 1, b.detach() * 2


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(of(3, 4))

    def forward(self, a):
        return a * self.w


def all_of(grads):
    return " ".join("none" if g is None else "[" + " ".join(f"{v:g}" for v in g.tolist()) + "]" for g in grads)


def after(label, times=None):
    def hook(module, grad_input, grad_output):
        note(label, type(module).__name__, all_of(grad_input), "of", all_of(grad_output))
        return None if times is None else tuple(None if g is None else g * times for g in grad_input)

    return hook


def before(label, times=None):
    def hook(module, grad_output):
        note(label, type(module).__name__, all_of(grad_output))
        return None if times is None else tuple(None if g is None else g * times for g in grad_output)

    return hook


def module_hooks():
    m, x, w = Three(), leaf(1, 2), leaf(3, 4)
    m.register_full_backward_hook(after("b1", 10))
    m.register_full_backward_hook(after("b2"))
    m.register_full_backward_hook(after("b0"), prepend=True)
    m.register_full_backward_pre_hook(before("p1", 2))
    m.register_full_backward_pre_hook(before("p2"))
    m.register_full_backward_pre_hook(before("p0"), prepend=True)
    handles = [globally.register_module_full_backward_hook(after("every")),
               globally.register_module_full_backward_pre_hook(before("every pre"))]
    y = m(x, w)
    for t in y:
        show("y", t)
    y[0].sum().backward()
    show("x", x.grad)
    show("w", w.grad)
    note("constant")
    y = m(x, of(5, 6))
    y[0].sum().backward()
    show("x", x.grad)
    note("constants")
    show("y", m(of(1, 2), of(3, 4))[0])
    with torch.no_grad():
        show("y", m(x, w)[0])
    for handle in handles:
        handle.remove()
    m(x, w)[1].sum().backward()
    show("x", x.grad)


def module_without_inputs():
    m = Scale()
    m.register_full_backward_hook(after("hook"))
    m.register_full_backward_pre_hook(before("pre", 2))
    m(of(5, 6)).sum().backward()
    show("w", m.w.grad)
    m.register_full_backward_hook(lambda module, grad_input, grad_output: (of(1, 2),))
    attempt(m(of(5, 6)).sum().backward)
    show("w", m.w.grad)


def module_hooks_removed():
    """The hooks of a pass are those of the call."""
    m, x, w = Three(), leaf(1, 2), leaf(3, 4)
    handle = m.register_full_backward_hook(after("removed"))
    y = m(x, w)
    handle.remove()
    y[0].sum().backward()
    show("plain", m(x, w)[0])
    y = m(x, w)
    m.register_full_backward_hook(after("late"))
    y[0].sum().backward()
    y = m(x, w)[0].sum()
    y.backward(retain_graph=True)
    y.backward()
    show("x", x.grad)


def module_changed_in_place():
    class Adds(nn.Module):
        def forward(self, a):
            return a.add_(1)

    m, x, w = Three(), leaf(1, 2), leaf(3, 4)
    m.register_full_backward_hook(after("hook"))
    attempt(m(x, w)[0].add_, 1)
    m = nn.Identity()
    m.register_full_backward_pre_hook(before("pre"))
    y = m(x)
    note("same" if y is x else "another")
    attempt(y.add_, 1)
    y.sum().backward()
    show("x", x.grad)
    m = Adds()
    m.register_full_backward_hook(after("hook"))
    attempt(m, x * 1)


def nested_modules():
    m, x = nn.Sequential(nn.ReLU(), nn.Tanh()), leaf(0, 0)
    for child in m.modules():
        child.register_full_backward_hook(after("hook"))
        child.register_full_backward_pre_hook(before("pre", 2))
    m(x + 0).sum().backward()
    show("x", x.grad)


def hooks_twice():
    m, x, w = Three(), leaf(1, 2), leaf(3, 4)
    m.register_full_backward_hook(after("hook"))
    y = m(x, w)
    a = grad((y[0] ** 2).sum(), [x], create_graph=True)[0]
    show("a", a.detach())
    for name, t in zip("xw", grad(a.sum(), [x, w])):
        show(name, t)


def hooks_replace_wrongly():
    x, w = leaf(1, 2), leaf(3, 4)

    def run(register, hook):
        m = Three()
        register(m, hook)
        x.grad = w.grad = None
        attempt(m(x, w)[0].sum().backward)
        show("x", x.grad)
        show("w", w.grad)

    def fails(*_):
        raise RuntimeError("boom")

    hook, pre = nn.Module.register_full_backward_hook, nn.Module.register_full_backward_pre_hook
    run(hook, lambda m, gi, go: (gi[0].repeat(2), gi[1]))
    run(pre, lambda m, go: (go[0].repeat(2), go[1], go[2]))
    run(hook, lambda m, gi, go: (None, gi[1]))
    run(pre, lambda m, go: (go[0], of(1, 10), go[2]))
    run(hook, fails)
    run(pre, fails)


def hooks_around_forward():
    m, x = nn.ReLU(), leaf(1, 2)
    m.register_full_backward_hook(after("hook"))
    m.register_forward_pre_hook(lambda module, args: show("pre", args[0]))
    m.register_forward_hook(lambda module, args, output: show("in", args[0]) or show("out", output))
    show("y", m(x))
    with torch.inference_mode():
        m(x)


SCENARIOS = (module_hooks, module_without_inputs, module_hooks_removed, module_changed_in_place, nested_modules,
             hooks_twice, hooks_replace_wrongly, hooks_around_forward)
