"""init_functions.txt: torch.nn.init: the bits that its functions give after a seed, their errors, and the gains."""
import warnings

import torch

from golden import File, build, call, options_text, result

warnings.filterwarnings("ignore")

OUT = File("init_functions.txt", """
Records are named by the function; in0 is a tensor that it fills after manual_seed(`seed`), options its arguments. out0
is the tensor then, and `next` torch.empty((), dtype=torch.int64).random_() after it. orthogonal_ is right within 1e-6.
calculate_gain has no tensor, and `gain`.
""")


def show(name, sizes, dtype="float32", **options):
    for seed in (0, 7):
        spec = f"{dtype} {sizes} formula:0,3,9,0"
        tensor = build(spec)
        torch.manual_seed(seed)
        _, error = call(lambda: getattr(torch.nn.init, name)(tensor, **options))
        fields = [("seed", str(seed)), ("in0", spec), ("options", options_text(options))]
        if error is not None:
            OUT.record(name, *fields, error=error)
            return
        word = torch.empty((), dtype=torch.int64).random_().item()
        whole = 4096 if name == "orthogonal_" else 128
        OUT.record(name, *fields, ("out0", result(tensor, whole=whole)), ("next", str(word)))


def fills():
    for dtype in ("float32", "float64", "bfloat16"):
        show("uniform_", "[3,5]", dtype, a=-2.0, b=0.5)
        show("normal_", "[4,7]", dtype, mean=1.0, std=0.25)
        show("xavier_uniform_", "[4,3,2]", dtype)
        show("xavier_normal_", "[6,5]", dtype, gain=2.0)
        show("constant_", "[3]", dtype, val=0.3)
    for sizes in ("[3,5]", "[8,4,3,3]", "[40,30]"):
        for mode in ("fan_in", "fan_out"):
            for nonlinearity in ("leaky_relu", "relu", "tanh", "linear", "selu", "sigmoid"):
                show("kaiming_uniform_", sizes, a=0.5, mode=mode, nonlinearity=nonlinearity)
            show("kaiming_normal_", sizes, mode=mode)
        show("xavier_uniform_", sizes, gain=1.5)
        show("xavier_normal_", sizes)
    for name in ("ones_", "zeros_", "eye_"):
        show(name, "[2,3]")
    for sizes, groups in (("[4,2,3]", 1), ("[4,2,3,2]", 2), ("[2,3,3,2,4]", 1), ("[3,2,3]", 2)):
        show("dirac_", sizes, groups=groups)
    for name in ("eye_", "dirac_", "orthogonal_", "xavier_uniform_", "kaiming_normal_"):
        show(name, "[3]")
    show("sparse_", "[3]", sparsity=0.5)
    show("kaiming_uniform_", "[0,3]")


def truncations():
    for sizes in ("[5]", "[10,20]"):
        for options in ({}, {"std": 0.02}, {"mean": 1.0, "std": 2.0, "a": -1.0, "b": 1.5}, {"a": 2.0, "b": 3.0},
                        {"mean": -1.0, "std": 0.5, "a": 0.5, "b": 0.75}, {"a": -0.1, "b": 0.1}):
            show("trunc_normal_", sizes, **options)
    show("trunc_normal_", "[30]", "float64", a=1.0, b=4.0)


def matrices():
    for sizes in ("[3,5]", "[5,3]", "[4,4]", "[4,2,3]", "[12,20]", "[1,1]"):
        show("orthogonal_", sizes, gain=2.0)
    for sparsity in (0.1, 0.5, 1.0):
        show("sparse_", "[10,4]", sparsity=sparsity)
    show("sparse_", "[3,2]", sparsity=0.4, std=1.0)


def gains():
    for name, param in (("linear", None), ("sigmoid", None), ("tanh", None), ("relu", None), ("leaky_relu", None),
                        ("leaky_relu", 0.2), ("selu", None)):
        OUT.record("calculate_gain", ("options", options_text({"nonlinearity": name, "param": param})),
                   ("gain", repr(float(torch.nn.init.calculate_gain(name, param)))))


if __name__ == "__main__":
    fills()
    truncations()
    matrices()
    gains()
    OUT.write()
