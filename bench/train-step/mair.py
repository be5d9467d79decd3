"""models/mair.net and models/mair-small.net as modules of PyTorch, on the DenseNets of torchvision."""

import torch
import torch.nn.functional as F
import torchvision
from torch import nn


def conv_bn(channels, made, kernel):
    return nn.Sequential(nn.Conv2d(channels, made, kernel, padding=kernel // 2, bias=False), nn.BatchNorm2d(made))


def conv_bn_relu(channels, made, kernel):
    return nn.Sequential(*conv_bn(channels, made, kernel), nn.ReLU(inplace=True))


class Sim(nn.Module):
    def __init__(self, channels, paths=4, reduction=16):
        super().__init__()
        self.paths = paths
        group = channels // paths
        self.mixed = conv_bn_relu(channels, channels, 1)
        self.path = nn.ModuleList(conv_bn_relu(group, group, 3) for _ in range(paths - 1))
        self.narrow = nn.Linear(channels, channels // reduction)
        self.by_row = nn.Linear(self.narrow.out_features, channels)
        self.by_col = nn.Linear(self.narrow.out_features, channels)
        self.residual = conv_bn(channels, channels, 1)

    def gate(self, layer, descriptor):
        return torch.sigmoid(layer(F.hardswish(self.narrow(descriptor.movedim(1, -1))))).movedim(-1, 1)

    def forward(self, x):
        first, *others = self.mixed(x).chunk(self.paths, 1)
        seen = [first]
        for path, group in zip(self.path, others):
            seen.append(path(group + seen[-1]))
        y = torch.cat(seen, 1)
        y = y * self.gate(self.by_row, y.mean(3))[:, :, :, None] * self.gate(self.by_col, y.mean(2))[:, :, None, :]
        n, c, h, w = y.shape
        y = y.reshape(n, self.paths, c // self.paths, h, w).transpose(1, 2).reshape(n, c, h, w)
        return F.relu(x + self.residual(y))


class Msfa(nn.Module):
    def __init__(self, channels, width, reduction):
        super().__init__()
        self.enter = nn.ModuleList(conv_bn_relu(c, width, 1) for c in channels)
        self.descriptor = nn.Linear(width, width // reduction)
        self.score = nn.ModuleList(nn.Linear(width // reduction, width) for _ in channels)
        self.gate = nn.Conv2d(2, 1, 7, padding=3)

    def forward(self, *maps):
        size = maps[1].shape[2:]
        scales = [
            F.interpolate(enter(x), size, mode="bilinear", align_corners=False) for enter, x in zip(self.enter, maps)
        ]
        descriptor = F.relu(self.descriptor(sum(scales).mean((2, 3))))
        scores = torch.stack([score(descriptor) for score in self.score])
        fused = (torch.stack(scales) * torch.softmax(scores, 0)[..., None, None]).sum(0)
        summary = torch.stack([fused.mean(1), fused.max(1).values], 1)
        return fused * (1 + torch.sigmoid(self.gate(summary)))


class Mair(nn.Module):
    """A DenseNet of torchvision, tapped after its second and third dense block and at its end."""

    def __init__(self, features, channels, width, reduction, classes):
        super().__init__()
        self.features = features
        self.sims = nn.ModuleList(Sim(c) for c in channels)
        self.fused = Msfa(channels, width, reduction)
        self.logits = nn.Linear(width, classes)

    def forward(self, image):
        taps = []
        x = image
        for name, layer in self.features.named_children():
            x = layer(x)
            if name in ("denseblock2", "denseblock3"):
                taps.append(x)
        taps.append(F.relu(x))
        return self.logits(self.fused(*(sim(tap) for sim, tap in zip(self.sims, taps))).mean((2, 3)))


def mair(classes):
    """models/mair.net."""
    features = torchvision.models.densenet121(weights=None).features
    return Mair(features, (512, 1024, 1024), width=256, reduction=16, classes=classes)


def mair_small(classes):
    """models/mair-small.net."""
    features = torchvision.models.DenseNet(16, (4, 5, 4, 4), num_init_features=32, bn_size=2).features
    features.conv0 = nn.Conv2d(3, 32, 3, stride=2, padding=1, bias=False)
    return Mair(features, (128, 128, 128), width=64, reduction=4, classes=classes)
