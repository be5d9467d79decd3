"""A training step of PyTorch, for comparison: forward, loss, backward, optimiser.

    torch_step.py NETWORK BATCH SIZE LAYOUT THREADS

NETWORK is one of the table below; LAYOUT is `nchw` or `channels_last`. Reads a line from its
input for each step that it is to take and answers with a line of JSON: the milliseconds by the clock, the loss, and the
largest memory so far in bytes. What instructions its own kernels use, ATEN_CPU_CAPABILITY in the environment says.
"""

import json
import resource
import sys
import time

import torch
import torch.nn.functional as F
import torchvision
from mair import mair, mair_small
from unet import unet


def of_torchvision(name):
    return lambda classes: getattr(torchvision.models, name)(weights=None, num_classes=classes)


def adam(parameters):
    return torch.optim.Adam(parameters, lr=1e-4)


def adamw(parameters):
    return torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.05)


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=1e-4, momentum=0.9)


OF_FINDINGS = ("densenet121", "resnet50", "mobilenet_v2", "shufflenet_v2_x1_0", "resnext50_32x4d")

# The classes, how a network is made of their number, the loss, and the optimiser, as in the sources of netc.
NETWORKS = {
    **{name: (14, of_torchvision(name), F.binary_cross_entropy_with_logits, adam) for name in OF_FINDINGS},
    "mair": (14, mair, F.binary_cross_entropy_with_logits, adam),
    "mair-small": (14, mair_small, F.binary_cross_entropy_with_logits, adam),
    **{name: (1000, of_torchvision(name), F.cross_entropy, sgd) for name in ("mobilenet_v3_large", "efficientnet_b0")},
    **{name: (1000, of_torchvision(name), F.cross_entropy, adamw) for name in ("convnext_tiny", "swin_t", "vit_b_16")},
    "u-net": (2, unet, F.cross_entropy, sgd),
}


def main():
    name, batch, size, layout, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    form = torch.channels_last if layout == "channels_last" else torch.contiguous_format
    classes, make, loss_of, optimizer_of = NETWORKS[name]
    network = make(classes).to(memory_format=form).train()
    images = torch.rand(int(batch), 3, int(size), int(size)).to(memory_format=form)
    with torch.no_grad():
        targets = (torch.rand(network(images).shape) < 0.2).float()
    optimizer = optimizer_of(network.parameters())
    print(json.dumps({"torch": torch.__version__, "kernels": torch.__config__.parallel_info().split("\n")[0]}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(network(images), targets)
        loss.backward()
        optimizer.step()
        value = loss.item()
        milliseconds = 1e3 * (time.perf_counter() - start)
        memory = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"ms": milliseconds, "loss": value, "memory": memory}), flush=True)


if __name__ == "__main__":
    main()
