import torch
from torch import nn


class Test(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, input):
        return input + 1


test = Test()
x = torch.tensor(1.0)
print(test(x))
