"""PyTorch: forward under inference_mode, gradients through the operator that autograd calls.

The layouts are contiguous and channels last; in float32 forward in 2-D also with the weight packed before.
"""
import torch


class Peer:
    DIRECTIONS = ["fwd", "bwd_d", "bwd_w"]
    DTYPES = ["float32", "float64", "float16", "bfloat16", "int8", "uint8", "int16", "int32", "int64"]

    def __init__(self, threads):
        torch.set_num_threads(threads)

    def facts(self):
        return {"version": torch.__version__, "capability": torch.backends.cpu.get_cpu_capability()}

    def prepare(self, problem, direction, dtype):
        dtype = getattr(torch, dtype)
        tensors = [_numbers(shape, dtype) for shape in (problem.input_shape, problem.weight_shape)]
        bias = _numbers([problem.outputs], dtype) if problem.bias else None
        variants = {}
        for name, layout in _layouts(problem):
            x, w = (t.contiguous(memory_format=layout) for t in tensors)
            if direction == "fwd":
                variants[name] = _forward(problem, x, w, bias)
            else:
                variants[name] = _backward(problem, x, w, direction)
        packed = _packed(problem, *tensors, bias) if direction == "fwd" and dtype == torch.float32 else None
        if packed is not None:
            variants["packed weight"] = packed
        return variants


def _numbers(shape, dtype):
    return torch.randn(shape, dtype=dtype) if dtype.is_floating_point else torch.randint(0, 5, shape).to(dtype)


def _layouts(problem):
    yield "contiguous", torch.contiguous_format
    if problem.spatial > 1:
        yield "channels last", torch.channels_last if problem.spatial == 2 else torch.channels_last_3d


def _checked(problem, call):
    """The call under inference_mode, when it computes the problem."""
    def timed():
        with torch.inference_mode():
            return call()

    shape = list(timed().shape)
    if shape != problem.output_shape:
        raise ValueError(f"the output is {shape}, not {problem.output_shape}")
    return timed


def _forward(problem, x, w, bias):
    p, functional = problem, torch.nn.functional
    if p.transposed:
        call = getattr(functional, f"conv_transpose{p.spatial}d")
        return _checked(p, lambda: call(x, w, bias, p.stride, p.padding, p.output_padding, p.groups, p.dilation))
    call, stride, padding, dilation, groups = (getattr(functional, f"conv{p.spatial}d"), p.stride, p.padding,
                                               p.dilation, p.groups)
    if p.far_padding == padding:
        return _checked(p, lambda: call(x, w, bias, stride, padding, dilation, groups))
    more = [n for near, far in zip(reversed(padding), reversed(p.far_padding)) for n in (0, far - near)]
    return _checked(p, lambda: call(functional.pad(x, more), w, bias, stride, padding, dilation, groups))


def _packed(problem, x, w, bias):
    """Packed as PyTorch's compiler packs constant weights; None where it does not."""
    p, operations = problem, torch.ops.mkldnn
    if p.transposed or p.spatial != 2 or p.far_padding != p.padding:
        return None
    weight = operations._reorder_convolution_weight(w, p.padding, p.stride, p.dilation, p.groups, p.input_shape)
    arguments = (x, weight, bias, p.padding, p.stride, p.dilation, p.groups, "none", [], "")
    return _checked(p, lambda: operations._convolution_pointwise(*arguments))


def _backward(problem, x, w, direction):
    p = problem
    if not p.transposed and p.far_padding != p.padding:
        raise ValueError("unequal padding")
    layout = torch.contiguous_format if x.is_contiguous() else _channels_last(x)
    gradient = torch.randn(p.output_shape, dtype=x.dtype).contiguous(memory_format=layout)
    mask = [direction == "bwd_d", direction == "bwd_w", False]
    more = p.output_padding if p.transposed else [0] * p.spatial
    arguments = (gradient, x, w, None, p.stride, p.padding, p.dilation, p.transposed, more, p.groups, mask)
    return lambda: torch.ops.aten.convolution_backward(*arguments)


def _channels_last(x):
    return torch.channels_last if x.dim() == 4 else torch.channels_last_3d
