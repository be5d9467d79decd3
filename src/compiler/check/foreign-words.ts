/** What words of other languages and libraries are called here; in small letters, without `_`. */
const meanings: ReadonlyMap<string, string> = new Map([
  ['range', 'write `for i in 0..n`'],
  ['enumerate', 'write `for (i, x) in list`'],
  ['zip', 'make a list of pairs: `for pair in [(a, b), (c, d)]`'],
  ['len', 'the number of labels is their name, that of an axis its size variable'],
  ['int', 'divide with `floordiv` or `ceildiv`, which make integers'],
  ['flatten', 'write `merge([C, H, W] -> D)`'],
  ['reshape', 'write `merge([H, W] -> T)` or `factor(D -> [h: heads, d: D / heads])`'],
  ['view', 'write `merge([H, W] -> T)` or `factor(D -> [h: heads, d: D / heads])`'],
  ['permute', 'axes have names and no order: leave it out'],
  ['transpose', 'axes have names and no order: leave it out'],
  ['squeeze', 'a reduction drops its axes; `merge` and `linear(C -> [])` drop others'],
  ['unsqueeze', 'broadcasting goes by names: leave it out, or use `expand(over: [S: n])`'],
  ['cat', 'write `concat([a, b], along: C)`'],
  ['chunk', 'write `split(C, into: n)`'],
  ['dense', 'write `linear(C -> K: 10)`'],
  ['matmul', 'write `contract(a, b, over: [d])`, or `linear` for a product with weights'],
  ['einsum', 'write `contract(a, b, over: [d])`, or `linear` for a product with weights'],
  ['dot', 'write `contract(a, b, over: [d])`'],
  ['conv1d', 'write `conv(C -> C: 64, over: [T: 3])`'],
  ['conv2d', 'write `conv(C -> C: 64, over: [H: 3, W: 3])`'],
  ['conv3d', 'write `conv(C -> C: 64, over: [D: 3, H: 3, W: 3])`'],
  ['maxpool2d', 'write `max_pool(over: [H: 2, W: 2])`'],
  ['avgpool2d', 'write `avg_pool(over: [H: 2, W: 2])`'],
  ['adaptiveavgpool2d', 'write `mean(over: [H, W])`'],
  ['globalavgpool', 'write `mean(over: [H, W])`'],
  ['batchnorm1d', 'write `batch_norm(C)`'],
  ['batchnorm2d', 'write `batch_norm(C)`'],
  ['bn', 'write `batch_norm(C)`'],
  ['interpolate', 'write `resize(over: [H: 2 * H, W: 2 * W], mode: bilinear)`'],
  ['upsample', 'write `resize(over: [H: 2 * H, W: 2 * W], mode: nearest)`'],
  ['hardswish', 'it is called `h_swish`'],
  ['hardsigmoid', 'it is called `h_sigmoid`'],
  ['swish', 'it is called `silu`'],
  ['clip', 'it is called `clamp`'],
  ['square', 'write `x * x`'],
]);

/** What to write in place of a word that people bring along, such as `range` or `flatten`; case and `_` do not matter. */
export function foreignWord(name: string): string | undefined {
  return meanings.get(name.toLowerCase().replaceAll('_', ''));
}
