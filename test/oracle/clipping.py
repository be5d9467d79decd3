"""Gradients clipped by torch, in float64.

Request: cases, each with name (`norm`, `value`) and max. Input: the gradients of parameters. Output: under the number of
each case and the name of the parameter, what is left of its gradient.
"""

import torch
from exchange import serve
from torch.nn.utils import clip_grad_norm_, clip_grad_value_


def run(case, tensors):
    parameters = {}
    for name, gradient in tensors.items():
        given = torch.from_numpy(gradient).double()
        parameters[name] = torch.nn.Parameter(torch.zeros_like(given))
        parameters[name].grad = given
    clip = {"norm": clip_grad_norm_, "value": clip_grad_value_}[case["name"]]
    clip(parameters.values(), case["max"])
    return {name: parameter.grad.float().numpy() for name, parameter in parameters.items()}


def answer(request, tensors):
    clipped = enumerate(run(case, tensors) for case in request["cases"])
    return {f"{number}/{name}": values for number, case in clipped for name, values in case.items()}, {}


serve(answer)
