"""A step of training as a function from state to state, with what torch's optimiser keeps in it as we keep it:
`optimizer.sum/KEY`, of gradients by the weights beta1^k, where torch has (1 - beta1) times that."""

import torch
from mair_small import is_learned

OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}


def buffers(name, settings):
    """By our names, those of torch and what they are there for each 1 of ours."""
    if name == "sgd":
        return {"velocity": ("momentum_buffer", 1)}
    beta1, beta2 = settings.get("betas", (0.9, 0.999))
    return {"sum": ("exp_avg", 1 - beta1), "squares": ("exp_avg_sq", 1 - beta2)}


def is_buffer(key):
    return key.startswith("optimizer.")


def empty_buffers(name, settings, state):
    """What an optimiser has before its first step, for each parameter of a state without buffers."""
    learned = {key: value for key, value in state.items() if is_learned(key)}
    kept = buffers(name, settings)
    return {f"optimizer.{ours}/{key}": torch.zeros_like(value) for ours in kept for key, value in learned.items()}


def step(name, settings, state, number, loss_of):
    """The state after the `number`-th step, from 0, in the type and the layout of the state before, which is left as it
    is. `loss_of` is given parameters and running statistics, and renews the latter."""
    state = {key: value.clone() for key, value in state.items()}
    weights = {key: value for key, value in state.items() if not is_buffer(key)}
    learned = {key: value.requires_grad_() for key, value in weights.items() if is_learned(key)}
    optimizer = OPTIMIZERS[name](learned.values(), **settings)
    kept = buffers(name, settings)
    for key, value in learned.items():
        optimizer.state[value] = {
            theirs: state[f"optimizer.{ours}/{key}"] * factor for ours, (theirs, factor) in kept.items()
        }
        if name == "adam":
            optimizer.state[value]["step"] = torch.tensor(float(number))
    loss_of(weights).backward()
    optimizer.step()
    for key, value in learned.items():
        for ours, (theirs, factor) in kept.items():
            weights[f"optimizer.{ours}/{key}"] = optimizer.state[value][theirs] / factor
    return {key: value.detach() for key, value in weights.items()}
