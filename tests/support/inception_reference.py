"""The Inception network of 2015-12-05 in PyTorch's functions, written down apart.

Follows the published description of what pytorch-fid and torch-fidelity compute. It
was compared with torch-fidelity 0.4.0 by hand, and is again by `test_inception.py`
where that package is installed.
"""

import numpy as np
import torch
import torch.nn.functional as F


class Reference:
    """Draws random weights when it meets a layer; `state` then has all of them."""

    def __init__(self, seed=0):
        self.generator = np.random.default_rng(seed)
        self.state, self.blocks = {}, {}

    def __call__(self, images):
        """Features and probabilities of images `(n, 299, 299, 3)` in [-1, 1]."""
        with torch.no_grad():
            x = self.stem(torch.tensor(images).permute(0, 3, 1, 2))
            for letter, pooled in zip("bcd", (32, 64, 64)):
                x = self.keep(f"Mixed_5{letter}", self.block_a, x, pooled)
            x = self.keep("Mixed_6a", self.block_b, x)
            for letter, width in zip("bcde", (128, 160, 160, 192)):
                x = self.keep(f"Mixed_6{letter}", self.block_c, x, width)
            x = self.keep("Mixed_7a", self.block_d, x)
            x = self.keep("Mixed_7b", self.block_e, x, average)
            x = self.keep(
                "Mixed_7c", self.block_e, x, lambda x: F.max_pool2d(x, 3, 1, 1)
            )
            features = x.mean((2, 3))
            logits = features @ self.tensor("fc.weight", (1008, 2048), 0.05).T
            self.tensor("fc.bias", (1008,), 1.0)
            return features.numpy(), torch.softmax(logits, 1).numpy()

    def keep(self, name, block, x, *arguments):
        self.prefix = f"{name}."
        x = torch.cat(block(x, *arguments), 1)
        self.blocks[name] = x.permute(0, 2, 3, 1).numpy()
        return x

    def tensor(self, name, shape, std, mean=0.0):
        if name not in self.state:
            values = self.generator.normal(mean, std, shape)
            self.state[name] = values.astype("float32")
        return torch.tensor(self.state[name])

    def conv(self, x, name, filters, kernel, stride=1, padding=0):
        kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
        shape = (filters, x.shape[1], *kernel)
        std = np.sqrt(2 / np.prod(shape[1:]))
        weight = self.tensor(f"{name}.conv.weight", shape, std)
        x = F.conv2d(x, weight, stride=stride, padding=padding)
        of = {
            "running_mean": self.tensor(f"{name}.bn.running_mean", (filters,), 0.2),
            "running_var": self.tensor(f"{name}.bn.running_var", (filters,), 0.1, 1.0),
            "weight": self.tensor(f"{name}.bn.weight", (filters,), 0.1, 1.0),
            "bias": self.tensor(f"{name}.bn.bias", (filters,), 0.2),
        }
        return F.relu(F.batch_norm(x, **of, training=False, eps=1e-3))

    def branch(self, x, *convolutions):
        for name, *arguments in convolutions:
            x = self.conv(x, f"{self.prefix}branch{name}", *arguments)
        return x

    def stem(self, x):
        x = self.conv(x, "Conv2d_1a_3x3", 32, 3, 2)
        x = self.conv(x, "Conv2d_2a_3x3", 32, 3)
        x = self.conv(x, "Conv2d_2b_3x3", 64, 3, 1, 1)
        x = F.max_pool2d(x, 3, 2)
        x = self.conv(x, "Conv2d_3b_1x1", 80, 1)
        x = self.conv(x, "Conv2d_4a_3x3", 192, 3)
        return F.max_pool2d(x, 3, 2)

    def block_a(self, x, pooled):
        return [
            self.branch(x, ("1x1", 64, 1)),
            self.branch(x, ("5x5_1", 48, 1), ("5x5_2", 64, 5, 1, 2)),
            self.branch(
                x,
                ("3x3dbl_1", 64, 1),
                ("3x3dbl_2", 96, 3, 1, 1),
                ("3x3dbl_3", 96, 3, 1, 1),
            ),
            self.branch(average(x), ("_pool", pooled, 1)),
        ]

    def block_b(self, x):
        return [
            self.branch(x, ("3x3", 384, 3, 2)),
            self.branch(
                x,
                ("3x3dbl_1", 64, 1),
                ("3x3dbl_2", 96, 3, 1, 1),
                ("3x3dbl_3", 96, 3, 2),
            ),
            F.max_pool2d(x, 3, 2),
        ]

    def block_c(self, x, width):
        row, column = ((1, 7), 1, (0, 3)), ((7, 1), 1, (3, 0))
        return [
            self.branch(x, ("1x1", 192, 1)),
            self.branch(
                x, ("7x7_1", width, 1), ("7x7_2", width, *row), ("7x7_3", 192, *column)
            ),
            self.branch(
                x,
                ("7x7dbl_1", width, 1),
                ("7x7dbl_2", width, *column),
                ("7x7dbl_3", width, *row),
                ("7x7dbl_4", width, *column),
                ("7x7dbl_5", 192, *row),
            ),
            self.branch(average(x), ("_pool", 192, 1)),
        ]

    def block_d(self, x):
        return [
            self.branch(x, ("3x3_1", 192, 1), ("3x3_2", 320, 3, 2)),
            self.branch(
                x,
                ("7x7x3_1", 192, 1),
                ("7x7x3_2", 192, (1, 7), 1, (0, 3)),
                ("7x7x3_3", 192, (7, 1), 1, (3, 0)),
                ("7x7x3_4", 192, 3, 2),
            ),
            F.max_pool2d(x, 3, 2),
        ]

    def block_e(self, x, pool):
        row, column = (384, (1, 3), 1, (0, 1)), (384, (3, 1), 1, (1, 0))
        three = self.branch(x, ("3x3_1", 384, 1))
        double = self.branch(x, ("3x3dbl_1", 448, 1), ("3x3dbl_2", 384, 3, 1, 1))
        return [
            self.branch(x, ("1x1", 320, 1)),
            self.branch(three, ("3x3_2a", *row)),
            self.branch(three, ("3x3_2b", *column)),
            self.branch(double, ("3x3dbl_3a", *row)),
            self.branch(double, ("3x3dbl_3b", *column)),
            self.branch(pool(x), ("_pool", 192, 1)),
        ]


def average(x):
    return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
