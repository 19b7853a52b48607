"""penalty.txt: a step of a critic with a gradient penalty (WGAN-GP): the gradient of a gradient through a whole network."""
import torch
from torch import nn

from golden import File, hex_spec

OUT = File("penalty.txt", """
A critic, Conv2d, BatchNorm2d, LeakyReLU(0.2), Conv2d of stride 2, BatchNorm2d, LeakyReLU, Flatten, Linear, in float64.
Element i of parameter number p is ((7 i + 3 p) mod 17 - 8) / 24, of the real and of the fake pictures (3, 2, 6, 6)
((5 i + 1) mod 13 - 6) / 6 and ((11 i + 4) mod 19 - 9) / 8. Between them lie 0.25, 0.5 and 0.75 of the fake ones. The
loss is mean(critic(fake)) - mean(critic(real)) + 10 mean((norm of the gradient between them - 1)^2). `mode` says what
the BatchNorms do; out0 is the loss, out1 the gradient between them, the others are the gradients of the parameters.
""")


def values(i, factor, offset, modulus, less, divisor):
    return (((i * factor + offset) % modulus) - less).double() / divisor


def pictures(factor, offset, modulus, less, divisor):
    return values(torch.arange(3 * 2 * 6 * 6), factor, offset, modulus, less, divisor).view(3, 2, 6, 6)


def critic():
    net = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.LeakyReLU(0.2),
                        nn.Conv2d(4, 6, 3, stride=2), nn.BatchNorm2d(6), nn.LeakyReLU(0.2), nn.Flatten(),
                        nn.Linear(24, 1)).double()
    with torch.no_grad():
        for p, parameter in enumerate(net.parameters()):
            parameter.copy_(values(torch.arange(parameter.numel()), 7, 3 * p, 17, 8, 24).view_as(parameter))
    return net


def step(mode):
    net, real, fake = critic(), pictures(5, 1, 13, 6, 6), pictures(11, 4, 19, 9, 8)
    net.train(mode == "train")
    share = torch.tensor([0.25, 0.5, 0.75], dtype=torch.float64).view(3, 1, 1, 1)
    between = (fake * share + real * (1 - share)).requires_grad_()
    grad = torch.autograd.grad(net(between).sum(), between, create_graph=True)[0]
    penalty = ((grad.flatten(1).norm(2, dim=1) - 1) ** 2).mean()
    loss = net(fake).mean() - net(real).mean() + 10 * penalty
    loss.backward()
    results = [loss, grad] + [p.grad for p in net.parameters()]
    OUT.record("critic", ("mode", mode), *((f"out{i}", hex_spec(t)) for i, t in enumerate(results)))


for mode in ("train", "eval"):
    step(mode)
OUT.write()
