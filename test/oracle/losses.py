"""The losses of models/lib/losses.net in float64, from their papers' formulas as they stand.

Request: loss (`AsymmetricShiftFocal`, `BinaryCrossEntropy`, `Focal`, `CrossEntropy`) and its arguments (`pos`, `neg`,
`shift`, `gamma`, `alpha`). Input: `logits`, `target`, `weight` (for CrossEntropy one weight a row).

Output: `terms`, what each entry adds before weights; `loss`, their weighted mean; `gradient`, of the loss by the
logits.
"""

import torch
import torch.nn.functional as F
from exchange import serve


def asymmetric_shift_focal(x, y, pos, neg, shift):
    p = torch.sigmoid(x)
    p_m = torch.clamp(p - shift, min=0)
    return -(y * (1 - p) ** pos * F.logsigmoid(x) + (1 - y) * p_m**neg * torch.log(1 - p_m))


def focal(x, y, gamma, alpha):
    p = torch.sigmoid(x)
    positive = alpha * y * (1 - p) ** gamma * F.logsigmoid(x)
    negative = (1 - alpha) * (1 - y) * p**gamma * F.logsigmoid(-x)
    return -(positive + negative)


def binary_cross_entropy(x, y):
    return F.binary_cross_entropy_with_logits(x, y, reduction="none")


def cross_entropy(x, y):
    return F.cross_entropy(x, y, reduction="none")


LOSSES = {
    "AsymmetricShiftFocal": asymmetric_shift_focal,
    "BinaryCrossEntropy": binary_cross_entropy,
    "Focal": focal,
    "CrossEntropy": cross_entropy,
}


def answer(request, tensors):
    logits, target, weight = (torch.from_numpy(tensors[name]).double() for name in ("logits", "target", "weight"))
    logits.requires_grad_()
    arguments = request.get("arguments", {})
    terms = LOSSES[request["loss"]](logits, target, **arguments)
    loss = (weight * terms).sum() / weight.sum()
    loss.backward()
    return {
        "terms": terms.detach().numpy(),
        "loss": loss.detach().reshape(1).numpy(),
        "gradient": logits.grad.numpy(),
    }, {}


serve(answer)
