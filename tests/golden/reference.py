"""Correctly rounded values of real functions, and the distance of PyTorch's results from them in ulps."""
import mpmath
import torch

mpmath.mp.prec = 300

BITS = {torch.float16: (11, -14, torch.int16), torch.bfloat16: (8, -126, torch.int16),
        torch.float32: (24, -126, torch.int32), torch.float64: (53, -1022, torch.int64)}


def rounded(value, dtype):
    """An mpmath number as the nearest value of the dtype (ties to even), as a Python float."""
    if mpmath.isnan(value) or mpmath.isinf(value) or value == 0:
        return float(value)
    digits, least, _ = BITS[dtype]
    exponent = max(int(mpmath.floor(mpmath.log(abs(value), 2))), least)
    unit = mpmath.ldexp(1, exponent - digits + 1)
    return float(mpmath.nint(value / unit) * unit)


def elementwise(function, *tensors, dtype):
    """function applied in high precision to each element, rounded once to dtype; operands broadcast."""
    tensors = torch.broadcast_tensors(*(t if isinstance(t, torch.Tensor) else torch.tensor(t, dtype=torch.float64)
                                        for t in tensors))
    rows = zip(*(t.detach().to(torch.float64).reshape(-1).tolist() for t in tensors))
    values = [rounded(function(*(mpmath.mpf(v) for v in row)), dtype) for row in rows]
    return torch.tensor(values, dtype=torch.float64).to(dtype).reshape(tensors[0].shape)


def ulps(actual, expected):
    """The largest distance between two tensors of a floating dtype, counted in representable values."""
    _, _, integer = BITS[actual.dtype]

    def ordered(tensor):
        bits = tensor.detach().contiguous().view(integer).to(torch.int64)
        low = torch.iinfo(integer).min
        return torch.where(bits < 0, low - bits, bits)
    nans = actual.isnan() & expected.isnan()
    assert torch.equal(actual.isnan(), expected.isnan()), (actual, expected)
    distance = (ordered(actual) - ordered(expected)).abs()
    distance[nans] = 0
    return int(distance.max()) if distance.numel() else 0


def ulp_class(distance):
    """1, 2, 4, 8, ...: the smallest that is not below the distance."""
    limit = 1
    while limit < distance:
        limit *= 2
    return limit


def fields(actual, expected, index=0):
    """The fields of a record for a result that is real: what to compare with, and how far it may be away."""
    from golden import result
    return ((f"ref{index}", result(expected, whole=4096)), ("ulps", str(ulp_class(ulps(actual, expected)))))
