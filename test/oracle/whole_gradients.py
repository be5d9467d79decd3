"""The gradients of whole networks, in float64 and, for comparison, in float32.

Request: network (a name that networks.py knows) and whether it is `smooth`: every ReLU is then a SiLU. Input:
`state/KEY` for each parameter and running statistic; `image`, `findings` and, for `mair-small`, `known`.

Output, of the loss in training mode by each parameter: `gradient/KEY` in float64; `nchw/KEY` and `channels_last/KEY`,
what the same in float32 differs from it in either layout, relative in norm.
"""

import torch
import torch.nn.functional as F
from exchange import serve
from layouts import LAYOUTS, in_layout
from mair_small import is_learned
from networks import training_loss


def gradients_of(name, tensors, dtype, layout):
    given = {key: in_layout(torch.from_numpy(value).to(dtype, copy=True), layout) for key, value in tensors.items()}
    state = {key.removeprefix("state/"): value for key, value in given.items() if key.startswith("state/")}
    learned = {key: value.requires_grad_() for key, value in state.items() if is_learned(key)}
    loss = training_loss(name, state, given)
    return dict(zip(learned, torch.autograd.grad(loss, tuple(learned.values()))))


def answer(request, tensors):
    if request["smooth"]:
        F.relu = F.silu
    exact = gradients_of(request["network"], tensors, torch.float64, "nchw")
    result = {f"gradient/{key}": value.numpy() for key, value in exact.items()}
    for layout in LAYOUTS:
        for key, value in gradients_of(request["network"], tensors, torch.float32, layout).items():
            error = (value.double() - exact[key]).norm() / exact[key].norm()
            result[f"{layout}/{key}"] = error.reshape(1).numpy()
    return result, {}


serve(answer)
