"""The gradients of whole networks, in float64 and, for comparison, in float32.

Request: network (`mair-small`, `mair`, or the name of a network in torchvision.models) and whether it is `smooth`: every
ReLU is then a SiLU. Input: `state/KEY` for each parameter and running statistic, KEY being the path in the source for
`mair-small` and the key in the state dict for all others; `image`, `findings` and, for `mair-small`, `known`.

Output, of the loss in training mode by each parameter: `gradient/KEY` in float64; `nchw/KEY` and `channels_last/KEY`,
what the same in float32 differs from it in either layout, relative in norm. The loss is that of models/mair-small.net
for `mair-small`, and binary cross-entropy for all others.
"""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F
import torchvision
from exchange import serve

import mair_small

# MAIR as a module of torch is what the bench of training steps is beside.
sys.path.append(str(Path(__file__).parents[2] / "bench" / "train-step"))
from mair import Mair  # noqa: E402

CLASSES = 14
LAYOUTS = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}


def in_layout(tensor, form):
    return tensor.contiguous(memory_format=form) if tensor.dim() == 4 else tensor


def by_hand(state, image, given):
    """Loss and parameters of the network that is written over a dict of weights."""
    learned = {key: value for key, value in state.items() if not key.endswith(mair_small.RUNNING)}
    for value in learned.values():
        value.requires_grad_()
    logits = mair_small.Network(dict(state), training=True).logits(image)
    return mair_small.loss_of(logits, given["findings"], given["known"]), learned


def by_module(name, state, image, given):
    """The same of a network that is a module of torch; the state must be all of its own, but for counters of batches."""
    network = Mair(CLASSES) if name == "mair" else getattr(torchvision.models, name)(weights=None, num_classes=CLASSES)
    others = {key for key in network.state_dict() if not key.endswith("num_batches_tracked")} ^ set(state)
    if others:
        raise ValueError(f"not in both of {name} and its state: {sorted(others)}")
    network.to(image.dtype).train()
    for key, parameter in network.named_parameters():
        parameter.data = state[key]
    loss = F.binary_cross_entropy_with_logits(network(image), given["findings"])
    return loss, dict(network.named_parameters())


def gradients_of(name, tensors, dtype, form):
    given = {key: in_layout(torch.from_numpy(value).to(dtype), form) for key, value in tensors.items()}
    state = {key.removeprefix("state/"): value for key, value in given.items() if key.startswith("state/")}
    image = given["image"]
    loss, parameters = by_hand(state, image, given) if name == "mair-small" else by_module(name, state, image, given)
    return dict(zip(parameters, torch.autograd.grad(loss, tuple(parameters.values()))))


def answer(request, tensors):
    if request["smooth"]:
        F.relu = F.silu
    exact = gradients_of(request["network"], tensors, torch.float64, torch.contiguous_format)
    result = {f"gradient/{key}": value.numpy() for key, value in exact.items()}
    for layout, form in LAYOUTS.items():
        for key, value in gradients_of(request["network"], tensors, torch.float32, form).items():
            error = (value.double() - exact[key]).norm() / exact[key].norm()
            result[f"{layout}/{key}"] = error.reshape(1).numpy()
    return result, {}


serve(answer)
