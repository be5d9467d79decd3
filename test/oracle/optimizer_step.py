"""A step of training as a function from state to state, the buffers of torch's optimiser in it by the names that we have
for them: `optimizer.mean/KEY`."""

import torch
from mair_small import is_learned

OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
BUFFERS = {
    "sgd": {"velocity": "momentum_buffer"},
    "adam": {"mean": "exp_avg", "square": "exp_avg_sq"},
}


def is_buffer(key):
    return key.startswith("optimizer.")


def empty_buffers(name, state):
    """What an optimiser has before its first step, for each parameter of a state without buffers."""
    learned = {key: value for key, value in state.items() if is_learned(key)}
    return {f"optimizer.{ours}/{key}": torch.zeros_like(value) for ours in BUFFERS[name] for key, value in learned.items()}


def step(name, settings, state, number, loss_of):
    """The state after the `number`-th step, from 0, in the type and the layout of the state before, which is left as it
    is. `loss_of` is given parameters and running statistics, and renews the latter."""
    state = {key: value.clone() for key, value in state.items()}
    weights = {key: value for key, value in state.items() if not is_buffer(key)}
    learned = {key: value.requires_grad_() for key, value in weights.items() if is_learned(key)}
    optimizer = OPTIMIZERS[name](learned.values(), **settings)
    for key, value in learned.items():
        optimizer.state[value] = {theirs: state[f"optimizer.{ours}/{key}"] for ours, theirs in BUFFERS[name].items()}
        if name == "adam":
            optimizer.state[value]["step"] = torch.tensor(float(number))
    loss_of(weights).backward()
    optimizer.step()
    for key, value in learned.items():
        for ours, theirs in BUFFERS[name].items():
            weights[f"optimizer.{ours}/{key}"] = optimizer.state[value][theirs]
    return {key: value.detach() for key, value in weights.items()}
