"""optim.txt: optimizers and the clipping of gradients."""
import warnings

import numpy
import torch

from golden import File, build, call, hex_spec, options_text, result

warnings.filterwarnings("ignore")

OUT = File("optim.txt", """
A record of an optimizer's class: two parameters, `in0` and `in1`, get the gradients of steps 1 to 100, which are
gradient_text(step) of make_optim.py; `after1` to `after100` are the first after so many steps, `second` the second, and
`state_NAME` the states of the first in the end. `text` is the optimizer's repr. In the `skip` records the second has no
gradient in the first 10 steps. With `error` the constructor refuses.
PyTorch's square root comes from a library that is off by one unit in the last place now and then, differently on other
machines. All of the above are with square roots rounded correctly instead; `asis` is the first parameter after 100 steps
without that change, absent where it is the same.
LBFGS: the closure computes a chain of Rosenbrock's functions of in0 and its gradient in double precision
(rosenbrock of make_optim.py); after1, after2, after3 are in0 after so many steps, `calls` how often the closure was
called. With `losses` and `grads` there are 100 steps, shown as those of the others, and row i of the two is what call i
of the closure returned and left as in0's gradient, as PyTorch ran it.
clip_grad_norm_, clip_grad_value_: `in0` and `in1` are gradients; `norm` is what is returned, out0 and out1 come of them.
""")

FIRST, SECOND = "[3,67] formula:53,7,211,105,89", "[5] formula:3,1,7,3,2"
STEPS, SHOWN = 100, (1, 2, 10, 100)


def gradient_text(dtype, sizes, step):
    return f"{dtype} {sizes} formula:37,{11 + 101 * step},199,99,97"


def c_options(options):
    """The betas become two numbers."""
    plain = dict(options)
    if "betas" in plain:
        plain["beta1"], plain["beta2"] = plain.pop("betas")
    return plain


def fields_of(dtype, options, *more):
    return [("in0", f"{dtype} {FIRST}"), ("in1", f"{dtype} {SECOND}"), ("options", options_text(c_options(options))), *more]


ROOTS = torch.Tensor.sqrt, torch.Tensor.sqrt_


def exact_root(tensor):
    """Of float32 in double, whose rounding to float32 is then the right one; numpy's float64 roots are."""
    if tensor.dtype == torch.float32:
        return torch.from_numpy(numpy.sqrt(tensor.double().numpy())).float().reshape(tensor.shape)
    return torch.from_numpy(numpy.sqrt(tensor.numpy())).reshape(tensor.shape)


def set_roots(exact):
    torch.Tensor.sqrt, torch.Tensor.sqrt_ = (exact_root, lambda t: t.copy_(exact_root(t))) if exact else ROOTS


def steps(name, dtype, options, skip=False):
    set_roots(False)
    asis = walk(name, dtype, options, skip)[1].detach().clone()
    set_roots(True)
    optimizer, first, second, text, shown = walk(name, dtype, options, skip)
    set_roots(False)
    states = [(f"state_{key}", result(value)) for key, value in optimizer.state[first].items() if value is not None]
    OUT.record(name, *fields_of(dtype, options, ("skip", "true" if skip else "")), *shown, ("second", result(second)),
               *states, ("asis", "" if torch.equal(first, asis) else hex_spec(asis)), text=text)


def walk(name, dtype, options, skip):
    first, second = build(f"{dtype} {FIRST}").requires_grad_(), build(f"{dtype} {SECOND}").requires_grad_()
    optimizer = getattr(torch.optim, name)([first, second], **options)
    text, shown = repr(optimizer), []
    for step in range(1, STEPS + 1):
        first.grad = build(gradient_text(dtype, "[3,67]", step))
        second.grad = None if skip and step <= 10 else build(gradient_text(dtype, "[5]", step))
        optimizer.step()
        if step in SHOWN:
            shown.append((f"after{step}", result(first)))
    return optimizer, first, second, text, shown


VARIANTS = [
    ("SGD", {}), ("SGD", {"lr": 0.1}), ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.05, "momentum": 0.8, "nesterov": True, "maximize": True}), ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("Adam", {}), ("Adam", {"lr": 0.01, "amsgrad": True}), ("Adam", {"lr": 0.01, "weight_decay": 0.02, "maximize": True}),
    ("Adam", {"lr": 0.01, "betas": (0.3, 0.8), "eps": 1e-3, "amsgrad": True, "weight_decay": 0.01}),
    ("Adam", {"lr": 0.01, "weight_decay": 0.02, "decoupled_weight_decay": True}),
    ("AdamW", {}), ("AdamW", {"lr": 0.02, "weight_decay": 0.1, "amsgrad": True, "maximize": True}),
    ("RMSprop", {}), ("RMSprop", {"momentum": 0.9}), ("RMSprop", {"centered": True, "alpha": 0.9}),
    ("RMSprop", {"centered": True, "momentum": 0.5, "weight_decay": 0.01, "maximize": True}),
    ("Adagrad", {}), ("Adagrad", {"lr": 0.1, "lr_decay": 0.01, "initial_accumulator_value": 0.1, "weight_decay": 0.01,
                                  "maximize": True}),
    ("Adadelta", {}), ("Adadelta", {"lr": 0.5, "rho": 0.8, "eps": 1e-4, "weight_decay": 0.01, "maximize": True}),
    ("NAdam", {}), ("NAdam", {"lr": 0.01, "momentum_decay": 0.1, "weight_decay": 0.01, "maximize": True}),
    ("NAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("Adamax", {}), ("Adamax", {"lr": 0.01, "betas": (0.8, 0.9), "weight_decay": 0.01, "maximize": True}),
    ("RAdam", {}), ("RAdam", {"lr": 0.01, "betas": (0.8, 0.99), "weight_decay": 0.01, "maximize": True}),
    ("RAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
]

REFUSED = [
    ("SGD", {"lr": -1.0}), ("SGD", {"momentum": -0.5}), ("SGD", {"weight_decay": -1.0}), ("SGD", {"nesterov": True}),
    ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
    ("Adam", {"lr": -1.0}), ("Adam", {"eps": -1e-8}), ("Adam", {"betas": (1.0, 0.9)}), ("Adam", {"betas": (0.9, -0.1)}),
    ("Adam", {"weight_decay": -1.0}), ("Adam", {"lr": float("nan")}), ("AdamW", {"betas": (0.9, 1.5)}),
    ("RMSprop", {"lr": -1.0}), ("RMSprop", {"alpha": -1.0}), ("RMSprop", {"momentum": -1.0}), ("RMSprop", {"eps": -1.0}),
    ("Adagrad", {"lr_decay": -1.0}), ("Adagrad", {"initial_accumulator_value": -1.0}), ("Adagrad", {"eps": -1.0}),
    ("Adadelta", {"rho": 1.5}), ("Adadelta", {"eps": -1.0}), ("Adadelta", {"lr": -1.0}),
    ("NAdam", {"momentum_decay": -1.0}), ("NAdam", {"eps": -1.0}), ("Adamax", {"betas": (-0.5, 0.9)}),
    ("RAdam", {"lr": -2.5}), ("LBFGS", {"lr": -1.0}),
]


def optimizers():
    for dtype in ("float32", "float64"):
        for name, options in VARIANTS:
            steps(name, dtype, options)
    for name in ("SGD", "Adam", "NAdam"):
        steps(name, "float32", {"lr": 0.01, **({"momentum": 0.9} if name == "SGD" else {})}, skip=True)
    for name, options in REFUSED:
        parameter = build(f"float32 {FIRST}").requires_grad_()
        _, error = call(lambda: getattr(torch.optim, name)([parameter], **options))
        OUT.record(name, *fields_of("float32", options), error=error)


def rosenbrock(x):
    """Value and gradient, each a sum in order of the index."""
    value, gradient = 0.0, [0.0] * len(x)
    for i in range(len(x) - 1):
        a, b = x[i + 1] - x[i] * x[i], 1.0 - x[i]
        value += 100.0 * a * a + b * b
        gradient[i] += -400.0 * a * x[i] - 2.0 * b
        gradient[i + 1] += 200.0 * a
    return value, gradient


def lbfgs(dtype, options):
    x = build(f"{dtype} [6] formula:5,1,7,3,4").requires_grad_()
    optimizer, shown, calls = torch.optim.LBFGS([x], **options), [], [0]

    def closure():
        calls[0] += 1
        value, gradient = rosenbrock(x.tolist())
        x.grad = torch.tensor(gradient, dtype=x.dtype)
        return torch.tensor(value, dtype=torch.float64)
    text = repr(optimizer)
    for step in (1, 2, 3):
        optimizer.step(closure)
        shown.append((f"after{step}", result(x)))
    OUT.record("LBFGS", ("in0", f"{dtype} [6] formula:5,1,7,3,4"), ("options", options_text(options)), *shown,
               ("calls", calls[0]), text=text)


def replayed(dtype, options):
    """100 steps with all that the closure answered."""
    x = build(f"{dtype} [6] formula:5,1,7,3,4").requires_grad_()
    optimizer, shown, losses, grads = torch.optim.LBFGS([x], **options), [], [], []

    def closure():
        value, gradient = rosenbrock(x.tolist())
        x.grad = torch.tensor(gradient, dtype=x.dtype)
        losses.append(value)
        grads.append(x.grad)
        return torch.tensor(value, dtype=torch.float64)
    text = repr(optimizer)
    for step in range(1, STEPS + 1):
        optimizer.step(closure)
        if step in SHOWN:
            shown.append((f"after{step}", hex_spec(x)))
    OUT.record("LBFGS", ("in0", f"{dtype} [6] formula:5,1,7,3,4"), ("options", options_text(options)), *shown,
               ("losses", hex_spec(torch.tensor(losses, dtype=torch.float64))), ("grads", hex_spec(torch.stack(grads))),
               ("calls", len(losses)), text=text)


def all_lbfgs():
    for dtype in ("float64", "float32"):
        replayed(dtype, {"lr": 0.01, "max_iter": 1})
        replayed(dtype, {"lr": 0.05, "max_iter": 2, "history_size": 3})
        replayed(dtype, {"max_iter": 1, "history_size": 5, "line_search_fn": "strong_wolfe"})
        lbfgs(dtype, {"lr": 0.1, "max_iter": 5})
        lbfgs(dtype, {"lr": 0.2, "max_iter": 8, "history_size": 3})
        lbfgs(dtype, {"max_iter": 6, "line_search_fn": "strong_wolfe"})
        lbfgs(dtype, {"lr": 0.5, "max_iter": 10, "history_size": 4, "max_eval": 9, "line_search_fn": "strong_wolfe"})


def clip(function, specs, options):
    parameters = [build(spec) for spec in specs]
    for parameter, spec in zip(parameters, specs):
        parameter.requires_grad_().grad = build(spec)
    value, error = call(lambda: getattr(torch.nn.utils, function)(parameters, **options))
    outs = [] if error is not None else [(f"out{i}", hex_spec(p.grad)) for i, p in enumerate(parameters)]
    norm = ("norm", result(value) if isinstance(value, torch.Tensor) else "")
    OUT.record(function, *((f"in{i}", spec) for i, spec in enumerate(specs)), ("options", options_text(options)), norm,
               *outs, error=error)


def clips():
    three_four, twelve = "float32 [3] hex:0000404000008040" + "00000000", "float32 [1] hex:00004041"
    for dtype in ("float32", "float64"):
        for p in (2.0, 1.0, 3.0, 0.5, float("inf"), float("-inf"), 0.0):
            for most in (1.0, 1000.0):
                clip("clip_grad_norm_", [f"{dtype} [3,7] formula:53,7,211,105,89", f"{dtype} [5] formula:3,1,7,4,2"],
                     {"max_norm": most, "norm_type": p})
    clip("clip_grad_norm_", [three_four, twelve], {"max_norm": 1.0})
    clip("clip_grad_norm_", ["float32 [2] hex:0000807f0000803f"], {"max_norm": 1.0})
    for p in (2.0, 3.0, float("inf")):
        clip("clip_grad_norm_", ["float32 [2] hex:0000c07f0000803f"],
             {"max_norm": 1.0, "norm_type": p, "error_if_nonfinite": True})
    for dtype in ("float32", "float64", "bfloat16", "float16"):
        clip("clip_grad_value_", [f"{dtype} [3,7] formula:53,7,211,105,89", f"{dtype} [5] formula:3,1,7,4,2"],
             {"clip_value": 0.7})


optimizers()
all_lbfgs()
clips()
OUT.write()
