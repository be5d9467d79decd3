"""How an oracle talks to a test: it is run as `python3 ORACLE.py REQUEST.json INPUT.safetensors OUTPUT.safetensors`.

The request is a JSON object. Tensors travel in the safetensors format, of which the few lines here read and write
what the oracles need, so that nothing beside numpy has to be installed.
"""

import json
import struct
import sys

import numpy as np

_TYPES = {"F64": np.dtype("<f8"), "F32": np.dtype("<f4"), "I64": np.dtype("<i8"), "I32": np.dtype("<i4")}


def read_tensors(path):
    """A dict of numpy arrays."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = np.frombuffer(data[begin:end], dtype=_TYPES[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"]).copy()
    return tensors


def write_tensors(path, tensors, metadata=None):
    """Writes a dict of numpy arrays and a dict of strings."""
    codes = {dtype: code for code, dtype in _TYPES.items()}
    header = {"__metadata__": metadata} if metadata else {}
    chunks = []
    offset = 0
    for name, array in tensors.items():
        # np.ascontiguousarray would make one axis of none.
        array = np.asarray(array, order="C")
        chunk = array.tobytes()
        header[name] = {
            "dtype": codes[array.dtype.newbyteorder("<")],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(chunk)],
        }
        chunks.append(chunk)
        offset += len(chunk)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        file.writelines(chunks)


def serve(answer):
    """Runs `answer(request, tensors) -> (tensors, metadata)` on the files of the command line."""
    request_path, input_path, output_path = sys.argv[1:]
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    tensors, metadata = answer(request, read_tensors(input_path))
    write_tensors(output_path, tensors, metadata)
