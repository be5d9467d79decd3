"""Steps of torch.optim on given gradients, in float32.

Request: cases, each with optimizer (`sgd`, `adam`, `adamw`) and settings as the language has them; rates: the learning
rate of each step. Input: `parameter`, and `gradient` with one row for each step. Output: under the number of each case,
the parameter after each step.
"""

import torch
from exchange import serve


def make(name, parameter, s):
    if name == "sgd":
        return torch.optim.SGD(
            [parameter], lr=s["lr"], momentum=s["momentum"], weight_decay=s["weight_decay"], nesterov=s["nesterov"]
        )
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[name]
    betas = (s["beta1"], s["beta2"])
    return kind([parameter], lr=s["lr"], betas=betas, eps=s["eps"], weight_decay=s["weight_decay"])


def run(case, rates, tensors):
    parameter = torch.nn.Parameter(torch.from_numpy(tensors["parameter"]).clone())
    optimizer = make(case["optimizer"], parameter, case["settings"])
    after = []
    for rate, gradient in zip(rates, torch.from_numpy(tensors["gradient"])):
        optimizer.param_groups[0]["lr"] = rate
        parameter.grad = gradient.clone()
        optimizer.step()
        after.append(parameter.detach().clone())
    return torch.stack(after).numpy()


def answer(request, tensors):
    cases = enumerate(request["cases"])
    return {str(number): run(case, request["rates"], tensors) for number, case in cases}, {}


serve(answer)
