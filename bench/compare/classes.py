"""The classes of layers that are told apart, and what each is wanted to reach. Those of 3x3 have 32 channels and more."""

# By direction: the least geometric mean of best peer's time / Corrie's.
WANTED = {
    "3x3 stride 1, 14x14 and larger": {"fwd": 2.0, "bwd_d": 2.0, "bwd_w": 1.8},
    "5x5 stride 1": {"fwd": 1.8, "bwd_d": 1.8, "bwd_w": 1.5},
    "3x3 stride 1, small maps": {"fwd": 1.2, "bwd_d": 1.2, "bwd_w": 1.2},
    "stride, dilation, 7x7 and larger kernels": {"fwd": 1.05, "bwd_d": 1.2, "bwd_w": 1.2},
    "1x1": {"fwd": 1.1, "bwd_d": 1.1, "bwd_w": 1.1},
    "first layers (1 to 4 channels)": {"fwd": 1.3, "bwd_w": 1.5},
    "depthwise": {"fwd": 1.5, "bwd_d": 1.5, "bwd_w": 1.5},
    "grouped": {"fwd": 2.5, "bwd_d": 2.0, "bwd_w": 2.0},
    "transposed": {"fwd": 1.8, "bwd_d": 1.5, "bwd_w": 1.5},
    "conv1d, conv3d": {"fwd": 1.5, "bwd_d": 1.5, "bwd_w": 1.5},
    "float64": {"fwd": 1.5, "bwd_d": 1.5, "bwd_w": 1.5},
    "integers": {"fwd": 5.0},
    "other kernels and channels": {},
}


def class_of(problem, dtype):
    """The class of a problem; the first that fits."""
    p = problem
    if dtype != "float32":
        return "float64" if dtype == "float64" else "integers"
    if p.transposed:
        return "transposed"
    if p.spatial != 2:
        return "conv1d, conv3d"
    if p.groups > 1:
        return "depthwise" if p.groups == p.channels else "grouped"
    if p.channels <= 4:
        return "first layers (1 to 4 channels)"
    if max(p.kernel) == 1:
        return "1x1"
    if max(p.stride) > 1 or max(p.dilation) > 1 or max(p.kernel) >= 7:
        return "stride, dilation, 7x7 and larger kernels"
    if p.kernel == [5, 5]:
        return "5x5 stride 1"
    if p.kernel == [3, 3] and min(p.output) < 14 and min(p.channels, p.outputs) >= 32:
        return "3x3 stride 1, small maps"
    if p.kernel == [3, 3] and min(p.channels, p.outputs) >= 32:
        return "3x3 stride 1, 14x14 and larger"
    return "other kernels and channels"
