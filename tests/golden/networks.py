"""The networks and the data of training.txt and of tests/parity/training.py; tests/support/training.c has the same."""
import gzip
import itertools
import pathlib

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

DIGITS = next(folder / "data/digits" for folder in pathlib.Path(__file__).resolve().parents
              if (folder / "data/digits").exists())
PLACES, CLASSES, COUNT, BATCH, SEED = 32, 10, 1437, 16, 2026


class LeNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, classes)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.conv2(x)), 2).flatten(1)
        return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(x)))))


class Course(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.model = nn.Sequential(nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2), nn.Conv2d(32, 32, 5, padding=2),
                                   nn.MaxPool2d(2), nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2), nn.Flatten(),
                                   nn.Linear(1024, 64), nn.Linear(64, classes))

    def forward(self, x):
        return self.model(x)


class Block(nn.Module):
    def __init__(self, channels, planes, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, planes, 3, stride, 1, bias=False), nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2, self.bn2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False), nn.BatchNorm2d(planes)
        self.downsample = None

    def forward(self, x):
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


def stage(channels, planes, stride):
    """Two blocks. torchvision draws the shortcut's weights before those of the first block."""
    shortcut = None
    if stride != 1:
        shortcut = nn.Sequential(nn.Conv2d(channels, planes, 1, stride, bias=False), nn.BatchNorm2d(planes))
    first = Block(channels, planes, stride)
    first.downsample = shortcut
    return nn.Sequential(first, Block(planes, planes, 1))


class ResNet18(nn.Module):
    """Deep Residual Learning for Image Recognition, 2015, with torchvision's names and initial weights."""

    def __init__(self, classes):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        self.relu, self.maxpool = nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)
        self.layer1, self.layer2 = stage(64, 64, 1), stage(64, 128, 2)
        self.layer3, self.layer4 = stage(128, 256, 2), stage(256, 512, 2)
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d((1, 1)), nn.Linear(512, classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


NETWORKS = {"lenet": (LeNet, 1, 28), "course": (Course, 3, 32), "resnet18": (ResNet18, 3, 32)}


def digits(channels, side):
    """The 1437 digits for training, each pixel 4 by 4, cut to the middle, under noise from the default generator."""
    pixels, answers = (torch.frombuffer(bytearray(gzip.open(DIGITS / f"{name}-ubyte.gz").read()), dtype=torch.uint8)
                       for name in ("images-idx3", "labels-idx1"))
    pixels = pixels[16:].reshape(-1, 1, 8, 8)[:COUNT].float() / 16
    large = pixels.repeat_interleave(4, 2).repeat_interleave(4, 3)
    cut = (32 - side) // 2
    large = large[:, :, cut:32 - cut, cut:32 - cut].expand(-1, channels, -1, -1)
    return large * 0.75 + torch.rand(large.shape) * 0.25, answers[8:][:COUNT].long()


class Training:
    """A network with dropout in its head, Adam with weight decay, and shuffled batches of digits: images, labels, and
    the places of the samples."""

    def __init__(self, name, dtype):
        build, channels, side = NETWORKS[name]
        torch.manual_seed(SEED)
        self.net = nn.Sequential(build(PLACES), nn.ReLU(), nn.Dropout(0.25), nn.Linear(PLACES, CLASSES))
        self.net.to(dtype)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-3, weight_decay=1e-4)
        self.images, self.labels = digits(channels, side)
        samples = TensorDataset(self.images.to(dtype), self.labels, torch.arange(COUNT))
        self.loader = DataLoader(samples, BATCH, shuffle=True)

    def batches(self, steps):
        """The first batches, over as many epochs as it takes."""
        return itertools.islice(itertools.chain.from_iterable(itertools.repeat(self.loader)), steps)

    def loss(self, images, labels):
        """The loss of a batch, with its gradients."""
        self.optimizer.zero_grad()
        loss = nn.functional.cross_entropy(self.net(images), labels)
        loss.backward()
        return loss.item()
