"""Attention that neither torch nor torchvision has, from the equations of the papers, for test/oracle/blocks.py."""

import torch
import torch.nn.functional as F
from torch import nn


class CBAM(nn.Module):
    """Woo et al., "CBAM" (ECCV 2018), equations 1 to 3."""

    def __init__(self, channels, squeezed, kernel):
        super().__init__()
        self.w0 = nn.Linear(channels, squeezed)
        self.w1 = nn.Linear(squeezed, channels)
        self.f = nn.Conv2d(2, 1, kernel, padding=(kernel - 1) // 2)

    def mlp(self, descriptor):
        return self.w1(F.relu(self.w0(descriptor)))

    def forward(self, x):
        channel = torch.sigmoid(self.mlp(F.adaptive_avg_pool2d(x, 1).flatten(1)) + self.mlp(x.flatten(2).amax(2)))
        refined = channel[:, :, None, None] * x
        pooled = torch.cat([refined.mean(1, keepdim=True), refined.amax(1, keepdim=True)], 1)
        return torch.sigmoid(self.f(pooled)) * refined


class CoordinateAttention(nn.Module):
    """Hou et al., "Coordinate Attention" (CVPR 2021), equations 4 to 9, with the batch norm of figure 2c."""

    def __init__(self, channels, squeezed):
        super().__init__()
        self.f1 = nn.Conv2d(channels, squeezed, 1)
        self.norm = nn.BatchNorm2d(squeezed)
        self.fh = nn.Conv2d(squeezed, channels, 1)
        self.fw = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x):
        height, width = x.shape[2:]
        zh = F.adaptive_avg_pool2d(x, (height, 1))
        zw = F.adaptive_avg_pool2d(x, (1, width)).transpose(2, 3)
        f = F.hardswish(self.norm(self.f1(torch.cat([zh, zw], 2))))
        fh, fw = f.split([height, width], 2)
        gh = torch.sigmoid(self.fh(fh))
        gw = torch.sigmoid(self.fw(fw.transpose(2, 3)))
        return x * gh * gw
