"""A float64 training beside which each of its steps is taken by torch in float32, and by whoever reads it, from the same
state.

    streamed_steps.py FOLDER

The folder has `request.json`: network (a name that networks.py knows), optimizer (`sgd` or `adam`), settings of torch's
constructor, steps. It has `given.safetensors`: `state/KEY` for each parameter and running statistic; `image`, `findings`
and, for `mair-small`, `known`, the batches one behind the other, which are taken in turns.

Each step begins with a line `before` when `before.safetensors` has the state, the optimiser's buffers in it. It waits for
a line when `after.safetensors` has what the other made of it, with all keys that change. The answer is a line of JSON,
for each such key the errors of the other (`ours`) and of torch's two layouts: the norm of the difference from what
float64 makes of the same state, as a share of the norm of what float64 changed. States of large networks are gigabytes, of
which only one at a time is kept.
"""

import json
import sys
from pathlib import Path

import torch
from exchange import read_tensors, write_tensors
from layouts import LAYOUTS, in_layout
from networks import training_loss
from optimizer_step import empty_buffers, step


def relative(error, change):
    """What is not changed is to stay as it is to the bit."""
    if change == 0:
        return 0.0 if error == 0 else float("inf")
    return error / change


def errors_of(value, exact, before):
    return relative((value.double() - exact).norm().item(), (exact - before.double()).norm().item())


def main():
    folder = Path(sys.argv[1])
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    given = {name: torch.from_numpy(value) for name, value in read_tensors(folder / "given.safetensors").items()}
    state = {name.removeprefix("state/"): value for name, value in given.items() if name.startswith("state/")}
    batches = {name: value for name, value in given.items() if not name.startswith("state/")}
    state |= empty_buffers(request["optimizer"], request["settings"], state)

    def after(number, dtype, layout):
        def converted(tensor):
            return in_layout(tensor.to(dtype), layout)

        batch = {name: converted(value[number % len(value)]) for name, value in batches.items()}
        start = {key: converted(value) for key, value in state.items()}
        return step(
            request["optimizer"],
            request["settings"],
            start,
            number,
            lambda weights: training_loss(request["network"], weights, batch),
        )

    for number in range(request["steps"]):
        write_tensors(folder / "before.safetensors", {key: value.numpy() for key, value in state.items()})
        print("before", flush=True)
        exact = after(number, torch.float64, "nchw")
        errors = {key: {} for key in exact}
        for layout in LAYOUTS:
            for key, value in after(number, torch.float32, layout).items():
                errors[key][layout] = errors_of(value, exact[key], state[key])
        if not sys.stdin.readline():
            return
        ours = read_tensors(folder / "after.safetensors")
        if set(ours) != set(exact):
            raise ValueError(f"changed on one side alone: {sorted(set(ours) ^ set(exact))}")
        for key, value in ours.items():
            errors[key]["ours"] = errors_of(torch.from_numpy(value), exact[key], state[key])
        print(json.dumps(errors), flush=True)
        state = {key: value.float() for key, value in exact.items()}


main()
