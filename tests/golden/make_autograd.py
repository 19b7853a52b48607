"""autograd.txt: what gradients come of passes, of changes in place and of hooks, and what is refused."""
import torch
from torch.autograd import grad

import autograd_functions
import autograd_hooks as hooks
import autograd_inference
import autograd_modules
from autograd_notes import LOG, attempt, leaf, note, of, show
from golden import File

OUT = File("autograd.txt", """
Each record is named as a scenario: a function of make_autograd.py and one of tests/test_autograd*.c, which do the same.
`subject` says of which program. `text` is what the scenario noted, a line each: a tensor's dtype, sizes, elements and
grad_fn, or the text of an error.
""")


# ---- passes -----------------------------------------------------------------------------------------------------------

def stored_then_added():
    x = leaf(1, 2)
    (x * x).sum().backward()
    first = x.grad
    show("first", first)
    (x * 3).sum().backward()
    note("same" if first is x.grad else "another")
    show("second", first)
    x.grad = None
    (x * 5).sum().backward()
    show("dropped", x.grad)
    show("kept", first)


def added_to_what_is_there():
    x, own = leaf(1, 2), of(10, 20)
    x.grad = own
    (x * 2).sum().backward()
    show("own", own)
    w = leaf(5, 6)
    x.grad = w
    (x * 2).sum().backward()
    show("leaf", x.grad)
    note("same" if x.grad is w else "another")


def second_passes():
    def twice(name, function):
        x = leaf(1, 2)
        y = function(x).sum()
        y.backward()
        note(name)
        attempt(y.backward)
        show("grad", x.grad)

    twice("add", lambda x: x + 1)
    twice("sub", lambda x: x - 1)
    twice("neg", lambda x: -x)
    twice("view", lambda x: x.view(2, 1))
    twice("number", lambda x: x * 2)
    twice("quotient", lambda x: x / 2)
    twice("mul", lambda x: x * x)
    twice("exp", lambda x: x.exp())
    twice("relu", lambda x: x.relu())
    twice("clone", lambda x: x.clone())
    twice("mean", lambda x: x.mean())


def shared_part():
    x = leaf(1, 2)
    y = x.exp()
    a, b = (y + 1).sum(), (y * 2).sum()
    a.backward()
    attempt(b.backward)


def retained():
    x = leaf(1, 2)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward(retain_graph=True)
    show("grad", x.grad)
    y.backward()
    attempt(y.backward)
    show("grad", x.grad)


def given_gradient():
    x = leaf(1, 2)
    g = of(1, 10)
    y = x * 2
    y.backward(g, retain_graph=True)
    g.zero_()
    show("grad", x.grad)
    y.backward(torch.tensor([1, 10], dtype=torch.float64), retain_graph=True)
    show("grad", x.grad)
    attempt(y.backward, of(1, 2, 3))
    attempt(y.backward)
    attempt((x * 2).view(2, 1).backward, of(1, 2))
    (x + 0).backward(g)
    show("grad", x.grad)


def roots():
    s = leaf(3)[0].detach().requires_grad_()
    s.backward()
    s.backward()
    show("leaf", s.grad)
    attempt(of(1).backward)
    x = leaf(1)
    x.backward()
    show("one element", x.grad)
    y = torch.tensor([[2.0]], requires_grad=True)
    (y * 3).backward()
    show("one of two dimensions", y.grad)
    e = torch.zeros(0, requires_grad=True)
    (e * 2).sum().backward()
    show("empty", e.grad)
    e.backward(torch.zeros(0))
    show("empty", e.grad)


def only_inputs():
    x, w = leaf(1, 2), leaf(3, 4)
    y = x * w
    z = (y * y).sum()
    z.backward(inputs=[x], retain_graph=True)
    show("x", x.grad)
    show("w", w.grad)
    z.backward(inputs=[x, x], retain_graph=True)
    show("twice", x.grad)
    z.backward(inputs=[y, w], retain_graph=True)
    show("y", y.grad)
    show("w", w.grad)
    z.backward(inputs=[y], retain_graph=True)
    show("y", y.grad)
    u = leaf(1)
    z.backward(inputs=[u, w], retain_graph=True)
    show("u", u.grad)
    show("w", w.grad)
    attempt(z.backward, inputs=[])
    attempt(z.backward)
    show("x", x.grad)


def of_inputs():
    x, w, u = leaf(1, 2), leaf(3, 4), leaf(5)
    y = x * w
    z = (y * y).sum()
    for name, t in zip("xwyz", grad(z, [x, w, y, z], retain_graph=True)):
        show(name, t)
    show("x.grad", x.grad)
    for t in grad(z, [x, x, y, y], retain_graph=True):
        show("repeated", t)
    attempt(grad, z, [x, u], retain_graph=True)
    for t in grad(z, [x, u], retain_graph=True, allow_unused=True):
        show("unused", t)
    attempt(grad, z, [x, of(1)], retain_graph=True)
    attempt(grad, [z, of(1)], [x], retain_graph=True)
    for t in grad([z, z], [x], retain_graph=True):
        show("two roots", t)
    for t in grad([z, y], [x, y], grad_outputs=[None, of(1, 10)], retain_graph=True):
        show("z and y", t)
    for t in grad([x, z], [x, z], grad_outputs=[of(1, 10), None], retain_graph=True):
        show("outputs", t)
    attempt(grad, y, [x], retain_graph=True)
    show("last", grad(z, [x])[0])
    attempt(grad, z, [x])


def beyond_inputs():
    """What lies behind an input does not run, and what it kept stays."""
    x = leaf(1, 2)
    y = x.exp()
    z = (y * y).sum()
    show("y", grad(z, [y])[0])
    attempt(z.backward)
    y.sum().backward()
    show("x", x.grad)


def derivatives():
    x = leaf(2, 3)
    a = grad((x * x * x).sum(), [x], create_graph=True)[0]
    b = grad(a.sum(), [x], create_graph=True)[0]
    c = grad(b.sum(), [x], create_graph=True)[0]
    for name, t in zip("abc", (a, b, c)):
        show(name, t)
    y = x.exp() * x.sin()
    for _ in range(3):
        y = grad(y.sum(), [x], create_graph=True)[0]
        note(y.requires_grad)
    show("e sin", (y * 16).round())


def graph_in_grad():
    x = leaf(2, 3)
    y = (x * x * x).sum()
    y.backward(create_graph=True)
    show("first", x.grad)
    first = x.grad
    y.backward(create_graph=True)
    show("second", x.grad)
    note("same" if first is x.grad else "another")
    show("of grad", grad(x.grad.sum(), [x], retain_graph=True)[0])
    held = x.grad
    (x * 10).sum().backward()
    note("same" if held is x.grad else "another")
    note("requires", x.grad.requires_grad)
    show("third", x.grad.detach())


def penalty():
    x, w = leaf(1, 2), leaf(3, 4)
    g = grad((x * x * w).sum(), [x], create_graph=True)[0]
    (g * g).sum().backward()
    show("x", x.grad)
    show("w", w.grad)


def many_uses():
    a, b = torch.tensor([[1.0], [2.0]], requires_grad=True), leaf(1, 2, 3)
    (2 * a * b).sum().backward()
    show("a", a.grad)
    show("b", b.grad)
    x = leaf(2)
    y = x * x
    z = y * y + y + x
    (z * y).sum().backward()
    show("diamond", x.grad)
    v = leaf(3, 1, 2)
    s, i = v.sort()
    note(i.requires_grad)
    (s * of(1, 10, 100)).sum().backward()
    show("sorted", v.grad)
    parts = (v * 2).chunk(3)
    parts[1].sum().backward()
    show("a part", v.grad)


def dtypes():
    x, w = leaf(1, 2), leaf(3, 4, dtype=torch.float64)
    y = (x * w).sum()
    show("y", y)
    y.backward()
    show("x", x.grad)
    show("w", w.grad)
    h = leaf(1, 2, dtype=torch.float16)
    (h.float() * x).sum().backward()
    show("h", h.grad)
    show("x", x.grad)


def layout():
    x = torch.zeros(3, 2).t().requires_grad_()
    (x * x.detach().contiguous()).sum().backward()
    note(*x.grad.stride())
    y = torch.zeros(2, 6)[:, ::2].requires_grad_()
    (y + torch.ones(3, 2).t()).sum().backward()
    note(*y.grad.stride())
    a, b = leaf(1, 2), leaf(3, 4)
    g = of(5, 6)
    (a + b).backward(g)
    a.grad.zero_()
    show("b", b.grad)
    show("g", g)
    c = leaf(1, 2)
    c.sum().backward()
    c.grad[0] = 7
    show("c", c.grad)


def switched():
    x = leaf(1, 2)
    y = (x * x).sum()
    x.requires_grad_(False)
    y.backward()
    show("off", x.grad)
    x.requires_grad_()
    with torch.no_grad():
        z = (x * x).sum()
        show("z", z)
        attempt(z.backward)
        with torch.enable_grad():
            z = (x * x).sum()
        z.backward()
    show("on", x.grad)
    attempt((x * 2).requires_grad_, False)
    d = (x * 2).detach()
    (x * d).sum().backward()
    show("detached", x.grad)


def failing():
    """An error in the middle leaves every leaf's gradient as it was."""
    x, w = leaf(1, 2), leaf(3, 4)
    x.grad = of(7, 7)
    y = x * 1
    a = y.exp()
    loss = (a * w).sum() + (y * w).sum()
    a.add_(1)
    attempt(loss.backward)
    y = x * 2
    z = (y * y).sum() + w.sum()
    y.mul_(2)
    attempt(z.backward)
    w.grad = None
    w.sum().backward()
    show("after", w.grad)


# ---- changes in place -------------------------------------------------------------------------------------------------

def of_leaves():
    x = leaf(1, 2)
    attempt(x.add_, 1)
    attempt(x[0:1].mul_, 2)
    attempt(x.view(2, 1).zero_)
    with torch.no_grad():
        attempt(x.add_, 1)
        attempt(x[0:1].mul_, 2)
    show("x", x)
    note(x._version)


def of_what_is_kept():
    x = leaf(1, 2)
    y = x * 2
    z = (y * y).sum()
    y.add_(1)
    attempt(z.backward)
    y = x.exp()
    y.add_(1)
    attempt(y.sum().backward)
    y = x.exp()
    y[0:1].add_(1)
    attempt(y.sum().backward)
    y = x * 2
    z = (y * y).sum()
    y[1:2].mul_(3)
    attempt(z.backward)
    y = x * 2
    v = y[0:1]
    z = (v * v).sum()
    y[1].zero_()
    attempt(z.backward)
    z = (x * x).sum()
    with torch.no_grad():
        x.add_(1)
    attempt(z.backward)
    z = (x * x).sum()
    x.detach().add_(1)
    attempt(z.backward)
    y = x * 2
    z = (y * y).sum()
    y.detach().zero_()
    attempt(z.backward)
    c = of(1, 2)
    z = (x * c).sum()
    c.mul_(2)
    attempt(z.backward)
    s = (x * 2).sum()
    z = s * s
    s.mul_(2)
    attempt(z.backward)
    d = leaf(1, 2, dtype=torch.float64).view(1, 2) * 1
    z = (d * d).sum()
    d.add_(1)
    attempt(z.backward)
    show("x", x.grad)


def not_kept():
    x = leaf(1, 2)
    y = x + 1
    z = (y + 2).sum()
    y.mul_(3)
    z.backward()
    show("z", x.grad)
    y.sum().backward()
    show("y", x.grad)
    show("new y", y)
    z = (x + 1).sum()
    with torch.no_grad():
        x.zero_()
    z.backward()
    show("x", x.grad)


def chained():
    x, w = leaf(1, 2), leaf(3, 4)
    y = x * 2
    y.add_(1).mul_(w).neg_()
    show("y", y)
    y.sum().backward()
    show("x", x.grad)
    show("w", w.grad)
    y = x * 2
    y.exp_().log_()
    attempt(y.sum().backward)
    y = x - 1.5
    y.relu_().div_(w.detach())
    attempt(y.sum().backward)
    y = x - 1.5
    y.relu_()
    (y / w).sum().backward()
    show("x", x.grad)
    show("w", w.grad)
    y = x * 2
    y.mul_(y)
    attempt(y.sum().backward)
    y = x * 2
    y.add_(y)
    y.sum().backward()
    show("doubled", x.grad)
    y = x * 2
    y.zero_()
    show("zero", y)
    y.sum().backward()
    show("x", x.grad)
    y = x * 2
    y.fill_(3).add_(w)
    y.sum().backward()
    show("x", x.grad)


def begun_without():
    x = leaf(1, 2)
    y = of(3, 4)
    note(y.requires_grad, y.is_leaf)
    y.add_(x)
    show("y", y)
    y.mul_(x)
    show("y", y)
    note(y.requires_grad, y.is_leaf)
    y.sum().backward()
    show("x", x.grad)
    z = of(1, 2, 3, 4)
    v, u, outside = z[0:2], z[1:3], z[3:4]
    v.mul_(2)
    note(v.requires_grad)
    v.add_(x)
    for name, t in (("z", z), ("v", v), ("u", u), ("outside", outside)):
        show(name, t)
    (u * u).sum().backward()
    show("x", x.grad)


def through_views():
    x = leaf(1, 2, 3)
    y = x * 2
    v = y[1:3]
    v.mul_(3)
    show("y", y)
    show("v", v)
    y.sum().backward(retain_graph=True)
    show("of y", x.grad)
    v.sum().backward()
    show("of v", x.grad)
    y = x * 2
    y[0].zero_()
    y.sum().backward()
    show("zeroed", x.grad)


def through_views_of_views():
    x = torch.tensor([[1.0, 2, 3], [4, 5, 6]], requires_grad=True)
    y = x * 2
    row = y[1]
    tail = row[1:]
    tail.mul_(5)
    for name, t in (("y", y), ("row", row), ("tail", tail)):
        show(name, t)
    for t in (y, row, tail):
        show("of it", grad(t.sum(), [x], retain_graph=True)[0])
    row.add_(1)
    tail.neg_()
    show("y", y)
    attempt(y.sum().backward)
    y = x * 2
    w = torch.tensor([[1.0, 2], [3, 4], [5, 6]], requires_grad=True)
    y.t().mul_(w)
    show("y", y)
    (y * y.detach()).sum().backward()
    show("x", x.grad)
    show("w", w.grad)


def base_changed():
    x = leaf(1, 2, 3)
    y = x * 2
    v = y[0:2]
    y.mul_(3)
    show("v", v)
    v.sum().backward(retain_graph=True)
    show("x", x.grad)
    v.mul_(10)
    show("y", y)
    y.add_(1)
    v.neg_()
    show("v", v)
    x.grad = None
    (y + 0).sum().backward(retain_graph=True)
    show("of y", x.grad)
    x.grad = None
    v.sum().backward()
    show("of v", x.grad)
    y = x * 2
    v = y.view(3, 1)
    u = v.t()
    z = u * 1
    y.add_(x)
    show("u", u)
    u.sum().backward(retain_graph=True)
    show("of u", x.grad)
    z.sum().backward()
    show("of z", x.grad)


def copies_into_slices():
    x, w = leaf(1, 2), leaf(5, dtype=torch.float64)
    y = torch.zeros(4)
    y[1:3].copy_(x)
    show("y", y)
    y[3:4].copy_(w)
    y[0:1] = 7
    show("y", y)
    (y * y).sum().backward()
    show("x", x.grad)
    show("w", w.grad)
    z = torch.zeros(2, 2)
    z.copy_(x)
    z[0].copy_(w)
    show("z", z)
    z.sum().backward()
    show("x", x.grad)
    show("w", w.grad)
    z = x * 2
    z.copy_(of(1, 2))
    show("overwritten", z)
    z.sum().backward()
    show("x", x.grad)
    m = torch.zeros(3, requires_grad=True)
    n = m * 1
    n[0:2] = x
    n[1] = n[0] * 10
    show("n", n)
    n.sum().backward()
    show("m", m.grad)
    show("x", x.grad)


def several_views_at_once():
    x = leaf(1, 2, 3, 4)
    y = x * 2
    a = y.chunk(2)
    attempt(a[0].add_, 1)
    b = y.split(3)
    attempt(b[1].add_, 1)
    with torch.no_grad():
        attempt(b[1].add_, 1)
        v = y[0:2]
    attempt(v.add_, 1)
    e = (x * 2).view(4, 1).expand(4, 3)
    attempt(e.add_, 1)
    c = of(1, 2, 3, 4).chunk(2)
    attempt(c[1].add_, 1)
    attempt(c[1].add_, x[0:2])
    attempt((x * 2).chunk(2)[1][0:1].add_, 1)
    with torch.no_grad():
        v = torch.zeros(4)[0:2]
    attempt(v.add_, 1)
    attempt(v.add_, x[0:2])
    attempt(v[0:1].add_, x[0:1])


def steps_between():
    """A leaf stepped between the forward and the backward: refused only where it was kept."""
    x, w, b = of(1, 2), leaf(3, 4), leaf(5, 6)
    y = (w * x + b).sum()
    with torch.no_grad():
        w.sub_(w * 0.5)
        b.sub_(1)
    attempt(y.backward)
    show("w", w.grad)
    show("b", b.grad)
    u = leaf(1, 2)
    y = (w * u + b).sum()
    with torch.no_grad():
        w.sub_(1)
    attempt(y.backward)
    show("w", w.grad)
    show("u", u.grad)


def derivatives_through_slices():
    x = leaf(2, 3)
    y = torch.ones(3)
    y[0:2] = x * x * x
    y[1:3].mul_(x)
    a = grad((y * y).sum(), [x], create_graph=True)[0]
    show("a", a)
    b = grad(a.sum(), [x], create_graph=True)[0]
    show("b", b.detach())
    c = grad(b.sum(), [x])[0]
    show("c", c)


def windows():
    x = leaf(1, 2, 3, 4)
    y = x * 2
    w = y.as_strided((2, 2), (1, 1), 1)
    show("w", w)
    (w * of(1, 10)).sum().backward()
    show("x", x.grad)
    y = x * 2
    v = y.as_strided((2,), (2,), 1)
    v.mul_(of(10, 100))
    show("y", y)
    y.sum().backward()
    show("x", x.grad)
    z = (x * 1).unsqueeze(0).permute(1, 0)
    z.squeeze(1).mul_(2)
    z.sum().backward()
    show("x", x.grad)


SUBJECTS = {
    "passes": (stored_then_added, added_to_what_is_there, second_passes, shared_part, retained, given_gradient, roots,
               only_inputs, of_inputs, beyond_inputs, derivatives, graph_in_grad, penalty, many_uses, dtypes, layout,
               switched, failing),
    "in_place": (of_leaves, of_what_is_kept, not_kept, chained, begun_without, through_views, through_views_of_views,
                 base_changed, copies_into_slices, several_views_at_once, steps_between, derivatives_through_slices,
                 windows),
    "hooks": (hooks.order, hooks.on_leaves, hooks.removed_while_running, hooks.changed_in_place, hooks.refused,
              hooks.retained_gradients, hooks.retained_through_changes, hooks.retained_and_gone,
              hooks.after_accumulation, hooks.steps_in_hooks, hooks.hooks_of_inputs, hooks.of_parts, hooks.recording,
              hooks.passes_inside),
    "functions": autograd_functions.SCENARIOS,
    "inference": autograd_inference.SCENARIOS,
    "module_hooks": autograd_modules.SCENARIOS,
}

if __name__ == "__main__":
    for subject, scenarios in SUBJECTS.items():
        for scenario in scenarios:
            LOG.clear()
            scenario()
            OUT.record(scenario.__name__, ("subject", subject), text="\n".join(LOG))
    OUT.write()
