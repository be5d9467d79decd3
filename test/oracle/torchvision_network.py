"""A network of torchvision with random weights: what it computes in inference and in training mode.

Request: architecture (the name of a function in torchvision.models or torchvision.models.segmentation), classes, batch, size (pixels), seed.

Output: `image`; `state/KEY` for each entry of the state dict before any forward pass; then, computed in float64 and
in float32 from the same float32 numbers (`f64/...` and `f32/...`), `infer/logits`, `train/logits`, and
`updated/KEY`, the running statistics after one forward pass in training mode, in which nothing is dropped. Metadata: `parameters`,
their number.
"""

import torch
from exchange import serve
from torchvision import models
from torchvision.ops import StochasticDepth


def randomised(request):
    """The network, with batch norms that have seen something: fresh ones would hide mistakes in their statistics."""
    torch.manual_seed(request["seed"])
    name, classes = request["architecture"], request["classes"]
    if hasattr(models.segmentation, name):
        build = getattr(models.segmentation, name)
        network = build(weights=None, weights_backbone=None, num_classes=classes, aux_loss=False)
    else:
        network = getattr(models, name)(weights=None, num_classes=classes)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.2)
            torch.nn.init.normal_(module.running_mean, 0, 0.2)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
        if isinstance(module, torch.nn.LayerNorm):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.2)
        if isinstance(module, (torch.nn.Dropout, StochasticDepth)):
            module.p = 0.0
    for name, parameter in network.named_parameters():
        # A scale of 1e-6 would hide its branch.
        if name.endswith("layer_scale"):
            torch.nn.init.uniform_(parameter, 0.2, 0.5)
    return network


def floats(state):
    """Entries that are weights or statistics; torch's counters of batches are neither."""
    return {key: value for key, value in state.items() if value.is_floating_point()}


def logits_of(network, image):
    """A segmentation network answers with a dict."""
    result = network(image)
    return result["out"] if isinstance(result, dict) else result


def answer(request, _tensors):
    network = randomised(request)
    state = {key: value.clone() for key, value in network.state_dict().items()}
    image = torch.randn(request["batch"], 3, request["size"], request["size"])
    tensors = {"image": image.numpy()}
    for key, value in floats(state).items():
        tensors[f"state/{key}"] = value.numpy()

    with torch.no_grad():
        for name, dtype in (("f64", torch.float64), ("f32", torch.float32)):
            network.to(dtype).load_state_dict(state)
            tensors[f"{name}/infer/logits"] = logits_of(network.eval(), image.to(dtype)).numpy()
            tensors[f"{name}/train/logits"] = logits_of(network.train(), image.to(dtype)).numpy()
            for key, value in floats(network.state_dict()).items():
                if "running_" in key:
                    tensors[f"{name}/updated/{key}"] = value.numpy().copy()
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return tensors, {"parameters": str(parameters)}


serve(answer)
