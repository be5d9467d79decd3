"""Steps of training in float64, and each of them once more in float32 from the same state.

Request: network (`small` or `mair-small`), optimizer (`sgd` or `adam`), settings of torch's constructor, steps. Input: by
its path in the source, `state/PATH` for each parameter and running statistic; `image`, `findings` and `known`, the
batches one behind the other, which are taken in turns.

Output, with a row for each step: `before/PATH`, the state that float64 starts from, rounded to float32; `after/PATH`,
what float64 makes of it unrounded; `float32/PATH`, what float32 makes of it rounded. What the optimiser keeps is
there as we keep it, `optimizer.sum/PATH`.
"""

import mair_small
import torch
import torch.nn.functional as F
from exchange import serve
from optimizer_step import empty_buffers, step


class Small(mair_small.Network):
    """A convolution, a residual block of ResNet-18, and a classifier."""

    def logits(self, image):
        x = self.conv_bn_relu("stem", image)
        y = self.conv_bn("body/second", self.conv_bn_relu("body/first", x))
        return self.linear("logits", F.max_pool2d(F.relu(x + y), 2).mean((2, 3)))


NETWORKS = {"small": Small, "mair-small": mair_small.Network}


def answer(request, tensors):
    given = {name: torch.from_numpy(value) for name, value in tensors.items()}
    state = {name.removeprefix("state/"): value.double() for name, value in given.items() if name.startswith("state/")}
    state |= empty_buffers(request["optimizer"], request["settings"], state)

    def after(state, number, batch):
        def loss_of(weights):
            network = NETWORKS[request["network"]](weights, training=True)
            return mair_small.loss_of(network.logits(batch["image"]), batch["findings"], batch["known"])

        return step(request["optimizer"], request["settings"], state, number, loss_of)

    rows = {}
    for number in range(request["steps"]):
        turn = number % len(given["image"])
        batch = {name: given[name][turn] for name in ("image", "findings", "known")}
        rounded = {path: value.float() for path, value in state.items()}
        exact = after(state, number, {name: value.double() for name, value in batch.items()})
        theirs = after(rounded, number, batch)
        for name, values in (("before", rounded), ("after", exact), ("float32", theirs)):
            for path, value in values.items():
                rows.setdefault(f"{name}/{path}", []).append(value)
        state = exact
    return {name: torch.stack(values).numpy() for name, values in rows.items()}, {}


serve(answer)
