import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 5, padding=2)
        self.fc = nn.Linear(8 * 16 * 16, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        return self.fc(torch.flatten(x, start_dim=1))


torch.manual_seed(0)
net = Net()
net.eval()
print(net)
print(net(torch.ones(4, 3, 32, 32)).shape)
print(net(torch.ones(4, 3, 32, 32)).argmax(dim=1))
