"""Steps of torch.optim, and of Lion, which it lacks, on given gradients, in float64.

Request: cases, each with optimizer (`sgd`, `adam`, `adamw`, `rmsprop`, `lion`) and settings as the language has them; rates: the learning
rate of each step. Input: `parameter`, and `gradient` with one row for each step. Output: under the number of each case,
the parameter after each step, in float32.
"""

import torch
from exchange import serve


class Lion(torch.optim.Optimizer):
    """Algorithm 2 of "Symbolic Discovery of Optimization Algorithms", line by line."""

    def __init__(self, params, lr, betas, weight_decay):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for theta in group["params"]:
                state = self.state[theta]
                m = state.setdefault("m", torch.zeros_like(theta))
                g = theta.grad
                c = beta1 * m + (1 - beta1) * g
                theta.copy_(theta - group["lr"] * (torch.sign(c) + group["weight_decay"] * theta))
                m.copy_(beta2 * m + (1 - beta2) * g)


def make(name, parameter, s):
    if name == "sgd":
        return torch.optim.SGD(
            [parameter], lr=s["lr"], momentum=s["momentum"], weight_decay=s["weight_decay"], nesterov=s["nesterov"]
        )
    if name == "rmsprop":
        return torch.optim.RMSprop(
            [parameter],
            lr=s["lr"],
            alpha=s["alpha"],
            eps=s["eps"],
            momentum=s["momentum"],
            centered=s["centered"],
            weight_decay=s["weight_decay"],
        )
    if name == "lion":
        return Lion([parameter], lr=s["lr"], betas=(s["beta1"], s["beta2"]), weight_decay=s["weight_decay"])
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[name]
    betas = (s["beta1"], s["beta2"])
    return kind([parameter], lr=s["lr"], betas=betas, eps=s["eps"], weight_decay=s["weight_decay"])


def run(case, rates, tensors):
    parameter = torch.nn.Parameter(torch.from_numpy(tensors["parameter"]).double())
    optimizer = make(case["optimizer"], parameter, case["settings"])
    after = []
    for rate, gradient in zip(rates, torch.from_numpy(tensors["gradient"]).double()):
        optimizer.param_groups[0]["lr"] = rate
        parameter.grad = gradient.clone()
        optimizer.step()
        after.append(parameter.detach().clone())
    return torch.stack(after).float().numpy()


def answer(request, tensors):
    cases = enumerate(request["cases"])
    return {str(number): run(case, request["rates"], tensors) for number, case in cases}, {}


serve(answer)
