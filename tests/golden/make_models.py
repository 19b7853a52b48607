"""models.txt: networks after manual_seed(0): their state, what they print, and what they compute. Those of torchvision
need it (made with 0.29.1); without it the file is left as it is."""
import os
import sys

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"  # the numbers of normal_ depend on it
import golden  # noqa: E402  (sets the environment before torch is loaded)
import numpy  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

try:
    import torchvision
except ImportError:
    print("models.txt: left as it is, since there is no torchvision")
    sys.exit(0)


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        x = functional.relu(self.fc1(torch.flatten(x, 1)))
        return self.fc3(functional.relu(self.fc2(x)))


class Course(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2), nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10))

    def forward(self, x):
        return self.model(x)


def digits():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 64), nn.ReLU(),
        nn.Linear(64, 10))


class Fashion(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(inplace=True), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(2))
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Dropout(0.25), nn.Linear(3136, 128), nn.ReLU(inplace=True), nn.Dropout(0.25),
            nn.Linear(128, 10))

    def forward(self, x):
        return self.classifier(self.features(x))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder1 = self.two(3, 32)
        self.encoder2 = self.two(32, 64)
        self.encoder3 = self.two(64, 128)
        self.pool = nn.MaxPool2d(2)
        self.bottom = self.two(128, 256)
        for level, channels in ((3, 128), (2, 64), (1, 32)):
            self.add_module(f"up{level}", nn.ConvTranspose2d(2 * channels, channels, 2, stride=2))
            self.add_module(f"decoder{level}", self.two(2 * channels, channels))
        self.head = nn.Conv2d(32, 2, 1)

    @staticmethod
    def two(first, second):
        return nn.Sequential(
            nn.Conv2d(first, second, 3, padding=1, bias=False), nn.BatchNorm2d(second), nn.ReLU(inplace=True),
            nn.Conv2d(second, second, 3, padding=1, bias=False), nn.BatchNorm2d(second), nn.ReLU(inplace=True))

    def forward(self, x):
        skips = []
        for encoder in (self.encoder1, self.encoder2, self.encoder3):
            skips.append(encoder(x))
            x = self.pool(skips[-1])
        x = self.bottom(x)
        for level in (3, 2, 1):
            x = torch.cat([skips[level - 1], self.get_submodule(f"up{level}")(x)], 1)
            x = self.get_submodule(f"decoder{level}")(x)
        return self.head(x)


OWN = {"lenet": (LeNet, "[2,1,28,28]"), "course": (Course, "[2,3,32,32]"), "digits": (digits, "[2,1,8,8]"),
       "fashion": (Fashion, "[2,1,28,28]"), "unet": (UNet, "[1,3,32,32]")}
TORCHVISION = ("alexnet vgg11 vgg11_bn vgg13 vgg13_bn vgg16 vgg16_bn vgg19 vgg19_bn resnet18 resnet34 resnet50 "
               "mobilenet_v2 squeezenet1_1").split()
PRINTED_WHOLE = ("resnet18", "mobilenet_v2")


def checksum(tensor):
    """The sum of the tensor's 32-bit words, word number i taken 2 i + 1 times, modulo 2^64: no change of one word, and
    no exchange of two, leaves it as it is."""
    words = numpy.frombuffer(golden.raw(tensor), dtype="<u4")
    total = 0
    for start in range(0, len(words), 1 << 20):
        part = words[start:start + (1 << 20)].astype(numpy.uint64)
        index = numpy.arange(start, start + len(part), dtype=numpy.uint64)
        total += int((part * (2 * index + 1)).sum(dtype=numpy.uint64))
    return total % (1 << 64)


def state_text(model):
    return "\n".join(f"{name} {golden.dtype_name(tensor.dtype)} {golden.sizes_text(tensor.shape)} {checksum(tensor):016x}"
                     for name, tensor in model.state_dict().items())


def some(tensor):
    """At most 64 elements at even distances."""
    flat = tensor.detach().reshape(-1)
    return golden.hex_spec(flat[::(flat.numel() + 63) // 64])


def first_gradient(model, x):
    """The gradient of the first parameter, and no other, of the sum of the output in eval mode, all in float64: rounding
    in float32 now and then makes another element the largest of a window."""
    model, x = model.double(), x.double()
    first = next(model.parameters())
    model.requires_grad_(False)
    first.requires_grad_(True)
    model(x).sum().backward()
    return first.grad


def record(out, name, make, sizes):
    torch.manual_seed(0)
    model = make()
    state = state_text(model)
    shown = repr(model)
    x = f"float32 {sizes} formula:7919,3,10007,5003,4000"
    evaluated = model.eval()(golden.build(x))
    trained = gradient = None
    if any(isinstance(m, nn.Dropout) for m in model.modules()):
        torch.manual_seed(1)
        trained = some(model.train()(golden.build(x)))
    count = sum(p.numel() for p in model.parameters())
    if count < 3e7:  # the others take gigabytes in float64
        torch.manual_seed(0)
        gradient = some(first_gradient(make().eval(), golden.build(x)))
    out.record("network", ("model", name), ("parameters", str(count)),
               ("repr", f"{golden.fnv1a(shown.encode()):016x}"), ("in0", x), ("eval", some(evaluated)),
               ("train", trained), ("gradient", gradient), text=state)
    if name in PRINTED_WHOLE:
        out.record("repr", ("model", name), text=shown)


def main():
    out = golden.File("models.txt", f"torchvision {torchvision.__version__.split('+')[0]}", """
Networks made after manual_seed(0). Each `network`: how many parameters it has; the FNV-1a hash of its printed form; at
most 64 elements, at even distances, of its output for in0 in eval mode, of that in training mode after manual_seed(1),
for those with dropout, and of the gradient of its first parameter by the sum of the output in eval mode, computed in
float64, for all but the largest; and a line for each entry of its state_dict, NAME DTYPE SIZES CHECKSUM (the function
checksum of the script). Each `repr`: a printed form.""")
    for name, (make, sizes) in OWN.items():
        record(out, name, make, sizes)
    for name in TORCHVISION:
        record(out, name, lambda: torchvision.models.get_model(name), "[2,3,64,64]")
    out.write()


main()
