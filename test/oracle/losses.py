"""The losses of models/lib/losses.net in float64: PyTorch's own where it has them, else their papers' formulas.

Request: `cases`, each with a `loss` and its `arguments`. Input, under `<case>/`: `logits` (of a regression the
prediction), `target`, `weight`, and for `SparseCrossEntropy` `class_weight`.

Output, under `<case>/`: `terms`, what each entry adds before weights; `loss`, their weighted mean; `gradient`, of the
loss by the logits.
"""

import torch
import torch.nn.functional as F
from exchange import serve


def asymmetric_shift_focal(x, y, pos, neg, shift):
    p = torch.sigmoid(x)
    p_m = torch.clamp(p - shift, min=0)
    return -(y * (1 - p) ** pos * F.logsigmoid(x) + (1 - y) * p_m**neg * torch.log(1 - p_m))


def asymmetric(x, y, pos, neg):
    p = torch.sigmoid(x)
    return -(y * (1 - p) ** pos * F.logsigmoid(x) + (1 - y) * p**neg * F.logsigmoid(-x))


def focal(x, y, gamma, alpha):
    p = torch.sigmoid(x)
    positive = alpha * y * (1 - p) ** gamma * F.logsigmoid(x)
    negative = (1 - alpha) * (1 - y) * p**gamma * F.logsigmoid(-x)
    return -(positive + negative)


def binary_cross_entropy(x, y):
    return F.binary_cross_entropy_with_logits(x, y, reduction="none")


def cross_entropy(x, y, smoothing=0.0):
    return F.cross_entropy(x, y, reduction="none", label_smoothing=smoothing)


def sparse_cross_entropy(x, y, class_weight, smoothing=0.0):
    return F.cross_entropy(
        x, y.long(), class_weight, reduction="none", label_smoothing=smoothing, ignore_index=-1
    )


def dice(x, y, smooth):
    p = torch.sigmoid(x)
    pixels = (2, 3)
    return 1 - (2 * (p * y).sum(pixels) + smooth) / (p.sum(pixels) + y.sum(pixels) + smooth)


LOSSES = {
    "AsymmetricShiftFocal": asymmetric_shift_focal,
    "Asymmetric": asymmetric,
    "BinaryCrossEntropy": binary_cross_entropy,
    "Focal": focal,
    "CrossEntropy": cross_entropy,
    "SparseCrossEntropy": sparse_cross_entropy,
    "Dice": dice,
    "MSE": lambda x, y: F.mse_loss(x, y, reduction="none"),
    "L1": lambda x, y: F.l1_loss(x, y, reduction="none"),
    "Huber": lambda x, y, delta: F.huber_loss(x, y, reduction="none", delta=delta),
}


def evaluate(loss_name, arguments, given):
    logits, target, weight = (given[name] for name in ("logits", "target", "weight"))
    logits.requires_grad_()
    counts = weight
    if "class_weight" in given:
        arguments["class_weight"] = given["class_weight"]
        of_class = given["class_weight"][target.long().clamp(min=0)] * (target >= 0)
        counts = weight * of_class
    terms = LOSSES[loss_name](logits, target, **arguments)
    loss = (weight * terms).sum() / counts.sum()
    if "class_weight" in given and bool((weight == 1).all()):
        smoothing = arguments.get("smoothing", 0.0)
        mean = F.cross_entropy(
            logits, target.long(), given["class_weight"], ignore_index=-1, label_smoothing=smoothing
        )
        assert torch.isclose(loss, mean)
    loss.backward()
    return {
        "terms": terms.detach().numpy(),
        "loss": loss.detach().reshape(1).numpy(),
        "gradient": logits.grad.numpy(),
    }


def answer(request, tensors):
    results = {}
    for case, asked in enumerate(request["cases"]):
        own = {name.split("/")[1]: t for name, t in tensors.items() if name.startswith(f"{case}/")}
        given = {name: torch.from_numpy(tensor).double() for name, tensor in own.items()}
        made = evaluate(asked["loss"], dict(asked["arguments"]), given)
        results.update({f"{case}/{name}": array for name, array in made.items()})
    return results, {}


serve(answer)
