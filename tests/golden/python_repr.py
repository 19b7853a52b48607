"""Writes python_repr.txt: doubles, as hexadecimal and as Python's repr, one pair a line."""
import math
import random

random.seed(1)
values = [0.0, 1.0, 3.0, 0.1, 0.2, 0.3, 1 / 3, 2 / 3, 100.0, 123456.789, 1e-4, 9.999e-5, 1e-5, 1.5e-5, 1e15, 1e16, 1.5e16,
          9999999999999998.0, 123456789012345678.0, 1e22, 1e23, 1e100, 5e-324, 2.2250738585072014e-308,
          1.7976931348623157e308, 9007199254740993.0, 4503599627370496.5, math.pi, math.e, 0.5, 1e-10, 299792458.0]
values += [2.0 ** k for k in (-1074, -1022, -44, -24, -10, 10, 24, 53, 54, 63, 89, 122, 340, 1023)]
values += [math.nextafter(10.0 ** k, side) for k in (-5, -4, 0, 15, 16) for side in (0.0, math.inf)]
values += [random.uniform(-1, 1) * 10.0 ** random.randint(-20, 20) for _ in range(60)]
values += [float(f"{random.uniform(-1, 1):.{random.randint(1, 6)}f}") for _ in range(20)]
values += [random.randint(-10 ** 16, 10 ** 16) * 1.0 for _ in range(10)]
values += [-values[i] for i in range(0, 40, 3)] + [math.inf, -math.inf, math.nan]
with open(__file__.replace(".py", ".txt"), "w") as out:
    for value in values:
        print(value.hex(), repr(value), file=out)
