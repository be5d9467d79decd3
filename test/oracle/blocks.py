"""Blocks of the library as torch or torchvision has them, or by hand, on random weights: what they compute.

Request: `cases`, a list of block (a name of BLOCKS), options (its arguments), inputs (shapes by name, the batch first, in
the order of the block's inputs), seed.

Output, each name behind the number of its case, `0/input/x`, computed in float64 from the same float32 numbers: `input/NAME`; `state/KEY` for each entry of the state dict
before any pass; `infer/I` and `train/I` for the I-th result in each mode; `updated/KEY`, the running statistics
after a pass in training mode; `known/I`, random numbers, and of the sum of all products of known/I and train/I the
gradients `gradient/KEY` by each parameter and `gradient/input/NAME` by each input, summed over the batch.
"""

from collections import OrderedDict
from functools import partial

import torch
import torch.nn.functional as F
from attention_by_hand import CBAM, CoordinateAttention
from exchange import serve
from torch import nn
from torchvision.models import mobilenetv2, mobilenetv3
from torchvision.models.segmentation.deeplabv3 import ASPP
from torchvision.models.swin_transformer import ShiftedWindowAttention
from torchvision.models.vision_transformer import VisionTransformer
from torchvision.ops import FeaturePyramidNetwork, SqueezeExcitation
from torchvision.ops.feature_pyramid_network import LastLevelP6P7


def mobilenet_v3(*args, eps=1e-3):
    config = mobilenetv3.InvertedResidualConfig(*args, dilation=1, width_mult=1)
    return mobilenetv3.InvertedResidual(config, norm_layer=partial(nn.BatchNorm2d, eps=eps, momentum=0.01))


class Pyramid(nn.Module):
    def __init__(self, channels, width, extra):
        super().__init__()
        last = LastLevelP6P7(width, width) if extra else None
        self.fpn = FeaturePyramidNetwork(channels, width, last)

    def forward(self, *levels):
        named = OrderedDict((f"c{i}", level) for i, level in enumerate(levels))
        return tuple(self.fpn(named).values())


class Attention(nn.Module):
    """nn.MultiheadAttention of x to a memory or to itself, perhaps with the mask of a decoder."""

    def __init__(self, dim, heads, memory=None, causal=False):
        super().__init__()
        self.attention = nn.MultiheadAttention(dim, heads, kdim=memory, vdim=memory, batch_first=True)
        self.causal = causal

    def forward(self, x, memory=None):
        memory = x if memory is None else memory
        length = x.shape[1]
        mask = torch.ones(length, length, dtype=torch.bool).triu(1) if self.causal else None
        return self.attention(x, memory, memory, attn_mask=mask, need_weights=False)[0]


class SeparateAttention(Attention):
    """Its joint projections are told apart in what the oracle gives: their rows are those of q, k and v."""


class PatchEmbedding(nn.Module):
    """The part of torchvision's vision transformer that makes patches: its parameters are those of conv_proj."""

    def __init__(self, size, patch, width):
        super().__init__()
        transformer = VisionTransformer(size, patch, num_layers=0, num_heads=1, hidden_dim=width, mlp_dim=1)
        self.conv_proj = transformer.conv_proj
        self.embed = transformer._process_input

    def forward(self, image):
        return self.embed(image)


class IntoWindows(nn.Module):
    """im2col with windows that do not overlap: of each channel, for each place of a window, the values of all windows."""

    def __init__(self, window):
        super().__init__()
        self.window = window

    def forward(self, x):
        columns = F.unfold(x, self.window, stride=self.window)
        return columns.reshape(x.shape[0], x.shape[1], self.window**2, -1).transpose(2, 3)


class FromWindows(IntoWindows):
    def __init__(self, window, size):
        super().__init__(window)
        self.size = size

    def forward(self, windows):
        columns = windows.transpose(2, 3).flatten(1, 2)
        return F.fold(columns, self.size, self.window, stride=self.window)


BLOCKS = {
    "aspp": ASPP,
    "attention": Attention,
    "cbam": CBAM,
    "coordinate_attention": CoordinateAttention,
    "from_windows": FromWindows,
    "into_windows": IntoWindows,
    "mobilenet_v2": mobilenetv2.InvertedResidual,
    "mobilenet_v3": mobilenet_v3,
    "patch_embedding": PatchEmbedding,
    "pyramid": Pyramid,
    "separate_attention": SeparateAttention,
    "shifted_windows": ShiftedWindowAttention,
    "squeeze_excite": SqueezeExcitation,
    "squeeze_excite_v3": partial(SqueezeExcitation, activation=nn.SiLU, scale_activation=nn.Hardsigmoid),
}


def randomise(block):
    """Nothing stays at 0 or 1, where an entry in the wrong place would not be seen; nothing is dropped."""
    for module in block.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, 0, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    with torch.no_grad():
        for parameter in block.parameters():
            parameter += 0.2 * torch.randn_like(parameter)


def told_apart(block, tensors):
    if not isinstance(block, SeparateAttention):
        return tensors
    result = dict(tensors)
    for name in ("weight", "bias"):
        joint = result.pop(f"attention.in_proj_{name}", None)
        if joint is not None:
            result |= {f"attention.{part}_proj_{name}": rows for part, rows in zip("qkv", joint.chunk(3))}
    return result


def as_tuple(result):
    return result if isinstance(result, tuple) else (result,)


def worked(case):
    torch.manual_seed(case["seed"])
    block = BLOCKS[case["block"]](*case["options"])
    randomise(block)
    inputs = {name: torch.randn(*shape) for name, shape in case["inputs"].items()}
    state = {key: value.clone() for key, value in block.state_dict().items() if value.is_floating_point()}
    results = {f"input/{name}": value for name, value in inputs.items()}
    results |= {f"state/{key}": value for key, value in told_apart(block, state).items()}

    block.double()
    inputs = {name: value.double().requires_grad_() for name, value in inputs.items()}
    with torch.no_grad():
        infer = as_tuple(block.eval()(*inputs.values()))
    train = as_tuple(block.train()(*inputs.values()))
    known = [torch.randn(value.shape) for value in train]
    sum((a.double() * b).sum() for a, b in zip(known, train)).backward()
    for i, (a, b, c) in enumerate(zip(infer, train, known)):
        results |= {f"infer/{i}": a, f"train/{i}": b, f"known/{i}": c}
    gradients = {key: value.grad for key, value in block.named_parameters()}
    results |= {f"gradient/{key}": value for key, value in told_apart(block, gradients).items()}
    results |= {f"gradient/input/{name}": value.grad.sum(0) for name, value in inputs.items()}
    results |= {f"updated/{key}": value for key, value in block.state_dict().items() if "running_" in key}
    return {name: value.detach().numpy() for name, value in results.items()}


def answer(request, _tensors):
    cases = enumerate(map(worked, request["cases"]))
    return {f"{i}/{name}": value for i, results in cases for name, value in results.items()}, {}


serve(answer)
