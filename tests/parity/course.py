"""The programs of examples/course in PyTorch, those whose numbers follow from their text or their seed: writes what they
print to FOLDER/NAME.out, for tools/parity to compare.  usage: course.py FOLDER"""
import contextlib
import gzip
import pathlib
import sys

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

FOLDER = pathlib.Path(sys.argv[1])
DIGITS = pathlib.Path(__file__).parents[2] / "data" / "digits"
TRAINING = 1437
# oneDNN's rounding lets other pixels win some poolings, so that training goes another way; PyTorch's own loops stay close
# to float64.
torch.backends.mkldnn.enabled = False


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2), nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64 * 4 * 4, 64), nn.Linear(64, 10))

    def forward(self, x):
        return self.model(x)


def digits(train):
    """What pictures.h makes of data/digits."""
    images, labels = (np.frombuffer(gzip.decompress((DIGITS / name).read_bytes()), np.uint8) for name in (
        "images-idx3-ubyte.gz", "labels-idx1-ubyte.gz"))
    part = slice(TRAINING) if train else slice(TRAINING, None)
    large = [np.asarray(Image.fromarray(image * 15).resize((32, 32), Image.Resampling.BILINEAR))
             for image in images[16:].reshape(-1, 8, 8)[part]]
    pictures = torch.from_numpy(np.stack(large))[:, None].expand(-1, 3, -1, -1) / 255
    return TensorDataset(pictures, torch.from_numpy(labels[8:][part].astype(np.int64)))


def p15_dataloader():
    torch.manual_seed(0)
    loader = DataLoader(digits(False), batch_size=64, shuffle=True)
    for _ in range(2):
        for step, (imgs, targets) in enumerate(loader):
            print(imgs.shape)
            if step == 0:
                print(targets[:16])


def p19_max_pool2d():
    x = torch.tensor([[1, 2, 0, 3, 1], [0, 1, 2, 3, 1], [1, 2, 1, 0, 0], [5, 2, 3, 1, 1], [2, 1, 0, 1, 1]],
                     dtype=torch.float32).reshape(-1, 1, 5, 5)
    print(nn.MaxPool2d(3, ceil_mode=True)(x))
    print(nn.MaxPool2d(3)(x))


def p20_activations():
    x = torch.tensor([[1, -0.5], [-1, 3]]).reshape(-1, 1, 2, 2)
    print(nn.ReLU()(x))
    print(nn.Sigmoid()(x))


def p22_sequential():
    torch.manual_seed(0)
    net = Net()
    print(net)
    output = net(torch.ones(64, 3, 32, 32))
    print(output.shape)
    print(output.detach()[0])
    print((output == net.model(torch.ones(64, 3, 32, 32))).all())


def p23_loss():
    inputs, targets = torch.tensor([1.0, 2, 3]), torch.tensor([1.0, 2, 5])
    print(nn.L1Loss(reduction="sum")(inputs, targets))
    print(nn.L1Loss()(inputs, targets))
    print(nn.MSELoss()(inputs, targets))
    print(nn.CrossEntropyLoss()(torch.tensor([[0.1, 0.2, 0.3]]), torch.tensor([1])))


def p23_backward():
    torch.manual_seed(0)
    net = Net()
    weight = net.model[0].weight
    imgs, targets = next(iter(DataLoader(digits(False), batch_size=64)))
    loss = nn.CrossEntropyLoss()(net(imgs), targets)
    print(f"loss {loss.item():.3f}, made by {type(loss.grad_fn).__name__}")
    print("before:", "no gradient" if weight.grad is None else "a gradient")
    loss.backward()
    print(f"after: a gradient of norm {weight.grad.norm().item():.3f} and {weight.grad.shape}")


def p24_optimizer():
    loader = DataLoader(digits(False), batch_size=8)
    torch.manual_seed(0)
    net = Net()
    optim = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(3):
        running_loss = 0.0
        for imgs, targets in loader:
            loss = nn.CrossEntropyLoss()(net(imgs), targets)
            optim.zero_grad()
            loss.backward()
            optim.step()
            running_loss += loss.item()
        print(f"epoch {epoch}: loss {running_loss:.1f}")


def p27_train():
    torch.manual_seed(0)
    train_set, test_set = digits(True), digits(False)
    print(f"{len(train_set)} pictures for training, {len(test_set)} for testing")
    train_loader = DataLoader(train_set, batch_size=16, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=64)
    net, loss_fn = Net(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    step = 0
    for epoch in range(2):
        print("epoch", epoch)
        net.train()
        for imgs, targets in train_loader:
            loss = loss_fn(net(imgs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if step % 30 == 0:
                print(f"  step {step}: loss {loss.item():.2f}")
        net.eval()
        total_loss, total_right = 0.0, 0
        with torch.no_grad():
            for imgs, targets in test_loader:
                outputs = net(imgs)
                total_loss += loss_fn(outputs, targets).item()
                total_right += (outputs.argmax(1) == targets).sum().item()
        print(f"  test: loss {total_loss:.1f}, accuracy {total_right / len(test_set):.2f}")


for program in (p15_dataloader, p19_max_pool2d, p20_activations, p22_sequential, p23_loss, p23_backward, p24_optimizer,
                p27_train):
    with open(FOLDER / f"{program.__name__}.out", "w") as out, contextlib.redirect_stdout(out):
        program()
