"""The scenarios of hooks, for make_autograd.py."""
import torch
from torch.autograd import grad

from autograd_notes import attempt, leaf, note, of, show


def seen(name):
    return lambda g: show(name, g)


def times(n):
    return lambda g: g * n


def order():
    x = leaf(1, 2)
    y = x * 3
    y.register_hook(seen("first"))
    y.register_hook(times(10))
    y.register_hook(seen("third"))
    x.register_hook(seen("x"))
    y.sum().backward()
    show("grad", x.grad)


def on_leaves():
    x = leaf(1, 2)
    handle = x.register_hook(times(10))
    (x * 2).sum().backward()
    show("grad", x.grad)
    handle.remove()
    (x * 2).sum().backward()
    show("grad", x.grad)
    x.register_hook(seen("whole"))
    (x * 2 + x * 3).sum().backward()
    show("grad", x.grad)
    attempt(of(1).register_hook, times(2))


def removed_while_running():
    x = leaf(1)
    handles = {}

    def remover(name, *others):
        def hook(g):
            note(name)
            for other in others:
                handles[other].remove()
        handles[name] = x.register_hook(hook)

    remover("a", "a")
    remover("b", "a")
    remover("c")
    remover("d", "d")
    remover("e")
    for _ in range(2):
        (x * 2).sum().backward()
        note("end")


def changed_in_place():
    x = leaf(1, 2)
    y = x * 3
    y.register_hook(lambda g: None if g.mul_(2) is None else None)
    y.register_hook(seen("doubled"))
    (y * of(1, 10)).sum().backward()
    show("grad", x.grad)


def refused():
    x, w = leaf(1, 2), leaf(3, 4)
    w.grad = of(7, 7)

    def failing_hook(g):
        raise RuntimeError("boom")

    y = x * w
    handle = y.register_hook(failing_hook)
    attempt(y.sum().backward)
    handle.remove()
    show("x", x.grad)
    y = x * w
    y.register_hook(lambda g: g.sum().view(1))
    attempt(y.sum().backward)
    y = x * w
    y.register_hook(lambda g: g.double())
    attempt(y.sum().backward)
    show("x", x.grad)


def retained_gradients():
    x = leaf(1, 2)
    y = x * 3
    y.retain_grad()
    y.register_hook(times(10))
    note(y.retains_grad, x.retains_grad)
    x.retain_grad()
    note(x.retains_grad)
    z = (y * y).sum()
    z.backward(retain_graph=True)
    show("y", y.grad)
    show("x", x.grad)
    z.backward(retain_graph=True)
    show("y", y.grad)
    y.grad = None
    z.backward()
    show("y", y.grad)
    attempt(of(1).retain_grad)
    y = x * 3
    y.retain_grad()
    z = (y * 2).sum()
    grad(z, [x], retain_graph=True)
    show("after grad", y.grad)
    y.grad = None
    grad(z, [y])
    show("captured", y.grad)


def retained_through_changes():
    x = leaf(1, 2)
    y = x * 3
    y.retain_grad()
    y.register_hook(seen("old"))
    y.mul_(2)
    y.register_hook(seen("new"))
    (y * of(1, 10)).sum().backward()
    show("y", y.grad)
    note(y.retains_grad)
    y = x * 3
    v = y[0:1]
    v.retain_grad()
    y.retain_grad()
    v.mul_(5)
    (y * of(1, 10)).sum().backward(retain_graph=True)
    show("v", v.grad)
    show("y", y.grad)
    v.sum().backward()
    show("v", v.grad)


def retained_and_gone():
    x = leaf(1, 2)
    y = x * 3
    y.retain_grad()
    z = (y * 2).sum()
    del y
    z.backward()
    show("x", x.grad)


def after_accumulation():
    x, w = leaf(1, 2), leaf(3, 4)
    x.register_hook(times(10))
    x.register_post_accumulate_grad_hook(lambda p: show("first", p.grad))
    handle = x.register_post_accumulate_grad_hook(lambda p: show("second", p.grad))
    (x * w).sum().backward()
    handle.remove()
    (x * w).sum().backward()
    attempt((x * 2).register_post_accumulate_grad_hook, seen("no"))
    attempt(of(1).register_post_accumulate_grad_hook, seen("no"))
    note("grad")
    show("of x", grad((x * w).sum(), [x])[0])
    note("inputs")
    (x * w).sum().backward(inputs=[w])
    show("w", w.grad)
    (x * w).sum().backward(inputs=[x])
    show("x", x.grad)


def steps_in_hooks():
    """An optimizer inside the pass, which drops the gradient."""
    x = leaf(1, 2)

    def step(p):
        with torch.no_grad():
            p.sub_(p.grad)
        p.grad = None

    x.register_post_accumulate_grad_hook(step)
    (x * x).sum().backward()
    show("x", x)
    show("grad", x.grad)


def hooks_of_inputs():
    x = leaf(1, 2)
    y = x * 3
    x.register_hook(times(10))
    y.register_hook(times(100))
    z = (y * 2).sum()
    for name, t in zip("yx", grad(z, [y, x], retain_graph=True)):
        show(name, t)
    show("x", grad(z, [x], retain_graph=True)[0])
    show("y", grad(z, [y], retain_graph=True)[0])
    z.register_hook(seen("root"))
    z.backward()
    show("x", x.grad)


def of_parts():
    x = leaf(1, 2, 3)
    a, b, c = (x * 2).chunk(3)
    b.register_hook(seen("b"))
    b.register_hook(times(5))
    (a + b * 2).sum().backward()
    show("x", x.grad)


def recording():
    x = leaf(1, 2)
    y = x * x
    y.register_hook(lambda g: note(torch.is_grad_enabled(), g.requires_grad))
    y.sum().backward(retain_graph=True)
    (y * y).sum().backward(create_graph=True, retain_graph=True)
    x.grad = None
    y.register_hook(times(10))
    g = grad((y * y).sum(), [x], create_graph=True)[0]
    show("g", g)
    show("of g", grad(g.sum(), [x])[0])


def passes_inside():
    x, w = leaf(1, 2), leaf(3, 4)

    def hook(g):
        with torch.enable_grad():
            (w * w).sum().backward()
        note("inside", torch.is_grad_enabled())
        return g * w.grad

    y = x * 3
    y.register_hook(hook)
    y.sum().backward()
    show("x", x.grad)
    show("w", w.grad)
    note(torch.is_grad_enabled())
