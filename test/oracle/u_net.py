"""U-Net once more by hand, on weights that are given, in float64.

Input: `image`, and `weight/PATH` for each parameter by its path. Output: `infer/logits`, `train/logits`, and
`updated/PATH`, the running statistics after one forward pass in training mode.
"""

import torch
import torch.nn.functional as F
from exchange import serve


class Network:
    def __init__(self, weights, training):
        self.weights = weights
        self.training = training

    def layer(self, x, path):
        """Convolution, batch norm, ReLU; the running statistics change in place."""
        w = self.weights
        y = F.conv2d(x, w[f"{path}/conv/weight"], padding=1)
        norm = [w[f"{path}/batch_norm/{name}"] for name in ("running_mean", "running_var", "weight", "bias")]
        return F.relu(F.batch_norm(y, *norm, training=self.training, momentum=0.1, eps=1e-5))

    def double(self, x, path):
        return self.layer(self.layer(x, f"{path}/first"), f"{path}/second")

    def down(self, x, path):
        return self.double(F.max_pool2d(x, 2), f"{path}/DoubleConv")

    def up(self, x, skip, path):
        kernel, bias = self.weights[f"{path}/up/weight"], self.weights[f"{path}/up/bias"]
        wide = F.conv_transpose2d(x, kernel, bias, stride=2)
        return self.double(torch.cat([skip, wide], 1), f"{path}/DoubleConv")

    def logits(self, image):
        features = [self.double(image, "features/x1")]
        for depth in range(2, 6):
            features.append(self.down(features[-1], f"features/x{depth}"))
        y = features.pop()
        for depth in range(4, 0, -1):
            y = self.up(y, features.pop(), f"features/y{depth}")
        return F.conv2d(y, self.weights["logits/weight"], self.weights["logits/bias"])


def answer(_request, tensors):
    image = torch.from_numpy(tensors["image"]).double()
    weights = {
        name.removeprefix("weight/"): torch.from_numpy(value).double()
        for name, value in tensors.items()
        if name.startswith("weight/")
    }
    results = {"infer/logits": Network(weights, False).logits(image).numpy()}
    results["train/logits"] = Network(weights, True).logits(image).numpy()
    for path, value in weights.items():
        if "running_" in path:
            results[f"updated/{path}"] = value.numpy()
    return results, {}


serve(answer)
