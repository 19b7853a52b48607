"""Correctly rounded values of real functions, and the distance of PyTorch's results from them in ulps."""
import mpmath
import torch

from golden import result

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


def spacings(actual, expected):
    """The largest difference in spacings of the dtype at max(|expected|, 1): for results that come near zero by
    cancellation, where distances in representable values say nothing. Rounded up."""
    wide, bits = expected.to(torch.float64), BITS[actual.dtype][0]
    exponent = torch.frexp(wide.abs().clamp(min=1.0))[1] - 1
    difference = (actual.to(torch.float64) - wide).abs() / torch.ldexp(torch.ones_like(wide), exponent - bits + 1)
    return int(difference.max().ceil()) if difference.numel() else 0


def fields(actual, expected, index=0, cancels=False):
    """The fields of a record for a result that is real: what to compare with, and how far it may be away. cancels: a sum
    of products of up to 16, each factor rounded, that may come near zero: always in spacings, and 8 allowed."""
    if cancels:
        return ((f"ref{index}", result(expected, whole=8192)),
                ("spacings", str(max(8, ulp_class(spacings(actual, expected))))))
    distance = ulp_class(ulps(actual, expected))
    allowed = ("ulps", str(distance)) if distance <= 8 else ("spacings", str(ulp_class(spacings(actual, expected))))
    return ((f"ref{index}", result(expected, whole=4096)), allowed)
