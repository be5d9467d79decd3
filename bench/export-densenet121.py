"""The other side of the bench build-time: torchvision's DenseNet-121 as an ONNX file, batch dynamic.

    python3 export-densenet121.py FILE.onnx
"""

import sys
import warnings

import torch
import torchvision

warnings.simplefilter("ignore")
torch.manual_seed(0)
model = torchvision.models.densenet121(weights=None, num_classes=14).eval()
torch.onnx.export(
    model,
    torch.zeros(1, 3, 224, 224),
    sys.argv[1],
    opset_version=17,
    input_names=["image"],
    output_names=["logits"],
    dynamic_axes={"image": {0: "N"}, "logits": {0: "N"}},
)
