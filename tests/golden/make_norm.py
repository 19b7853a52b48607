"""norm.txt: batch normalisation and dropout."""
import random
import warnings

import torch
import torch.nn.functional as F

import reference
from golden import File, build, call, options_text, result, sizes_text

warnings.filterwarnings("ignore")

OUT = File("norm.txt", """
batch_norm: operands `input`, `mean`, `var`, `weight`, `bias` (absent: none); results are the output and, in training,
the running statistics. In evaluation the data is real. In training it is of integers, of which a channel has 2^n whose
sum is 0, so that mean and variance are exact in any order.
layer_norm, rms_norm, group_norm, instance_norm: operands as of batch_norm, real data, and `ref0` with `spacings` (8
at least, for products of up to 16 that cancel) as layers.txt has them, from the same in float64; instance_norm with
running statistics has exact data, and results like batch_norm's.
dropout, dropout1d, dropout2d, dropout3d, alpha_dropout: training after torch.manual_seed(`seed`).
""")
RNG = random.Random(24)


def record(name, function, fields, options, results=lambda value: (value,)):
    value, error = call(function)
    fields = [*fields, ("options", options_text(options))]
    outs = [] if error is not None else [(f"out{i}", result(v)) for i, v in enumerate(results(value))]
    OUT.record(name, *fields, *outs, error=error)


def batch_norm(specs, options):
    tensors = {key: build(spec) for key, spec in specs.items()}
    running = (tensors.get("mean"), tensors.get("var"))

    def results(value):
        return (value, *running) if options.get("training") and running[0] is not None else (value,)
    record("batch_norm", lambda: F.batch_norm(tensors["input"], *running, tensors.get("weight"), tensors.get("bias"),
                                              **options), list(specs.items()), options, results)


def parameters(dtype, channels, affine):
    specs = {"mean": f"{dtype} [{channels}] formula:37,5,101,50,13", "var": f"{dtype} [{channels}] formula:41,3,97,-1,7"}
    if affine:
        specs["weight"] = f"{dtype} [{channels}] formula:29,3,103,51,11"
        specs["bias"] = f"{dtype} [{channels}] formula:17,9,89,44,9"
    return specs


def evaluations():
    for dtype in ("float32", "float32", "float32", "float16", "bfloat16"):
        for rest in ([], [7], [5, 6], [9, 11], [3, 4, 5]):
            channels = RNG.choice((1, 3, 8, 17))
            sizes = [RNG.choice((1, 2, 3)), channels, *rest]
            options = {"eps": RNG.choice((1e-5, 1e-3, 0.0))}
            batch_norm({"input": f"{dtype} {sizes_text(sizes)} formula:31,4,251,120,17",
                        **parameters(RNG.choice((dtype, "float32")), channels, RNG.random() < 0.7)}, options)
    batch_norm({"input": "float32 [0,3,2] formula:1,1,3,1", **parameters("float32", 3, True)}, {})
    batch_norm({"input": "float32 [2,0,2] formula:1,1,3,1", **parameters("float32", 0, False)}, {})


def trainings():
    for sizes in ([8, 1], [4, 1, 4], [2, 1, 8, 8], [16, 1, 2, 2, 2], [1, 1, 64]):
        for affine in (False, True):
            for dtype in ("float32", "float64"):
                options = {"training": True, "momentum": RNG.choice((0.1, 0.5, 0.0))}
                batch_norm({"input": f"{dtype} {sizes_text(sizes)} formula:2,0,4,1",
                            **parameters(dtype, 1, affine)}, options)
    batch_norm({"input": "float32 [4,1,4] formula:3,0,4,1"}, {"training": True})


def batch_norm_errors():
    x, three, two = "float32 [2,3] formula:3,1,7,3", "float32 [3] formula:1,1,3,0", "float32 [2] formula:1,1,3,0"
    stats = {"mean": three, "var": three}
    for specs, options in (
            ({"input": x, "mean": two, "var": three}, {}), ({"input": x, "mean": three, "var": two}, {}),
            ({"input": x, **stats, "weight": two}, {}), ({"input": x, **stats, "bias": two}, {}), ({"input": x}, {}),
            ({"input": "float32 [1,3] formula:3,1,7,3", **stats}, {"training": True}),
            ({"input": "float32 [1,3,1] formula:3,1,7,3", **stats}, {"training": True}),
            ({"input": "int64 [2,3] formula:3,1,7,3", **stats}, {}),
            ({"input": "float64 [2,3] formula:3,1,7,3", **stats}, {}),
            ({"input": x, "mean": three}, {"training": True}), ({"input": x, **stats}, {"eps": -1.0}),
            ({"input": x, **stats, "weight": three.replace("32", "64")}, {}),
            ({"input": x.replace("float32", "bfloat16"), "mean": three.replace("float32", "bfloat16"),
              "var": three.replace("float32", "bfloat16"), "weight": three}, {})):
        batch_norm(specs, options)


def normalise(name, specs, options):
    """A record of layer_norm, rms_norm, group_norm or instance_norm on real data, or of its error."""
    def run(cast=lambda t: t):
        tensors = {key: cast(build(spec)) for key, spec in specs.items()}
        return getattr(F, name)(tensors.pop("input"), **options, **tensors)
    value, error = call(run)
    fields = [*specs.items(), ("options", options_text(options))]
    if error is not None:
        OUT.record(name, *fields, error=error)
        return
    wide = run(lambda t: t.to(torch.float64)).to(value.dtype)
    OUT.record(name, *fields, ("out0", result(value)), *reference.fields(value, wide, cancels=True))


def lines():
    """layer_norm and rms_norm: lengths about those of vectors and blocks, dtypes, layouts, parameters."""
    shapes = [([3, 5], [5]), ([2, 3, 4], [3, 4]), ([2, 3, 4], [2, 3, 4]), ([2, 16], [16]), ([2, 17], [17]),
              ([1, 63], [63]), ([2, 64], [64]), ([2, 200], [200]), ([1, 1021], [1021]), ([0, 4], [4]), ([3, 0], [0])]
    for name in ("layer_norm", "rms_norm"):
        for sizes, shape in shapes:
            for dtype in ("float32", "float64", "float16", "bfloat16") if sizes[-1] < 100 else ("float32", "float64"):
                specs = {"input": f"{dtype} {sizes_text(sizes)} formula:37,5,101,50,13"}
                if RNG.random() < 0.7:
                    specs["weight"] = f"{dtype} {sizes_text(shape)} formula:29,3,103,51,11"
                if name == "layer_norm" and RNG.random() < 0.7:
                    specs["bias"] = f"{dtype} {sizes_text(shape)} formula:17,9,89,44,9"
                options = {"normalized_shape": shape}
                if RNG.random() < 0.6:
                    options["eps"] = RNG.choice((1e-5, 1e-3, 0.25))
                normalise(name, specs, options)
        normalise(name, {"input": "float32 [4,6] formula:37,5,101,50,13 transpose(0,1)"}, {"normalized_shape": [4]})
        normalise(name, {"input": "float32 [3,70] formula:7,3,9,-1000,64"}, {"normalized_shape": [70]})
        normalise(name, {"input": "float16 [3,7] formula:7,3,9,4,8", "weight": "float32 [7] formula:7,3,9,4,8"},
                  {"normalized_shape": [7]})
        x, four = "float32 [2,3,4] formula:3,1,7,3", "float32 [4] formula:1,1,3,0"
        for spec, shape, more in ((x, [], {}), (x, [3], {}), (x, [2, 4], {}), (x, [5, 2, 3, 4], {}),
                                  (x, [4], {"weight": "float32 [3] formula:1,1,3,0"}),
                                  ("int64 [2,4] formula:3,1,7,3", [4], {}), ("bool [2,4] formula:3,1,2,0", [4], {})):
            normalise(name, {"input": spec, **more}, {"normalized_shape": shape})
    for more in ({"bias": "float32 [3] formula:1,1,3,0"}, {"weight": "float64 [4] formula:1,1,3,0"},
                 {"weight": "float16 [4] formula:1,1,3,0"}):
        normalise("layer_norm", {"input": x, **more}, {"normalized_shape": [4]})
    normalise("layer_norm", {"input": "float64 [2,4] formula:3,1,7,3", "weight": four}, {"normalized_shape": [4]})
    normalise("layer_norm", {"input": "float16 [2,4] formula:3,1,7,3", "weight": four,
                             "bias": "float16 [4] formula:1,1,3,0"}, {"normalized_shape": [4]})


def groups():
    for sizes, number in (([2, 6, 5], 3), ([2, 6, 3, 7], 2), ([1, 4, 70], 4), ([3, 8], 2), ([2, 4, 1, 1, 3], 1),
                          ([0, 3, 4], 3), ([2, 3, 0], 3), ([1, 2, 20, 22], 1)):
        for dtype in ("float32", "float64", "float16", "bfloat16"):
            specs = {"input": f"{dtype} {sizes_text(sizes)} formula:37,5,101,50,13"}
            if RNG.random() < 0.7:
                specs["weight"] = f"{dtype} [{sizes[1]}] formula:29,3,103,51,11"
            if RNG.random() < 0.7:
                specs["bias"] = f"{dtype} [{sizes[1]}] formula:17,9,89,44,9"
            normalise("group_norm", specs, {"num_groups": number, "eps": RNG.choice((1e-5, 0.25))})
    x, two = "float32 [2,3,4] formula:3,1,7,3", "float32 [2] formula:1,1,3,0"
    normalise("group_norm", {"input": "float16 [2,3,4] formula:3,1,7,3", "weight": "float32 [3] formula:3,1,7,3"},
              {"num_groups": 3})
    for spec, number, more in ((x, 2, {}), (x, 0, {}), (x, -1, {}), (x, 3, {"weight": two}), (x, 3, {"bias": two}),
                               (x, 3, {"weight": "float32 [3,1] formula:1,1,3,0"}), ("float32 [3] formula:1,1,3,0", 3, {}),
                               ("float32 [1,3] formula:1,1,3,0", 3, {}), ("int64 [2,3] formula:1,1,3,0", 1, {}),
                               (x, 3, {"weight": "float64 [3] formula:1,1,3,0"}),
                               (x, 3, {"weight": "float32 [3] formula:1,1,3,1", "bias": two})):
        normalise("group_norm", {"input": spec, **more}, {"num_groups": number})


def instances():
    for sizes in ([2, 3, 5], [3, 4, 3, 6], [1, 2, 2, 3, 4], [2, 2, 70]):
        for dtype in ("float32", "float64", "float16", "bfloat16"):
            specs = {"input": f"{dtype} {sizes_text(sizes)} formula:37,5,101,50,13"}
            if RNG.random() < 0.7:
                specs["weight"] = f"{dtype} [{sizes[1]}] formula:29,3,103,51,11"
                specs["bias"] = f"{dtype} [{sizes[1]}] formula:17,9,89,44,9"
            normalise("instance_norm", specs, {"eps": RNG.choice((1e-5, 0.25))})
    for use in (True, False):
        for sizes in ([2, 2, 4], [4, 3, 2, 4]):
            specs = {"input": f"float32 {sizes_text(sizes)} formula:2,0,4,1", **parameters("float32", sizes[1], True)}
            tensors = {key: build(spec) for key, spec in specs.items()}
            options = {"use_input_stats": use, "momentum": 0.5}
            value = F.instance_norm(tensors["input"], tensors["mean"], tensors["var"], tensors["weight"],
                                    tensors["bias"], **options)
            OUT.record("instance_norm", *specs.items(), ("options", options_text(options)), ("out0", result(value)),
                       ("out1", result(tensors["mean"])), ("out2", result(tensors["var"])))
    for spec in ("float32 [2,3,1] formula:1,1,3,0", "float32 [2,3] formula:1,1,3,0", "int64 [2,3,4] formula:1,1,3,0",
                 "float32 [3] formula:1,1,3,0"):
        normalise("instance_norm", {"input": spec}, {})
    normalise("instance_norm", {"input": "float32 [2,3,4] formula:1,1,3,0"}, {"use_input_stats": False})
    normalise("instance_norm", {"input": "float32 [2,3,4] formula:1,1,3,0", "weight": "float32 [2] formula:1,1,3,0"}, {})


def dropouts():
    for name in ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout"):
        function = getattr(F, name)
        shapes = {"dropout1d": ("[2,3,4]", "[5,4]"), "dropout2d": ("[2,3,4,5]", "[2,7,2]"),
                  "dropout3d": ("[2,3,2,2,2]", "[4,2,2,2]")}.get(name, ("[17]", "[3,5,2] transpose(0,2)"))
        for shape in shapes:
            for dtype in ("float32", "float64", "bfloat16"):
                for p in (0.1, 0.5, 0.75, 0.0, 1.0):
                    sizes, *steps = shape.split(" ")
                    spec = f"{dtype} {sizes} formula:7,3,31,12,5" + "".join(" " + step for step in steps)
                    seed = RNG.randrange(1000)
                    torch.manual_seed(seed)
                    options = {"p": p, "training": True}
                    record(name, lambda: function(build(spec), **options), [("input", spec), ("seed", str(seed))],
                           options)
        for shape, dtype, p in (("[3,4]", "float32", 1.5), ("[3,4]", "float32", -0.1), ("[2,3,4]", "int64", 0.5),
                                ("[4]", "float32", 0.5), ("[]", "float32", 0.5), ("[1,2,3,4]", "float32", 0.5)):
            spec, options = f"{dtype} {shape} formula:1,1,3,0", {"p": p, "training": True}
            value, error = call(lambda: function(build(spec), **options))
            if error is not None:
                OUT.record(name, ("input", spec), ("options", options_text(options)), error=error)


def all_dropped():
    for name in ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout"):
        for spec in ("int64 [2,3,4] formula:3,1,7,3", "bool [2,3,4] formula:3,1,2,0", "float32 [4] formula:3,1,7,3",
                     "uint8 [4] formula:3,1,7,0", "float32 [] formula:3,1,7,3"):
            for p in (0.5, 1.0):
                tensor, options = build(spec), {"p": p, "training": True}
                if p == 1.0 or not tensor.is_floating_point():
                    record(name, lambda: getattr(F, name)(tensor, **options), [("input", spec)], options)


if __name__ == "__main__":
    evaluations()
    trainings()
    batch_norm_errors()
    dropouts()
    all_dropped()
    lines()
    groups()
    instances()
    OUT.write()
