"""The scenarios of user-defined functions, for make_autograd.py."""
import torch
from torch.autograd import Function, grad
from torch.autograd.function import once_differentiable

from autograd_notes import attempt, leaf, note, of, show


def function(forward, backward, name):
    """A function class of that name; a backward of None leaves it out."""
    methods = {"forward": staticmethod(forward)}
    if backward is not None:
        methods["backward"] = staticmethod(backward)
    return type(name, (Function,), methods)


def exp_forward(ctx, x):
    y = x.exp()
    ctx.save_for_backward(y)
    note("needs", ctx.needs_input_grad[0], torch.is_grad_enabled())
    return y


def exp_backward(ctx, g):
    return g * ctx.saved_tensors[0]


def mul_forward(ctx, x, w):
    ctx.save_for_backward(x, w)
    return x * w


def mul_backward(ctx, g):
    x, w = ctx.saved_tensors
    note("needs", *ctx.needs_input_grad)
    show("x", x)
    return g * w, g * x


def double_forward(ctx, x):
    x.mul_(2)
    ctx.mark_dirty(x)
    return x


Exp = function(exp_forward, exp_backward, "Exp")
Mul = function(mul_forward, mul_backward, "Mul")
Same = function(lambda ctx, x: x, lambda ctx, g: g * 3, "Same")
Double = function(double_forward, lambda ctx, g: g * 2, "Double")
First = function(lambda ctx, x: x[0:1], lambda ctx, g: torch.cat([g, g * 0]), "First")


def simple_function():
    x = leaf(1, 2)
    y = Exp.apply(x * 0)
    show("y", y)
    y.sum().backward()
    show("x", x.grad)
    attempt(y.sum().backward)
    w = leaf(3, 4)
    Mul.apply(x, w).sum().backward()
    show("x", x.grad)
    show("w", w.grad)
    show("of w", grad(Mul.apply(x * 2, w).sum(), [w])[0])
    show("plain", Mul.apply(of(1, 2), of(3, 4)))
    Mul.apply(x, of(1, 2)).sum().backward()
    with torch.no_grad():
        show("without", Mul.apply(x, w))


def function_saved_and_changed():
    x = leaf(0, 0)
    y = Exp.apply(x)
    y.add_(1)
    attempt(y.sum().backward)
    u, w = x * 2, leaf(3, 4)
    y = Mul.apply(u, w)
    u.add_(1)
    attempt(y.sum().backward)
    y = Mul.apply(x * 2, w)
    with torch.no_grad():
        w.add_(1)
    attempt(y.sum().backward)
    show("x", x.grad)

    def forward(ctx, a):
        between = a * 2
        ctx.save_for_backward(between, None)
        made.append(between)
        return between * 3

    def backward(ctx, g):
        note("none", ctx.saved_tensors[1] is None)
        return g * ctx.saved_tensors[0]

    made = []
    Between = function(forward, backward, "Between")
    y = Between.apply(leaf(1, 2))
    made[0].add_(1)
    attempt(y.sum().backward)
    Between.apply(x).sum().backward()
    show("x", x.grad)


def function_twice():
    """Second gradients, where the backward is written with operations."""
    x, w = leaf(1, 2), leaf(3, 4)
    y = Mul.apply(x, w)
    a = grad((y * y).sum(), [x], create_graph=True)[0]
    show("a", a)
    for name, t in zip("xw", grad(a.sum(), [x, w])):
        show(name, t)
    z = leaf(0, 0)
    a = grad((Exp.apply(z) * of(1, 2)).sum(), [z], create_graph=True)[0]
    show("a", a)
    b = grad(a.sum(), [z], create_graph=True)[0]
    show("b", b)
    show("c", grad(b.sum(), [z])[0])


def square_forward(ctx, x):
    ctx.save_for_backward(x)
    return x * x


@once_differentiable
def square_backward(ctx, g):
    note("recording", torch.is_grad_enabled())
    return 2 * ctx.saved_tensors[0] * g


def function_once():
    Square = function(square_forward, square_backward, "Square")
    x = leaf(1, 2)
    Square.apply(x).sum().backward()
    show("x", x.grad)
    y = Square.apply(x)
    a = grad((y * y).sum(), [x], create_graph=True)[0]
    show("a", a)
    attempt(a.sum().backward)
    show("not of x", grad(Square.apply(x).sum(), [x], create_graph=True)[0])


def function_dirty():
    x = leaf(1, 2)
    attempt(Double.apply, x)
    with torch.no_grad():
        attempt(Double.apply, x)
    u = x * 1
    y = Double.apply(u)
    note("same" if y is u else "another", u._version)
    show("u", u)
    (u * u.detach()).sum().backward()
    show("x", x.grad)
    u = x * 1
    v = u[0:1]
    y = Double.apply(v)
    note("same" if y is v else "another")
    show("v", v)
    show("u", u)
    u.sum().backward()
    show("x", x.grad)
    t = of(1, 2)
    y = Double.apply(t)
    note("same" if y is t else "another", t._version, y.requires_grad)
    u = x * 2
    z = u * u
    Double.apply(u)
    attempt(z.sum().backward)
    attempt(Double.apply, x[0:1])


def function_dirty_refused():
    x = leaf(1, 2)

    def hides(ctx, a):
        ctx.mark_dirty(a)
        return a.mul_(2).clone()

    def two(ctx, a, b):
        a.mul_(2)
        ctx.mark_dirty(a)
        return a, b * 2

    attempt(function(hides, lambda ctx, g: g * 2, "Hides").apply, x * 1)
    Two = function(two, lambda ctx, g, h: (g * 2, h * 2), "Two")
    attempt(Two.apply, (x * 1)[0:1], x)
    u = x * 1
    a, b = Two.apply(u, x)
    show("a", a)
    show("b", b)
    (a + b).sum().backward()
    show("x", x.grad)


def function_dirty_later():
    """A tensor without a history gets one; what is changed is kept."""
    def forward(ctx, x, t):
        ctx.save_for_backward(x)
        t.mul_(x)
        ctx.mark_dirty(t)
        return t

    def backward(ctx, g):
        return g, g * ctx.saved_tensors[0]

    Into = function(forward, backward, "Into")
    x, t = leaf(1, 2), of(1, 1)
    y = Into.apply(x, t)
    show("t", t)
    t.sum().backward()
    show("x", x.grad)

    def exp(ctx, a):
        a.exp_()
        ctx.mark_dirty(a)
        ctx.save_for_backward(a)
        return a

    Exp_ = function(exp, exp_backward, "Exp_")
    x = leaf(0, 0)
    u = x * 3
    Exp_.apply(u)
    a = grad((u * of(1, 2)).sum(), [x], create_graph=True)[0]
    show("a", a)
    show("b", grad(a.sum(), [x])[0])
    u = x * 3
    Exp_.apply(u[0:1])
    a = grad((u * of(1, 2)).sum(), [x], create_graph=True)[0]
    show("a", a)
    show("b", grad(a.sum(), [x])[0])


def function_views():
    x = leaf(1, 2)
    y = Same.apply(x)
    note("same" if y is x else "another", y._is_view())
    show("y", y)
    attempt(y.add_, 1)
    y.sum().backward()
    show("x", x.grad)
    t = of(1, 2)
    y = Same.apply(t)
    note("same" if y is t else "another", y.requires_grad)
    attempt(y.add_, 1)
    show("t", t)
    attempt(y.add_, x)
    y = First.apply(x)
    show("y", y)
    attempt(y.add_, 1)
    u = x * 1
    y = First.apply(u)
    u.add_(1)
    attempt(lambda: y * 2)
    Halves = function(lambda ctx, a: (a[0:1], a[1:2]), lambda ctx, g, h: torch.cat([g, h]), "Halves")
    a, b = Halves.apply(x * 1)
    attempt(a.add_, 1)
    (a + b * 2).sum().backward()
    show("x", x.grad)


def function_of_several():
    def forward(ctx, x):
        marked = x * 2
        ctx.mark_non_differentiable(marked)
        return marked, x * 3, x.argmax()

    def backward(ctx, *grads):
        for g in grads:
            show("g", g)
        return grads[1] * 3

    def forward_bare(ctx, x):
        ctx.set_materialize_grads(False)
        return forward(ctx, x)

    x = leaf(1, 2)
    for f in (forward, forward_bare):
        a, b, c = function(f, backward, "Several").apply(x)
        note(a.requires_grad, b.requires_grad, c.requires_grad, b.grad_fn.name())
        b.sum().backward()
        show("x", x.grad)
    attempt(a.sum().backward)

    def itself(ctx, a):
        ctx.mark_non_differentiable(a)
        return a, a * 2

    a, b = function(itself, lambda ctx, g, h: h * 2, "Itself").apply(x)
    note("same" if a is x else "another", a.requires_grad, x.requires_grad, b.requires_grad)


def function_of_wrong_gradients():
    x, w = leaf(1, 2), leaf(1, 1)

    def of_gradients(give):
        Wrong = function(lambda ctx, a, b: a * 2 if b is None else a * b, lambda ctx, g: give(g), "Wrong")
        return Wrong.apply

    for give in (lambda g: g, lambda g: (g, g, g), lambda g: (g.sum().view(1).repeat(3), g), lambda g: (g.view(1, 2), g),
                 lambda g: (g.view(2, 1), g), lambda g: (g.sum(), g), lambda g: (g.double(), g), lambda g: (None, g)):
        x.grad = None
        attempt(of_gradients(give)(x, w).sum().backward)
        show("x", x.grad)
    attempt(of_gradients(lambda g: (g, g))(x, None).sum().backward)
    attempt(of_gradients(lambda g: (g, None))(x, None).sum().backward)
    attempt(of_gradients(lambda g: (g, g.view(1, 2)))(x, of(1, 1)).sum().backward)
    show("x", x.grad)


def function_of_errors():
    def fails(ctx, *_):
        raise RuntimeError("boom")

    x = leaf(1, 2)
    attempt(function(fails, fails, "Fails").apply, x)
    attempt(function(lambda ctx, a: a * 1, fails, "Fails").apply(x).sum().backward)
    attempt(function(lambda ctx, a: a * 1, None, "Half").apply(x).sum().backward)
    show("x", x.grad)


def function_of_many():
    Sum = function(lambda ctx, *a: sum(a), lambda ctx, g: (g,) * 20, "Sum")
    x = leaf(1, 2)
    Sum.apply(*[x] * 20).sum().backward()
    show("x", x.grad)

    def twice(ctx, a):
        y = a * 2
        return y, y

    def of_both(ctx, g, h):
        show("g", g)
        show("h", h)
        return g * 2 + h * 2

    a, b = function(twice, of_both, "Twice").apply(x)
    note("same" if a is b else "another", a.output_nr)
    (a.sum() + b.sum()).backward()
    show("x", x.grad)
    Half = function(lambda ctx, a: a.half(), lambda ctx, g: note(g.dtype) or g, "Half")
    Half.apply(x).sum().backward()
    show("x", x.grad)


SCENARIOS = (simple_function, function_saved_and_changed, function_twice, function_once, function_dirty,
             function_dirty_refused, function_dirty_later, function_views, function_of_several,
             function_of_wrong_gradients, function_of_errors, function_of_many)
