import torch

image = torch.tensor([[1, 2, 0, 3, 1], [0, 1, 2, 3, 1], [1, 2, 1, 0, 0], [5, 2, 3, 1, 1], [2, 1, 0, 1, 1]])
weights = torch.tensor([[1, 2, 1], [0, 1, 0], [2, 1, 0]])
print(image.shape)
print(weights.shape)
