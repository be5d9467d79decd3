"""models/u-net.net as a module of PyTorch."""

import torch
import torch.nn.functional as F
from torch import nn


def double_conv(channels, made):
    return nn.Sequential(
        nn.Conv2d(channels, made, 3, padding=1, bias=False),
        nn.BatchNorm2d(made),
        nn.ReLU(inplace=True),
        nn.Conv2d(made, made, 3, padding=1, bias=False),
        nn.BatchNorm2d(made),
        nn.ReLU(inplace=True),
    )


class UNet(nn.Module):
    def __init__(self, classes, width=64):
        super().__init__()
        widths = [width * 2**level for level in range(5)]
        pairs = list(zip(widths, widths[1:]))
        self.first = double_conv(3, width)
        self.down = nn.ModuleList(double_conv(fine, coarse) for fine, coarse in pairs)
        self.up = nn.ModuleList(nn.ConvTranspose2d(coarse, fine, 2, 2) for fine, coarse in reversed(pairs))
        self.join = nn.ModuleList(double_conv(coarse, fine) for fine, coarse in reversed(pairs))
        self.last = nn.Conv2d(width, classes, 1)

    def forward(self, x):
        x = self.first(x)
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(F.max_pool2d(x, 2))
        for up, join in zip(self.up, self.join):
            x = join(torch.cat([skips.pop(), up(x)], 1))
        return self.last(x)


def unet(classes):
    return UNet(classes)
