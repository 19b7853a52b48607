"""schedulers.txt: learning rates."""
import math
import warnings

import torch
from torch.optim import lr_scheduler as S

from golden import File, call

warnings.filterwarnings("ignore")

OUT = File("schedulers.txt", """
Each record is a scheduler that test_schedulers.c makes by the same name, on an optimizer with two groups of rates 0.1 and
0.05 (SGD with momentum 0.9; adam_...: Adam). `text`: a line for the constructor and one for each of 100 steps, of both
rates and the momentum, or beta1, of the first group; a line that begins with ! is the text of an error, which ends it.
ReduceLROnPlateau steps with the metrics metric(0), metric(1) and so on of make_schedulers.py. With `error` the
constructor refuses.
""")
STEPS = 100


def metric(i):
    return ((i * 7) % 11 + 3) / (i + 5)


def wave(epoch):
    return 1.0 + 0.5 * math.cos(epoch)


def sequence(o):
    parts = [S.ConstantLR(o, factor=0.1, total_iters=4), S.ExponentialLR(o, 0.9), S.CosineAnnealingLR(o, 10)]
    return S.SequentialLR(o, parts, [5, 20])


def warm_up(o):
    return S.SequentialLR(o, [S.LinearLR(o, 0.01, 1.0, 10), S.CosineAnnealingWarmRestarts(o, 7, 2, 0.001)], [10])


def sequence_of(o, second, milestones=(6,)):
    return S.SequentialLR(o, [S.LambdaLR(o, wave), second(o)], list(milestones))


MADE = {
    "step": lambda o: S.StepLR(o, 7, 0.5), "step_default": lambda o: S.StepLR(o, 10), "step_zero": lambda o: S.StepLR(o, 0),
    "multi_step": lambda o: S.MultiStepLR(o, [3, 8, 8, 20], 0.7), "exponential": lambda o: S.ExponentialLR(o, 0.93),
    "constant": lambda o: S.ConstantLR(o), "constant_third": lambda o: S.ConstantLR(o, 0.3, 12),
    "constant_zero": lambda o: S.ConstantLR(o, 0.0, 3),
    "linear": lambda o: S.LinearLR(o), "linear_down": lambda o: S.LinearLR(o, 1.0, 0.1, 30),
    "polynomial": lambda o: S.PolynomialLR(o), "polynomial_power": lambda o: S.PolynomialLR(o, 37, 1.7),
    "cosine": lambda o: S.CosineAnnealingLR(o, 9), "cosine_low": lambda o: S.CosineAnnealingLR(o, 20, 0.003),
    "cosine_zero": lambda o: S.CosineAnnealingLR(o, 0),
    "restarts": lambda o: S.CosineAnnealingWarmRestarts(o, 6), "restarts_grow": lambda o:
        S.CosineAnnealingWarmRestarts(o, 3, 2, 0.002),
    "one_cycle": lambda o: S.OneCycleLR(o, 0.5, total_steps=48), "one_cycle_linear": lambda o:
        S.OneCycleLR(o, [0.5, 1.5], epochs=5, steps_per_epoch=10, pct_start=0.4, anneal_strategy="linear", three_phase=True,
                     div_factor=10.0, final_div_factor=100.0),
    "one_cycle_three": lambda o: S.OneCycleLR(o, 0.3, total_steps=60, three_phase=True, base_momentum=0.5,
                                              max_momentum=0.8),
    "one_cycle_still": lambda o: S.OneCycleLR(o, 0.3, total_steps=70, cycle_momentum=False),
    "one_cycle_short": lambda o: S.OneCycleLR(o, 0.3, total_steps=10, pct_start=0.1),
    "one_cycle_hundred": lambda o: S.OneCycleLR(o, 0.5, total_steps=101),
    "adam_one_cycle": lambda o: S.OneCycleLR(o, 0.5, total_steps=50),
    "lambda": lambda o: S.LambdaLR(o, wave), "multiplicative": lambda o: S.MultiplicativeLR(o, wave),
    "plateau": lambda o: S.ReduceLROnPlateau(o, patience=2, factor=0.5),
    "plateau_max": lambda o: S.ReduceLROnPlateau(o, "max", 0.7, 1, 0.1, "abs", 2, [0.03, 0.001]),
    "plateau_abs": lambda o: S.ReduceLROnPlateau(o, "min", 0.9, 0, 0.05, "abs", 0, 0.01),
    "plateau_rel": lambda o: S.ReduceLROnPlateau(o, "max", 0.2, 3, 0.01, "rel", 1, 0, 1e-3),
    "sequence": sequence, "warm_up": warm_up,
    "sequence_step": lambda o: sequence_of(o, lambda p: S.StepLR(p, 4, 0.3)),
    "sequence_multi": lambda o: sequence_of(o, lambda p: S.MultiStepLR(p, [0, 2, 9], 0.3)),
    "sequence_linear": lambda o: sequence_of(o, lambda p: S.LinearLR(p, 0.2, 0.8, 7)),
    "sequence_polynomial": lambda o: sequence_of(o, lambda p: S.PolynomialLR(p, 20, 2.0)),
    "sequence_constant": lambda o: sequence_of(o, lambda p: S.ConstantLR(p, 0.4, 11)),
    "sequence_multiplicative": lambda o: sequence_of(o, lambda p: S.MultiplicativeLR(p, wave)),
    "sequence_at_once": lambda o: sequence_of(o, lambda p: S.ExponentialLR(p, 0.8), [0]),
    "chained": lambda o: S.ChainedScheduler([S.ConstantLR(o, 0.1, 6), S.ExponentialLR(o, 0.95)]),
    "sequence_of_chained": lambda o: S.SequentialLR(o, [S.ChainedScheduler([S.StepLR(o, 3, 0.9), S.ExponentialLR(o, 0.97)]),
                                                        S.ExponentialLR(o, 0.9)], [12]),
    "bad_constant": lambda o: S.ConstantLR(o, 1.5), "bad_linear": lambda o: S.LinearLR(o, 0.0),
    "bad_linear_end": lambda o: S.LinearLR(o, 0.5, 1.5), "bad_restarts": lambda o: S.CosineAnnealingWarmRestarts(o, 0),
    "bad_restarts_mult": lambda o: S.CosineAnnealingWarmRestarts(o, 3, 0), "bad_cycle": lambda o: S.OneCycleLR(o, 0.1),
    "bad_cycle_total": lambda o: S.OneCycleLR(o, 0.1, total_steps=-2),
    "bad_cycle_epochs": lambda o: S.OneCycleLR(o, 0.1, epochs=0, steps_per_epoch=3),
    "bad_cycle_batches": lambda o: S.OneCycleLR(o, 0.1, epochs=3, steps_per_epoch=-3),
    "bad_cycle_start": lambda o: S.OneCycleLR(o, 0.1, total_steps=9, pct_start=1.5),
    "bad_cycle_strategy": lambda o: S.OneCycleLR(o, 0.1, total_steps=9, anneal_strategy="sin"),
    "bad_cycle_list": lambda o: S.OneCycleLR(o, [0.1, 0.2, 0.3], total_steps=9),
    "adagrad_cycle": lambda o: S.OneCycleLR(o, 0.1, total_steps=9),
    "bad_plateau_factor": lambda o: S.ReduceLROnPlateau(o, factor=1.0),
    "bad_plateau_mode": lambda o: S.ReduceLROnPlateau(o, "mean"),
    "bad_plateau_threshold": lambda o: S.ReduceLROnPlateau(o, threshold_mode="both"),
    "bad_plateau_list": lambda o: S.ReduceLROnPlateau(o, min_lr=[0.1]),
    "bad_sequence_none": lambda o: S.SequentialLR(o, [], []),
    "bad_sequence_count": lambda o: S.SequentialLR(o, [S.StepLR(o, 3), S.StepLR(o, 3)], []),
    "bad_sequence_plateau": lambda o: S.SequentialLR(o, [S.ReduceLROnPlateau(o)], []),
    "bad_chained_none": lambda o: S.ChainedScheduler([]),
    "bad_chained_plateau": lambda o: S.ChainedScheduler([S.StepLR(o, 3), S.ReduceLROnPlateau(o)]),
}


def optimizer_for(name):
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": lr} for lr in (0.1, 0.05)]
    if name.startswith("adam_"):
        return torch.optim.Adam(groups)
    return torch.optim.Adagrad(groups) if name.startswith("adagrad_") else torch.optim.SGD(groups, momentum=0.9)


def line(optimizer):
    groups = optimizer.param_groups
    momentum = groups[0]["betas"][0] if "betas" in groups[0] else groups[0].get("momentum", 0.0)
    return " ".join(repr(float(value)) for value in (groups[0]["lr"], groups[1]["lr"], momentum))


def record(name, make):
    optimizer = optimizer_for(name)
    scheduler, error = call(lambda: make(optimizer))
    if error is not None:
        OUT.record(name, error=error)
        return
    lines = [line(optimizer)]
    for i in range(STEPS):
        arguments = [metric(i)] if name.startswith("plateau") else []
        _, error = call(lambda: scheduler.step(*arguments))
        lines.append(line(optimizer) if error is None else f"! {error}")
        if error is not None:
            break
    OUT.record(name, text="\n".join(lines))


for NAME, MAKE in MADE.items():
    record(NAME, MAKE)
OUT.write()
