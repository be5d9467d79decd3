"""The compiler's operations as PyTorch has them, in float64.

Request: `cases`, each with `op`, its `attributes`, the axes of its `inputs` (names, outermost first), and for each of
its `outputs` the `axes` and the `dtype` in which they are asked for. Input: `<case>/<input>`. Output: `<case>/<output>`.

A case with `gradients`, a list of inputs, has `<case>/g<output>` among the tensors for each output by whose gradient the
loss is known; its answer is the gradient of each of these inputs, `<case>/d<input>`, and not the outputs.

A tensor with names of axes is written `(tensor, axes)` here; a function of OPS takes the inputs in this form, the
attributes, and the axes of the first output, and returns one such pair or a list of them. What fails goes into the
metadata, by op.
"""

import math

import torch
import torch.nn.functional as F
from exchange import serve


def onto(pair, axes):
    """The tensor with these axes in their order; those that it lacks have length 1."""
    x, names = pair
    kept = [name for name in axes if name in names]
    assert set(names) <= set(axes), f"{names} are not among {axes}"
    x = x.permute([names.index(name) for name in kept])
    for position, name in enumerate(axes):
        if name not in names:
            x = x.unsqueeze(position)
    return x


def size(pair, name):
    x, names = pair
    return x.shape[names.index(name)]


def elementwise(f):
    def run(inputs, attributes, out):
        return f(*torch.broadcast_tensors(*[onto(x, out) for x in inputs]), **attributes), out

    return run


def along(f):
    """Of one axis, which keeps its place: f(x, dim)."""

    def run(inputs, attributes, out):
        x, names = inputs[0]
        return f(x, names.index(attributes["axis"])), names

    return run


def reduction(f):
    def run(inputs, attributes, out):
        x, names = inputs[0]
        over = attributes["over"]
        return f(x, [names.index(name) for name in over]), [name for name in names if name not in over]

    return run


def product(x, dims):
    for dim in sorted(dims, reverse=True):
        x = x.prod(dim)
    return x


def variance(inputs, attributes, out):
    x, names = inputs[0]
    over = attributes["over"]
    dims = [names.index(name) for name in over]
    # torch has no unbiased variance of one element; there it is 0.
    single = math.prod(x.shape[dim] for dim in dims) == 1
    y = torch.var(x, dims, unbiased=attributes["unbiased"] and not single)
    return y, [name for name in names if name not in over]


def argmax(inputs, attributes, out):
    x, names = inputs[0]
    axis = attributes["axis"]
    return torch.argmax(x, names.index(axis)), [name for name in names if name != axis]


def channelled(pair, channel, trailing=()):
    """[rest flattened, channel, trailing...] for torch's layers, and how to undo it."""
    x, names = pair
    rest = [name for name in names if name != channel and name not in trailing]
    x = onto(pair, [*rest, channel, *trailing])
    sizes = list(x.shape[: len(rest)])

    def undo(y, made=channel):
        return y.reshape(sizes + list(y.shape[1:])), [*rest, made, *trailing]

    return x.reshape([math.prod(sizes)] + list(x.shape[len(rest) :])), undo


def batch_norm(training):
    def run(inputs, attributes, out):
        x, undo = channelled(inputs[0], attributes["channel"])
        weight, bias, mean, var = (vector.clone() for vector, _ in inputs[1:])
        y = F.batch_norm(x, mean, var, weight, bias, training, attributes["momentum"], attributes["eps"])
        channel = [attributes["channel"]]
        if not training:
            return undo(y)
        rows = x.movedim(1, -1).flatten(0, -2)
        own = [(rows.mean(0), channel), (rows.var(0, unbiased=False), channel)]
        return [undo(y), (mean, channel), (var, channel), *own]

    return run


def centre(inputs, attributes, out):
    channel = attributes["channel"]
    x, undo = channelled(inputs[0], channel)
    mean = x.mean(0)
    return [(mean, [channel]), undo(x - mean), (x.var(0, unbiased=False), [channel])]


def rescale(inputs, attributes, out):
    x, undo = channelled(inputs[0], attributes["channel"])
    weight, bias, variance = (vector for vector, _ in inputs[1:4])
    return undo(x / torch.sqrt(variance + attributes["eps"]) * weight + bias)


def channel_affine(inputs, attributes, out):
    (x, names), channel, terms = inputs[0], attributes["channel"], attributes["terms"]
    column = lambda pair: pair[0].reshape([-1 if name == channel else 1 for name in names])
    zeros = torch.zeros((), dtype=x.dtype)
    given = dict(zip(terms, inputs[2:]))
    offset = column(given["offset"]) if "offset" in given else zeros
    addend = onto(given["addend"], names) if "addend" in given else zeros
    y = torch.addcmul(offset + addend, x, column(inputs[1]))
    return (F.relu(y) if attributes["relu"] else y), names


def channel_dot(inputs, attributes, out):
    (a, names), channel = inputs[0], attributes["channel"]
    products, _ = channelled((a * onto(inputs[1], names), names), channel)
    return products.sum(0), [channel]


def gain_gradient(inputs, attributes, out):
    (g, names), channel = inputs[0], attributes["channel"]
    x = torch.cat([onto(piece, names) for piece in inputs[7:]], names.index(channel))
    return channel_dot([(g, names), (x, names)], attributes, out)


def cut(inputs, attributes, out):
    x, names = inputs[0]
    pieces = torch.split(x, attributes["lengths"], names.index(attributes["axis"]))
    return [(piece, names) for piece in pieces]


def layer_norm(inputs, attributes, out):
    x, names = inputs[0]
    over = attributes["over"]
    rest = [name for name in names if name not in over]
    x = onto(inputs[0], rest + over)
    affine = [onto(vector, over) for vector in inputs[1:]]
    return F.layer_norm(x, x.shape[len(rest) :], *affine, eps=attributes["eps"]), rest + over


def prelu(inputs, attributes, out):
    x, undo = channelled(inputs[0], attributes["channel"])
    return undo(F.prelu(x, inputs[1][0]))


def padded(x, windows, value=0.0):
    """F.pad counts from the last axis backwards."""
    pads = [number for w in reversed(windows) for number in (w["before"], w["after"])]
    return F.pad(x, pads, value=value)


def conv(inputs, attributes, out):
    windows = attributes["windows"]
    over = [w["axis"] for w in windows]
    x, undo = channelled(inputs[0], attributes["from"], over)
    weight = onto(inputs[1], [".out", ".in", *("." + axis for axis in over)])
    bias = inputs[2][0] if len(inputs) > 2 else None
    f = [F.conv1d, F.conv2d, F.conv3d][len(over) - 1]
    stride, dilation = ([w[key] for w in windows] for key in ("stride", "dilation"))
    y = f(padded(x, windows), weight, bias, stride, 0, dilation, attributes["groups"])
    return undo(y, attributes["to"])


def conv_transpose(inputs, attributes, out):
    windows = attributes["windows"]
    over = [w["axis"] for w in windows]
    x, undo = channelled(inputs[0], attributes["from"], over)
    weight = onto(inputs[1], [".in", ".member", *("." + axis for axis in over)])
    bias = inputs[2][0] if len(inputs) > 2 else None
    f = [F.conv_transpose1d, F.conv_transpose2d][len(over) - 1]
    stride, dilation, more = ([w[key] for w in windows] for key in ("stride", "dilation", "more"))
    y = f(x, weight, bias, stride, 0, more, attributes["groups"], dilation)
    for dim, w in enumerate(windows, 2):
        y = y.narrow(dim, w["before"], y.shape[dim] - w["before"] - w["after"])
    return undo(y, attributes["to"])


def backward(f, inputs, by, attributes, g):
    """The gradient of f by one of its inputs, given that of its output."""
    pairs = [(x.detach().requires_grad_(i == by), axes) for i, (x, axes) in enumerate(inputs)]
    gradient, axes = g
    onto(f(pairs, attributes, axes), axes).backward(gradient)
    x, axes = pairs[by]
    return x.grad, axes


def conv_input_gradient(inputs, attributes, out):
    g, weight, *addend = inputs
    given = {o["axis"]: o["size"] for o in attributes["sizes"]}
    given[attributes["from"]] = size(weight, ".in") * attributes["groups"]
    shape = [given[name] if name in given else size(g, name) for name in out]
    x = torch.zeros(shape, dtype=torch.float64)
    gradient, axes = backward(conv, [(x, out), weight], 0, attributes, g)
    return sum((onto(more, axes) for more in addend), gradient), axes


def conv_weight_gradient(inputs, attributes, out):
    x, g = inputs
    given = {"." + w["axis"]: w["kernel"] for w in attributes["windows"]}
    given[".out"] = size(g, attributes["to"])
    given[".in"] = size(x, attributes["from"]) // attributes["groups"]
    weight = torch.zeros([given[name] for name in out], dtype=torch.float64)
    return backward(conv, [x, (weight, out)], 1, attributes, g)


def pool(kind):
    def run(inputs, attributes, out):
        windows = attributes["windows"]
        over = [w["axis"] for w in windows]
        x, names = inputs[0]
        rest = [name for name in names if name not in over]
        x = onto(inputs[0], rest + over)
        sizes = list(x.shape[: len(rest)])
        x = x.reshape([1, math.prod(sizes)] + list(x.shape[len(rest) :]))
        f = getattr(F, f"{kind}_pool{len(over)}d")
        kernel, stride = ([w[key] for w in windows] for key in ("kernel", "stride"))
        ceil = any(w.get("ceil") for w in windows)
        if kind == "max":
            y = f(padded(x, windows, -math.inf), kernel, stride, 0, [w["dilation"] for w in windows], ceil)
        else:
            y = f(padded(x, windows), kernel, stride, 0, ceil)
            if not attributes["countPadding"]:
                y = y / f(padded(torch.ones_like(x), windows), kernel, stride, 0, ceil)
        return y.reshape(sizes + list(y.shape[2:])), rest + over

    return run


def adaptive_avg_pool(inputs, attributes, out):
    over = [o["axis"] for o in attributes["over"]]
    names = inputs[0][1]
    rest = [name for name in names if name not in over]
    x = onto(inputs[0], rest + over)
    sizes = list(x.shape[: len(rest)])
    x = x.reshape([1, math.prod(sizes)] + list(x.shape[len(rest) :]))
    f = [F.adaptive_avg_pool1d, F.adaptive_avg_pool2d][len(over) - 1]
    y = f(x, [o["size"] for o in attributes["over"]])
    return y.reshape(sizes + list(y.shape[2:])), rest + over


def max_pool_gradient(inputs, attributes, out):
    x, g = inputs
    return backward(pool("max"), [x], 0, attributes, g)


def resized_back(f):
    """The gradient of an op that brings axes to other sizes, from the sizes that they had."""

    def run(inputs, attributes, out):
        g = inputs[0]
        given = {o["axis"]: o["size"] for o in attributes["sizes"]}
        x = torch.zeros([given.get(name, size(g, name)) for name in out], dtype=torch.float64)
        over = [{"axis": axis, "size": size(g, axis)} for axis in given]
        return backward(f, [(x, out)], 0, {**attributes, "over": over}, g)

    return run


def concat(inputs, attributes, out):
    axes = inputs[0][1]
    return torch.cat([onto(x, axes) for x in inputs], axes.index(attributes["axis"])), axes


def stack(inputs, attributes, out):
    axes = inputs[0][1]
    return torch.stack([onto(x, axes) for x in inputs]), [attributes["axis"], *axes]


def split(inputs, attributes, out):
    x, axes = inputs[0]
    return [(piece, axes) for piece in torch.chunk(x, attributes["into"], axes.index(attributes["axis"]))]


def shuffle(inputs, attributes, out):
    x, undo = channelled(inputs[0], attributes["axis"])
    y = x.unflatten(1, [attributes["groups"], -1]).transpose(1, 2).flatten(1)
    # torch's own has no gradient.
    assert torch.equal(y, torch.channel_shuffle(x.detach()[:, :, None, None], attributes["groups"])[:, :, 0, 0])
    return undo(y)


def rename(inputs, attributes, out):
    x, axes = inputs[0]
    names = dict(zip(attributes["from"], attributes["to"]))
    return x, [names.get(name, name) for name in axes]


def merge(inputs, attributes, out):
    x, axes = inputs[0]
    merged = attributes["from"]
    rest = [name for name in axes if name not in merged]
    return onto(inputs[0], rest + merged).flatten(len(rest)), [*rest, attributes["to"]]


def factor(inputs, attributes, out):
    x, axes = inputs[0]
    made = attributes["to"]
    rest = [name for name in axes if name != attributes["from"]]
    x = onto(inputs[0], rest + [attributes["from"]])
    return x.unflatten(len(rest), [m["size"] for m in made]), rest + [m["axis"] for m in made]


def expand(inputs, attributes, out):
    x, axes = inputs[0]
    made = attributes["over"]
    return x.expand([m["size"] for m in made] + list(x.shape)), [m["axis"] for m in made] + axes


def contract(inputs, attributes, out):
    letters = {}

    def letter(name):
        return letters.setdefault(name, chr(ord("a") + len(letters)))

    (a, left), (b, right) = inputs
    pairs = {pair["right"]: pair["left"] for pair in attributes["over"]}
    # What is summed over has one letter, which no output has; another axis of that name is another axis.
    summed = {name: "summed " + name for name in pairs.values()}
    first = [summed.get(name, name) for name in left]
    second = [summed[pairs[name]] if name in pairs else name for name in right]
    spell = lambda names: "".join(letter(name) for name in names)
    return torch.einsum(f"{spell(first)},{spell(second)}->{spell(out)}", a, b), out


def nearest_aligned(x, names, over, to):
    """F.interpolate has no aligned corners for this mode: the place that is nearest, the later one of two."""
    for axis, made in zip(over, to):
        given = x.shape[names.index(axis)]
        places = [math.floor(i * (given - 1) / (made - 1) + 0.5) if made > 1 else 0 for i in range(made)]
        x = x.index_select(names.index(axis), torch.tensor(places))
    return x


def resize(inputs, attributes, out):
    over = [o["axis"] for o in attributes["over"]]
    to = [o["size"] for o in attributes["over"]]
    x, names = inputs[0]
    if attributes["mode"] == "nearest" and attributes["corners"] == "aligned":
        return nearest_aligned(x, names, over, to), names
    rest = [name for name in names if name not in over]
    x = onto(inputs[0], rest + over)
    sizes = list(x.shape[: len(rest)])
    x = x.reshape([1, math.prod(sizes)] + list(x.shape[len(rest) :]))
    if attributes["mode"] == "nearest":
        y = F.interpolate(x, to, mode="nearest")
    else:
        mode = "bilinear" if len(over) == 2 else "linear"
        y = F.interpolate(x, to, mode=mode, align_corners=attributes["corners"] == "aligned")
    return y.reshape(sizes + to), rest + over


def cast(inputs, attributes, out):
    dtypes = {"f32": torch.float64, "int32": torch.int32, "bool": torch.bool}
    x, axes = inputs[0]
    return x.to(dtypes[attributes["to"]]), axes


def clamp(inputs, attributes, out):
    x, axes = inputs[0]
    return torch.clamp(x, attributes["min"], attributes["max"]), axes


def gather(inputs, attributes, out):
    table, indices = inputs
    axis = attributes["axis"]
    places, names = indices
    shared = [name for name in names if name != axis and name in table[1]]
    kept = [name for name in table[1] if name != axis and name not in shared]
    free = [name for name in names if name not in shared]
    x = onto(table, shared + [axis] + kept)
    at = onto(indices, shared + free).long()
    lead = [n for name in shared for n in [size(table, name)]]
    x = x.reshape([math.prod(lead), x.shape[len(shared)]] + list(x.shape[len(shared) + 1 :]))
    at = at.reshape([math.prod(lead)] + list(at.shape[len(shared) :]))
    y = torch.stack([rows[i] for rows, i in zip(x, at)])
    return y.reshape(lead + list(y.shape[1:])), shared + free + kept


def one_hot(inputs, attributes, out):
    x, axes = inputs[0]
    classes = attributes["size"]
    inside = (x >= 0) & (x < classes)
    encoded = F.one_hot(torch.where(inside, x, torch.zeros_like(x)).long(), classes) * inside[..., None]
    return encoded.double(), [*axes, attributes["axis"]]


def slice_(inputs, attributes, out):
    x, axes = inputs[0]
    place = [slice(None)] * len(axes)
    place[axes.index(attributes["axis"])] = slice(attributes["start"], attributes["stop"], attributes["step"])
    return x[tuple(place)], axes


def pad(inputs, attributes, out):
    x, axes = inputs[0]
    mode = attributes["mode"]
    for o in attributes["over"]:
        dim = axes.index(o["axis"])
        rows = x.movedim(dim, -1)
        flat = rows.reshape(1, -1, rows.shape[-1])
        sides = [o["before"], o["after"]]
        if mode == "constant":
            flat = F.pad(flat, sides, value=attributes["value"])
        else:
            flat = F.pad(flat, sides, mode={"edge": "replicate"}.get(mode, mode))
        x = flat.reshape(list(rows.shape[:-1]) + [flat.shape[-1]]).movedim(-1, dim)
    return x, axes


def cumsum(inputs, attributes, out):
    x, axes = inputs[0]
    dim = axes.index(attributes["axis"])
    sums = torch.cumsum(x.flip(dim) if attributes["reverse"] else x, dim)
    return sums.flip(dim) if attributes["reverse"] else sums, axes


def scatter_add(inputs, attributes, out):
    """One sum for each place: a mask of what the indices have there."""
    (x, names), indices = inputs
    counted = [name for name in indices[1] if name not in attributes["shared"]]
    kept = [name for name in names if name not in counted]
    values, at = onto((x, names), kept + counted), onto(indices, kept + counted)
    dims = list(range(len(kept), len(names)))
    sums = [(values * (at == k)).sum(dims) if dims else values * (at == k) for k in range(attributes["size"])]
    return torch.stack(sums), [attributes["axis"], *kept]


def roll(inputs, attributes, out):
    x, axes = inputs[0]
    return torch.roll(x, attributes["by"], axes.index(attributes["axis"])), axes


def positions(inputs, attributes, out):
    return torch.arange(attributes["size"]), [attributes["axis"]]


def image(f):
    """Of [N, C, H, W], by a factor."""

    def run(inputs, attributes, out):
        x, axes = inputs[0]
        return f(x, attributes["factor"]), axes

    return run


OPS = {
    "add": elementwise(torch.add),
    "sub": elementwise(torch.sub),
    "mul": elementwise(torch.mul),
    "div": elementwise(torch.div),
    "pow": elementwise(torch.pow),
    "maximum": elementwise(torch.maximum),
    "minimum": elementwise(torch.minimum),
    "equal": elementwise(torch.eq),
    "is_equal": elementwise(torch.eq),
    "not_equal": elementwise(torch.ne),
    "less": elementwise(torch.lt),
    "less_equal": elementwise(torch.le),
    "greater": elementwise(torch.gt),
    "greater_equal": elementwise(torch.ge),
    "logical_and": elementwise(torch.logical_and),
    "logical_or": elementwise(torch.logical_or),
    "logical_not": elementwise(torch.logical_not),
    "select": elementwise(torch.where),
    "neg": elementwise(torch.neg),
    "relu": elementwise(F.relu),
    "leaky_relu": elementwise(lambda x, slope: F.leaky_relu(x, slope)),
    "prelu": prelu,
    "elu": elementwise(lambda x, alpha: F.elu(x, alpha)),
    "selu": elementwise(F.selu),
    "gelu": elementwise(lambda x, tanh: F.gelu(x, approximate="tanh" if tanh else "none")),
    "silu": elementwise(F.silu),
    "mish": elementwise(F.mish),
    "h_swish": elementwise(F.hardswish),
    "h_sigmoid": elementwise(F.hardsigmoid),
    "sigmoid": elementwise(torch.sigmoid),
    "tanh": elementwise(torch.tanh),
    # Beyond its threshold torch takes x itself.
    "softplus": elementwise(lambda x: F.softplus(x, threshold=100)),
    "log_sigmoid": elementwise(F.logsigmoid),
    "erf": elementwise(torch.erf),
    "exp": elementwise(torch.exp),
    "log": elementwise(torch.log),
    "sqrt": elementwise(torch.sqrt),
    "rsqrt": elementwise(torch.rsqrt),
    "abs": elementwise(torch.abs),
    "sign": elementwise(torch.sign),
    "is_positive": elementwise(lambda x: (x > 0) + 0 * x),
    "clamp": clamp,
    "cast": cast,
    "softmax": along(torch.softmax),
    "log_softmax": along(torch.log_softmax),
    "cut": cut,
    "cumsum": cumsum,
    "argmax": argmax,
    "mean": reduction(torch.mean),
    "sum": reduction(torch.sum),
    "max": reduction(torch.amax),
    "min": reduction(torch.amin),
    "prod": reduction(product),
    "variance": variance,
    # Without random numbers, as in inference.
    "dropout": elementwise(lambda x, rate, over: x),
    "batch_norm": batch_norm(False),
    "batch_norm_train": batch_norm(True),
    "centre": centre,
    "channel_affine": channel_affine,
    "channel_dot": channel_dot,
    "gain_gradient": gain_gradient,
    "rescale": rescale,
    "layer_norm": layer_norm,
    "conv": conv,
    "conv_input_gradient": conv_input_gradient,
    "conv_weight_gradient": conv_weight_gradient,
    "conv_transpose": conv_transpose,
    "max_pool": pool("max"),
    "avg_pool": pool("avg"),
    "adaptive_avg_pool": adaptive_avg_pool,
    "max_pool_gradient": max_pool_gradient,
    "avg_pool_gradient": resized_back(pool("avg")),
    "adaptive_avg_pool_gradient": resized_back(adaptive_avg_pool),
    "resize": resize,
    "resize_gradient": resized_back(resize),
    "contract": contract,
    "concat": concat,
    "stack": stack,
    "split": split,
    "shuffle": shuffle,
    "rename": rename,
    "merge": merge,
    "factor": factor,
    "expand": expand,
    "gather": gather,
    "scatter_add": scatter_add,
    "one_hot": one_hot,
    "slice": slice_,
    "pad": pad,
    "roll": roll,
    "pixel_shuffle": image(F.pixel_shuffle),
    "pixel_unshuffle": image(F.pixel_unshuffle),
    "positions": positions,
}


def answer(request, tensors):
    dtypes = {"f32": torch.float64, "int32": torch.int32, "bool": torch.bool}
    results, problems = {}, {}
    for case, asked in enumerate(request["cases"]):
        inputs = [
            (torch.from_numpy(tensors[f"{case}/{i}"]).to(dtypes[given["dtype"]]), given["axes"])
            for i, given in enumerate(asked["inputs"])
        ]
        wanted = asked["outputs"]
        leaves = {i: inputs[i][0].requires_grad_() for i in asked.get("gradients", [])}
        try:
            made = OPS[asked["op"]](inputs, asked["attributes"], wanted[0])
        except Exception as problem:
            problems.setdefault(asked["op"], f"{type(problem).__name__}: {problem}")
            continue
        outputs = made if isinstance(made, list) else [made]
        for i, (_, axes) in enumerate(outputs):
            assert set(axes) == set(wanted[i]), f"{asked['op']} has axes {axes}, not {wanted[i]}"
        if "gradients" not in asked:
            for i, pair in enumerate(outputs):
                results[f"{case}/{i}"] = onto(pair, wanted[i]).double().contiguous().numpy()
            continue
        given = {i: torch.from_numpy(tensors[name]) for i in range(len(outputs)) if (name := f"{case}/g{i}") in tensors}
        loss = sum((onto(outputs[i], wanted[i]) * g).sum() for i, g in given.items())
        for (i, leaf), gradient in zip(leaves.items(), torch.autograd.grad(loss, list(leaves.values()))):
            results[f"{case}/d{i}"] = gradient.contiguous().numpy()
    return results, problems


serve(answer)
