"""A training step of PyTorch, for comparison: forward, binary cross-entropy, backward, Adam.

    torch_step.py NETWORK BATCH SIZE LAYOUT THREADS

NETWORK is `densenet121`, `resnet50` (torchvision's), `mair` or `mair-small`; LAYOUT is `nchw` or `channels_last`. Reads a line from its
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

CLASSES = 14


def network_of(name):
    ours = {"mair": mair, "mair-small": mair_small}
    if name in ours:
        return ours[name](CLASSES)
    return getattr(torchvision.models, name)(weights=None, num_classes=CLASSES)


def main():
    name, batch, size, layout, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    form = torch.channels_last if layout == "channels_last" else torch.contiguous_format
    network = network_of(name).to(memory_format=form).train()
    images = torch.rand(int(batch), 3, int(size), int(size)).to(memory_format=form)
    labels = (torch.rand(int(batch), CLASSES) < 0.2).float()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)
    print(json.dumps({"torch": torch.__version__, "kernels": torch.__config__.parallel_info().split("\n")[0]}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = F.binary_cross_entropy_with_logits(network(images), labels)
        loss.backward()
        optimizer.step()
        value = loss.item()
        milliseconds = 1e3 * (time.perf_counter() - start)
        memory = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"ms": milliseconds, "loss": value, "memory": memory}), flush=True)


if __name__ == "__main__":
    main()
