/** What a word of other languages and libraries is called here, or what takes its place. */
interface Meaning {
  /** The same thing under another name, with the same arguments. */
  readonly name?: string;
  readonly help: string;
}

const called = (name: string): Meaning => ({ name, help: `it is called \`${name}\`` });
const write = (text: string): Meaning => ({ help: `write ${text}` });
const left: Meaning = { help: 'axes have names and no order: leave it out' };
const reshaped = write('`merge([H, W] -> T)` or `factor(D -> [h: heads, d: D / heads])`');
const product = write('`contract(a, b, over: [d])`, or `linear` for a product with weights');
const sine: Meaning = { help: 'there are no sines: make what needs them an input, or learn it as a `param`' };
const ordered: Meaning = { help: 'nothing sorts: `max` and `argmax` find what is largest' };
const stopped: Meaning = { help: 'nothing stops a gradient: it flows to all that the loss depends on' };
const recurrent: Meaning = {
  help: 'there are no recurrent layers: a loop carries a state from turn to turn',
};

/** In small letters, without `_`. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  ['range', write('`for i in 0..n`')],
  ['arange', write('`positions(over: [T: n])`')],
  ['enumerate', write('`for (i, x) in list`')],
  ['zip', { help: 'make a list of pairs: `for pair in [(a, b), (c, d)]`' }],
  ['len', { help: 'the number of labels is their name, that of an axis its size variable' }],
  ['size', { help: 'the size of an axis is its size variable: `C` of `x: [N, C]`' }],
  ['shape', { help: 'the size of an axis is its size variable: `C` of `x: [N, C]`' }],
  ['int', { help: 'divide with `floordiv` or `ceildiv`, which make integers' }],
  ['flatten', write('`merge([C, H, W] -> D)`')],
  ['unflatten', write('`factor(D -> [h: heads, d: D / heads])`')],
  ['reshape', reshaped],
  ['view', reshaped],
  ['rearrange', reshaped],
  ['permute', left],
  ['transpose', left],
  ['swapaxes', left],
  ['movedim', left],
  ['contiguous', left],
  ['squeeze', { help: 'a reduction drops its axes; `merge` and `linear(C -> [])` drop others' }],
  ['unsqueeze', { help: 'broadcasting goes by names: leave it out, or use `expand(over: [S: n])`' }],
  ['expanddims', { help: 'broadcasting goes by names: leave it out, or use `expand(over: [S: n])`' }],
  ['repeat', write('`expand(over: [S: n])` for a new axis')],
  ['tile', write('`expand(over: [S: n])` for a new axis')],
  ['cat', write('`concat([a, b], along: C)`')],
  ['concatenate', write('`concat([a, b], along: C)`')],
  ['channelshuffle', write('`shuffle(C, groups: 2)`')],
  ['chunk', write('`split(C, into: n)`')],
  ['narrow', write('`slice(T, start: 0, stop: n)`')],
  ['dense', write('`linear(C -> K: 10)`')],
  ['fc', write('`linear(C -> K: 10)`')],
  ['matmul', product],
  ['bmm', product],
  ['einsum', product],
  ['dot', write('`contract(a, b, over: [d])`')],
  ['add', write('`a + b`')],
  ['multiply', write('`a * b`')],
  ['where', write('`select(x > 0, a, b)`')],
  ['inf', { help: 'write a number that is large enough: `-1e9` before a `softmax`' }],
  ['maskedfill', write('`select(mask, x, -1e9)`')],
  ['conv1d', write('`conv(C -> C: 64, over: [T: 3])`')],
  ['conv2d', write('`conv(C -> C: 64, over: [H: 3, W: 3])`')],
  ['conv3d', write('`conv(C -> C: 64, over: [D: 3, H: 3, W: 3])`')],
  ['depthwiseconv2d', write('`conv(C -> C: C, over: [H: 3, W: 3], groups: C)`')],
  ['maxpool2d', write('`max_pool(over: [H: 2, W: 2])`')],
  ['maxpooling2d', write('`max_pool(over: [H: 2, W: 2])`')],
  ['avgpool2d', write('`avg_pool(over: [H: 2, W: 2])`')],
  ['averagepooling2d', write('`avg_pool(over: [H: 2, W: 2])`')],
  ['adaptiveavgpool1d', write('`mean(over: [T])`, or `adaptive_avg_pool(over: [T: 7])`')],
  ['adaptiveavgpool2d', write('`mean(over: [H, W])`, or `adaptive_avg_pool(over: [H: 7, W: 7])`')],
  ['adaptivemaxpool2d', write('`max(over: [H, W])`, the largest of whole axes')],
  ['convtranspose1d', write('`conv_transpose(C -> C: 64, over: [T: 2], stride: 2)`')],
  ['convtranspose2d', write('`conv_transpose(C -> C: 64, over: [H: 2, W: 2], stride: 2)`')],
  ['conv2dtranspose', write('`conv_transpose(C -> C: 64, over: [H: 2, W: 2], stride: 2)`')],
  ['pixelshuffle', write('`depth_to_space(C, over: [H: 2, W: 2])`')],
  ['instancenorm2d', write('`instance_norm(C, over: [H, W])`')],
  ['layernormalization', write('`layer_norm(over: [C])`')],
  ['batchnorm1d', write('`batch_norm(C)`')],
  ['batchnorm2d', write('`batch_norm(C)`')],
  ['batchnormalization', write('`batch_norm(C)`')],
  ['bn', write('`batch_norm(C)`')],
  ['droppath', write('`stochastic_depth(N, rate: 0.1)`')],
  ['var', write('`variance(over: [H, W])`')],
  ['globalavgpool', write('`mean(over: [H, W])`')],
  ['globalaveragepooling2d', write('`mean(over: [H, W])`')],
  ['globalmaxpooling2d', write('`max(over: [H, W])`')],
  ['interpolate', write('`resize(over: [H: 2 * H, W: 2 * W], mode: bilinear)`')],
  ['upsample', write('`resize(over: [H: 2 * H, W: 2 * W], mode: nearest)`')],
  ['upsampling2d', write('`resize(over: [H: 2 * H, W: 2 * W], mode: nearest)`')],
  ['zeropadding2d', write('`pad(over: [H: 1, W: 1])`')],
  ['lstm', recurrent],
  ['gru', recurrent],
  ['hardswish', called('h_swish')],
  ['hardsigmoid', called('h_sigmoid')],
  ['swish', called('silu')],
  ['clip', called('clamp')],
  ['identity', { help: 'leave the stage out: it does nothing' }],
  ['square', write('`x * x`')],
  ['relu6', write('`clamp(min: 0, max: 6)`')],
  ['hardtanh', write('`clamp(min: -1, max: 1)`')],
  ['glu', write('`parts[0] * sigmoid(parts[1])` of `parts = x |> split(C, into: 2)`')],
  ['std', write('`sqrt(variance(x, over: [H, W]))`')],
  ['argmin', write('`argmax(-x, K)`')],
  ['sin', sine],
  ['cos', sine],
  ['tan', sine],
  ['sort', ordered],
  ['topk', ordered],
  ['detach', stopped],
  ['stopgradient', stopped],
]);

/** What to write in place of a word that people bring along, such as `range` or `flatten`; case and `_` do not matter. */
export function foreignWord(name: string): Meaning | undefined {
  return meanings.get(name.toLowerCase().replaceAll('_', ''));
}
