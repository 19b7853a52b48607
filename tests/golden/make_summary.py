"""summary.txt: the events that torch.utils.tensorboard.SummaryWriter writes."""
import glob
import os
import struct
import tempfile

import torch
from torch.utils.tensorboard import SummaryWriter

from golden import File, build, result

OUT = File("summary.txt", """
scalar, text, histogram: SummaryWriter's add_ function of that name with the tag `tag`, the step `step`, the wall time
`walltime`, and the number `value`, the text `value` or the tensor `in0`. `record` is what the file then holds after its
first record. The values of histograms have sums and sums of squares that are exact in any order.
""")


def records(add):
    """The bytes after the first record of the file that add(writer) is written to."""
    with tempfile.TemporaryDirectory() as folder:
        writer = SummaryWriter(folder)
        add(writer)
        writer.close()
        with open(glob.glob(os.path.join(folder, "events.out.tfevents.*"))[0], "rb") as file:
            data = file.read()
    return data[12 + struct.unpack("<Q", data[:8])[0] + 4:]


def record(name, tag, step, walltime, value, operand=None):
    given = value if operand is None else build(operand)
    data = records(lambda writer: getattr(writer, "add_" + name)(tag, given, step, walltime=walltime))
    OUT.record(name, ("tag", tag), ("step", str(step)), ("walltime", repr(walltime)),
               ("value", None if operand else str(value)), ("in0", operand),
               ("record", result(torch.frombuffer(bytearray(data), dtype=torch.uint8))))


for tag, value, step in (("loss", 0.25, 1), ("loss", 0.0, 0), ("a/b", -1e-3, 300), ("big", 1e30, 1 << 40),
                         ("caf\u00e9", 3.1415926535, 2), ("n", float("inf"), 3), ("negative step", 1.0, -1)):
    record("scalar", tag, step, 1234567890.5, value)
record("text", "notes", 4, 1700000000.25, "**bold**")
record("text", "long", 0, 1.0, "x" * 300)
for spec in ("float32 [6] formula:1,0,6,3", "float64 [2,5] formula:7,3,11,5,4", "int64 [4] formula:1,1,100,0",
             "float32 [1] hex:00000000", "uint8 [3] formula:1,200,256,0", "bool [4] formula:1,0,2,0",
             "float32 [64] formula:37,5,61,30,8", "float64 [3] hex:000000000000f03f9a9999999999b9bf0000000000001040",
             "float32 [4] formula:0,93,100,100", "float64 [2] hex:11ea2d819997713d11ea2d81999771bd"):
    record("histogram", "h", 5, 2.0, None, spec)

if __name__ == "__main__":
    OUT.write()
