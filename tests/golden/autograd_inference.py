"""The scenarios of inference mode, of the graph and of anomaly detection, for make_autograd.py."""
import torch
from torch.autograd import grad
from torch.autograd.graph import get_gradient_edge

from autograd_notes import attempt, leaf, note, of, show


def about(name, t):
    note(name, "inference" if t.is_inference() else "normal", t.requires_grad, t.is_leaf)


def made_in_inference():
    x, n = leaf(1, 2), of(1, 2)
    note(torch.is_inference_mode_enabled(), torch.is_grad_enabled())
    with torch.inference_mode():
        note(torch.is_inference_mode_enabled(), torch.is_grad_enabled())
        i = of(1, 2)
        for name, t in (("i", i), ("x * 2", x * 2), ("n[0:1]", n[0:1]), ("i[0:1]", i[0:1]),
                        ("detached", x.detach()), ("clone", x.clone())):
            about(name, t)
        attempt(lambda: i._version)
        n.add_(1)
        i.add_(1)
        i[0:1].mul_(2)
        x.mul_(2)
        note(n._version)
        r = of(1, 1).requires_grad_()
        about("r", r)
        about("r * 2", r * 2)
        attempt((r * 2).sum().backward)
        with torch.enable_grad():
            note(torch.is_inference_mode_enabled(), torch.is_grad_enabled())
            about("enabled", x * 2)
        with torch.no_grad():
            about("no_grad", x * 2)
        with torch.inference_mode(False):
            note(torch.is_inference_mode_enabled(), torch.is_grad_enabled())
            about("left", x * 2)
            about("left", i * 2)
    note(torch.is_inference_mode_enabled(), torch.is_grad_enabled())
    show("i", i)
    about("i * 2", i * 2)
    about("i.view", i.view(2, 1))
    about("r * 2", r * 2)
    (r + x).sum().backward()
    show("r", r.grad)


def inference_refused():
    x, n = leaf(1, 2), of(3, 4)
    with torch.inference_mode():
        i = of(1, 2)
        v = i[0:1]
        p = of(1, 1).requires_grad_()
    attempt(i.add_, 1)
    attempt(v.add_, 1)
    attempt(i.zero_)
    attempt(i.copy_, n)
    with torch.no_grad():
        attempt(i.add_, 1)
        attempt(n.add_, i)
    attempt(i.requires_grad_)
    attempt(i.requires_grad_, False)
    attempt(torch.nn.Parameter, i)
    attempt(p.requires_grad_)
    attempt(lambda: i * x)
    attempt(lambda: i + x)
    attempt(lambda: i._version)
    attempt(i.detach_)
    attempt(lambda: torch.nn.functional.linear(of(1, 2).view(1, 2), leaf(1, 2).view(1, 2), p[0:1]))
    attempt(lambda: torch.nn.functional.linear(x, i.view(1, 2)))
    c = i.clone()
    attempt(lambda: c * x)
    with torch.inference_mode():
        k = of(1, 2)
    u = x * 1
    attempt(u.add_, k)
    attempt(u.mul_, k)
    show("u", u)
    with torch.inference_mode():
        attempt(k.add_, 1)
    show("k", k)


def views_in_inference():
    x, n, y = leaf(1, 2), of(1, 2), leaf(1, 2) * 1
    with torch.inference_mode():
        v, w, u = x[0:1], n[0:1], y[0:1]
        attempt(v.add_, 1)
    attempt(v.add_, 1)
    attempt(w.add_, 1)
    attempt(w.add_, x[0:1])
    attempt(u.add_, 1)
    with torch.no_grad():
        attempt(u.add_, 1)
    show("y", y)
    y.add_(1)
    attempt(lambda: u * 2)


def kept_through_inference():
    x, t = leaf(1, 2), of(3, 4)
    y = (x * t).sum()
    with torch.inference_mode():
        t.add_(1)
    attempt(y.backward)
    y = (x * 2).sum()
    with torch.inference_mode():
        y.backward()
        note(x.grad.is_inference())
    attempt((x * 2).sum().backward)
    w = leaf(1, 2)
    w.grad = of(1, 1)
    attempt((x * w).sum().backward)
    show("w", w.grad)


def indirect_changes():
    """Views with a hindrance whose base is changed."""
    y = leaf(1, 2) * 2
    a = y.chunk(2)
    y.add_(1)
    attempt(lambda: a[0] * 2)
    y = leaf(1, 2) * 2
    with torch.no_grad():
        v = y[0:1]
    y.add_(1)
    attempt(lambda: v * 2)
    with torch.no_grad():
        show("v", v * 2)


def detached_in_place():
    x = leaf(1, 2)
    y = x * 2
    v = y[0:1]
    attempt(v.detach_)
    z = y * 3
    y.detach_()
    show("y", y)
    note(y.is_leaf, y.requires_grad)
    show("v", v)
    z.sum().backward()
    show("x", x.grad)
    y = x * 2
    y.retain_grad()
    y.detach_()
    y.requires_grad_()
    (y * 3).sum().backward()
    show("y", y.grad)
    x.detach_()
    note(x.requires_grad)
    attempt(torch.tensor([1]).detach_)


def walk(node, output, depth):
    note("-" * depth + (node.name().replace("torch::autograd::", "") if node else "none"), output)
    if node:
        for next_node, number in node.next_functions:
            walk(next_node, number, depth + 1)


def edges():
    x = leaf(1, 2)
    z = (x * x + x).exp()
    for t in (x, z, torch.cat([x, z]), x.chunk(2)[1], torch.nn.functional.relu(x.view(2, 1)).sum(),
              torch.cat([x, of(1, 2)])):
        edge = get_gradient_edge(t)
        walk(edge.node, edge.output_nr, 0)
    attempt(get_gradient_edge, of(1))


def anomalies():
    x = leaf(0, 4)
    note(torch.is_anomaly_enabled())
    attempt((torch.sqrt(x) * 0).sum().backward)
    x.grad = None
    torch.autograd.set_detect_anomaly(True)
    note(torch.is_anomaly_enabled())
    attempt((torch.sqrt(x) * 0).sum().backward)
    attempt((x / x).sum().backward)
    attempt(x.sum().backward, torch.tensor(float("nan")))
    attempt(grad, (torch.sqrt(x) * of(0, 1)).sum(), [x])
    attempt((x * 2).sum().backward)
    torch.autograd.set_detect_anomaly(False)
    show("x", x.grad)


SCENARIOS = (made_in_inference, inference_refused, views_in_inference, kept_through_inference, indirect_changes,
             detached_in_place, edges, anomalies)
