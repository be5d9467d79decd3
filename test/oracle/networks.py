"""The networks of models/ that PyTorch has, too, as functions of their state.

A state is a dict of parameters and running statistics: by path in the source for `mair-small`, which is written over such
a dict, and by key in the state dict for all others: `mair` and the networks of torchvision.models.
"""

import sys
from functools import lru_cache
from pathlib import Path

import torch.nn.functional as F
import torchvision
from torch.nn.utils.stateless import functional_call

import mair_small

# MAIR as a module of torch is what the bench of training steps is beside.
sys.path.append(str(Path(__file__).parents[2] / "bench" / "train-step"))
from mair import mair  # noqa: E402

CLASSES = 14


@lru_cache(maxsize=1)
def module_of(name):
    network = mair(CLASSES) if name == "mair" else getattr(torchvision.models, name)(weights=None, num_classes=CLASSES)
    return network.train()


def training_loss(name, state, batch):
    """The loss of a batch in training mode: that of models/mair-small.net for `mair-small`, binary cross-entropy for all
    others. The running statistics of the state become those after the batch. The state must be all of the network's own,
    but for counters of batches."""
    if name == "mair-small":
        logits = mair_small.Network(state, training=True).logits(batch["image"])
        return mair_small.loss_of(logits, batch["findings"], batch["known"])
    network = module_of(name)
    others = {key for key in network.state_dict() if not key.endswith("num_batches_tracked")} ^ set(state)
    if others:
        raise ValueError(f"not in both of {name} and its state: {sorted(others)}")
    return F.binary_cross_entropy_with_logits(functional_call(network, state, batch["image"]), batch["findings"])
