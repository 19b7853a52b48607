"""init.txt: the first bits of parameters and buffers after a seed, and the random word that follows."""
import torch

from golden import File, result
from modules import build_module

OUT = File("init.txt", """
Each record: manual_seed(`seed`), then `module` is constructed (the notation of README.md); `state0`, `state1`, ...
are NAME TENSOR in the order of state_dict (tensors of up to 16 bytes in full, else the hash of all and the first 4
elements); `next` is then torch.empty((), dtype=torch.int64).random_(), which proves the position in the random
stream.
""")

MODULES = """
Conv1d(1, 2, 3)
Conv1d(4, 6, 3, groups=2, bias=False)
Conv2d(3, 6, 5)
Conv2d(3, 32, 5, padding=2)
Conv2d(8, 8, 3, groups=8, bias=False)
Conv3d(1, 1, 2)
Conv3d(2, 4, (1,2,3))
ConvTranspose1d(1, 2, 3)
ConvTranspose1d(4, 6, 3, groups=2, bias=False)
ConvTranspose2d(4, 2, 3)
ConvTranspose2d(4, 6, (2,3), groups=2)
ConvTranspose3d(2, 3, 2)
ConvTranspose3d(1, 1, 1, bias=False)
Linear(3, 4)
Linear(3, 4, bias=False)
Linear(1, 1)
Linear(784, 128)
BatchNorm1d(3)
BatchNorm2d(5)
BatchNorm2d(5, affine=False)
BatchNorm2d(5, track_running_stats=False)
BatchNorm3d(2)
InstanceNorm1d(3)
InstanceNorm2d(3, affine=True, track_running_stats=True)
LayerNorm(4)
LayerNorm((2,3), bias=False)
RMSNorm(4)
GroupNorm(2, 4)
Embedding(5, 3)
Embedding(7, 4, padding_idx=2)
Bilinear(2, 3, 4)
Bilinear(5, 1, 2, bias=False)
EmbeddingBag(5, 3)
EmbeddingBag(7, 4, padding_idx=2)
PReLU()
PReLU(4, init=0.1)
Dropout(0.5)
RNN(3, 4)
RNN(3, 4, 2, nonlinearity=relu, bias=False, bidirectional=True)
LSTM(3, 5, 2)
LSTM(3, 5, 2, proj_size=2, bidirectional=True)
GRU(2, 3, dropout=0.5, num_layers=3)
RNNCell(3, 4)
LSTMCell(3, 4, bias=False)
GRUCell(3, 5)
TransformerEncoderLayer(4, 2, 8)
TransformerEncoder(TransformerEncoderLayer(4, 2, 8), 2, LayerNorm(4))
TransformerDecoderLayer(4, 2, 8)
TransformerDecoder(TransformerDecoderLayer(4, 2, 8), 2, LayerNorm(4))
Transformer(4, 2, 1, 2, 8)
MultiheadAttention(4, 2)
MultiheadAttention(4, 2, bias=False)
MultiheadAttention(4, 2, kdim=3, vdim=5, add_bias_kv=True)
Sequential(Conv2d(1, 4, 3), BatchNorm2d(4), ReLU(), Linear(4, 2))
Sequential(Conv2d(3, 32, 5, padding=2), MaxPool2d(2), Conv2d(32, 32, 5, padding=2), MaxPool2d(2), Conv2d(32, 64, 5, padding=2), MaxPool2d(2), Flatten(), Linear(1024, 64), Linear(64, 10))
Custom(Net, b=Linear(2, 2), a=ModuleList(Linear(2, 3), Conv1d(1, 1, 1)), d=ModuleDict(x=ConvTranspose2d(2, 2, 2)))
"""

if __name__ == "__main__":
    for seed in (0, 1, 42):
        for line in MODULES.strip().split("\n"):
            torch.manual_seed(seed)
            module = build_module(line)
            word = torch.empty((), dtype=torch.int64).random_().item()
            states = [(f"state{i}", f"{name} {result(value, whole=16, first=4)}")
                      for i, (name, value) in enumerate(module.state_dict().items())]
            OUT.record("init", ("seed", str(seed)), ("module", line), *states, ("next", str(word)))
    OUT.write()
