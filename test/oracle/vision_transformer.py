"""A vision transformer of torchvision with random weights, and its logits.

Request: architecture (`vit` or `swin`), options (arguments of torchvision's class), size (pixels), batch, seed.

Output: `image`; `state/KEY` for each learned entry of the state dict; `logits`, computed in float64 from the same float32
numbers. Metadata: `parameters`, their number.
"""

import torch
from exchange import serve
from torchvision.models.swin_transformer import SwinTransformer
from torchvision.models.vision_transformer import VisionTransformer

ARCHITECTURES = {"vit": VisionTransformer, "swin": SwinTransformer}


def answer(request, _tensors):
    torch.manual_seed(request["seed"])
    network = ARCHITECTURES[request["architecture"]](**request["options"]).eval()
    learned = dict(network.named_parameters())
    with torch.no_grad():
        # Much starts at zero or one, where a parameter in the wrong place would not be seen.
        for parameter in learned.values():
            parameter += 0.02 * torch.randn_like(parameter)
    size = request["size"]
    image = torch.randn(request["batch"], 3, size, size)
    tensors = {"image": image.numpy()}
    for key, value in learned.items():
        tensors[f"state/{key}"] = value.detach().numpy().copy()
    with torch.no_grad():
        tensors["logits"] = network.double()(image.double()).numpy()
    return tensors, {"parameters": str(sum(value.numel() for value in learned.values()))}


serve(answer)
