"""The two orders in which torch keeps images and the weights of convolutions."""

import torch

LAYOUTS = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}


def in_layout(tensor, layout):
    return tensor.contiguous(memory_format=LAYOUTS[layout]) if tensor.dim() == 4 else tensor
