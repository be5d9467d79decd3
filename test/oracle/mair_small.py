"""models/mair-small.net written once more, for PyTorch and by hand, to compare the compiler's targets with.

Input: a tensor for every parameter and running statistic under its path in the source (`s3/by_row/weight`), and `image`,
`findings`, `known`. All is computed in float64.

Output: `infer/logits`; `train/logits` and `train/loss` in training mode, `gradient/PATH` of that loss by each
parameter, `updated/PATH` for each running statistic after it.
"""

import torch
import torch.nn.functional as F
from exchange import serve

RUNNING = ("running_mean", "running_var")


def is_learned(path):
    """Whether a path is a parameter's, and no running statistic's."""
    return not path.endswith(RUNNING)


class Network:
    """Layers that take their weights from a dict by path; running statistics are replaced there when training."""

    def __init__(self, weights, training):
        self.weights = weights
        self.training = training

    def conv(self, path, x, stride=1):
        weight = self.weights[f"{path}/weight"]
        bias = self.weights.get(f"{path}/bias")
        return F.conv2d(x, weight, bias, stride=stride, padding=weight.shape[-1] // 2)

    def linear(self, path, x):
        """Over the second axis, whatever follows it."""
        y = F.linear(x.movedim(1, -1), self.weights[f"{path}/weight"], self.weights[f"{path}/bias"])
        return y.movedim(-1, 1)

    def batch_norm(self, path, x):
        mean, variance = (self.weights[f"{path}/{name}"] for name in RUNNING)
        scale, shift = self.weights[f"{path}/weight"], self.weights[f"{path}/bias"]
        return F.batch_norm(x, mean, variance, scale, shift, training=self.training, momentum=0.1, eps=1e-5)

    def conv_bn(self, path, x, stride=1):
        return self.batch_norm(f"{path}/batch_norm", self.conv(f"{path}/conv", x, stride))

    def conv_bn_relu(self, path, x, stride=1):
        return F.relu(self.conv_bn(path, x, stride))

    def bn_relu_conv(self, path, x):
        return self.conv(f"{path}/conv", F.relu(self.batch_norm(f"{path}/batch_norm", x)))

    def dense(self, path, x, layers):
        maps = [x]
        for i in range(layers):
            narrow = self.bn_relu_conv(f"{path}/layer/{i}/narrow", torch.cat(maps, 1))
            maps.append(self.bn_relu_conv(f"{path}/layer/{i}/grown", narrow))
        return torch.cat(maps, 1)

    def transition(self, path, x):
        return F.avg_pool2d(self.bn_relu_conv(f"{path}/halved", x), 2)

    def backbone(self, image):
        x = F.max_pool2d(self.conv_bn_relu("backbone/stem", image, stride=2), 3, stride=2, padding=1)
        taps = []
        for block, layers in enumerate((4, 5, 4, 4), start=1):
            x = self.dense(f"backbone/dense{block}", x, layers)
            taps.append(x)
            if block < 4:
                x = self.transition(f"backbone/transition{block}", x)
        return taps[1], taps[2], F.relu(self.batch_norm("backbone/norm", x))

    def sim(self, path, x, paths=4):
        first, *others = self.conv_bn_relu(f"{path}/mixed", x).chunk(paths, 1)
        seen = [first]
        for i, group in enumerate(others):
            seen.append(self.conv_bn_relu(f"{path}/path/{i}", group + seen[-1]))
        y = torch.cat(seen, 1)

        def gate(name, descriptor):
            narrow = F.hardswish(self.linear(f"{path}/squeeze/narrow", descriptor))
            return torch.sigmoid(self.linear(f"{path}/{name}", narrow))

        y = y * gate("by_row", y.mean(3))[:, :, :, None] * gate("by_col", y.mean(2))[:, :, None, :]
        n, c, h, w = y.shape
        y = y.reshape(n, paths, c // paths, h, w).transpose(1, 2).reshape(n, c, h, w)
        return F.relu(x + self.conv_bn(f"{path}/residual", y))

    def msfa(self, path, fine, middle, coarse):
        names = ("fine", "middle", "coarse")
        size = middle.shape[2:]
        scales = [
            F.interpolate(self.conv_bn_relu(f"{path}/from_{name}", x), size, mode="bilinear", align_corners=False)
            for name, x in zip(names, (fine, middle, coarse))
        ]
        descriptor = F.relu(self.linear(f"{path}/descriptor", sum(scales).mean((2, 3))))
        scores = torch.stack([self.linear(f"{path}/score_{name}", descriptor) for name in names])
        fused = (torch.stack(scales) * torch.softmax(scores, 0)[..., None, None]).sum(0)
        summary = torch.stack([fused.mean(1), fused.max(1).values], 1)
        return fused * (1 + torch.sigmoid(self.conv(f"{path}/gate", summary)))

    def logits(self, image):
        scales = [self.sim(name, x) for name, x in zip(("s3", "s4", "s5"), self.backbone(image))]
        return self.linear("logits", self.msfa("fused", *scales).mean((2, 3)))


def loss_of(x, y, weight, pos=1, neg=4, shift=0.05):
    p = torch.sigmoid(x)
    p_m = torch.clamp(p - shift, min=0)
    terms = y * (1 - p) ** pos * F.logsigmoid(x) + (1 - y) * p_m**neg * torch.log(1 - p_m)
    return -(weight * terms).sum() / weight.sum()


def answer(_request, tensors):
    weights = {path: torch.from_numpy(array).double() for path, array in tensors.items()}
    image, findings, known = (weights.pop(name) for name in ("image", "findings", "known"))
    learned = {path: value for path, value in weights.items() if is_learned(path)}
    with torch.no_grad():
        infer = Network(weights, training=False).logits(image)
    for value in learned.values():
        value.requires_grad_()
    train = Network(weights, training=True).logits(image)
    loss = loss_of(train, findings, known)
    loss.backward()
    result = {"infer/logits": infer, "train/logits": train.detach(), "train/loss": loss.detach().reshape(1)}
    for path, value in weights.items():
        if path in learned:
            result[f"gradient/{path}"] = value.grad
        else:
            result[f"updated/{path}"] = value
    return {name: value.numpy() for name, value in result.items()}, {}


if __name__ == "__main__":
    serve(answer)
