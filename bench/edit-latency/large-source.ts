/** The lines of one group of blocks, numbered so that every one is its own. */
function group(i: number): readonly string[] {
  const width = 8 * (1 + (i % 4));
  return [
    `/// A convolution with its usual company, the ${i}th.`,
    `block ConvBn${i}(to: int, kernel: int = 3, stride: int = 1)(x: [N, C, H, W])`,
    '    -> [N, C: to, H: ceildiv(H, stride), W: ceildiv(W, stride)]',
    '  where kernel % 2 == 1, stride >= 1',
    '{',
    '  y = x |> conv(C -> C: to, over: [H: kernel, W: kernel], stride: stride, bias: false)',
    '  return y |> batch_norm(C) |> relu',
    '}',
    '',
    `/// A bottleneck with a gate, the ${i}th.`,
    `block Residual${i}(reduction: int = 4)(x: [N, C, H, W]) -> [N, C, H, W]`,
    '  where reduction >= 1, C % reduction == 0',
    '{',
    `  narrow = x |> ConvBn${i}(C / reduction, kernel: 1)`,
    `  wide = narrow |> ConvBn${i}(C)`,
    '  squeezed = wide |> mean(over: [H, W])',
    '  gate = squeezed |> linear(C -> C: C / reduction) |> relu',
    '  weights = gate |> linear(C -> C: C) |> sigmoid',
    '  return x + wide * weights',
    '}',
    '',
    `block Stage${i}(depth: int, to: int)(x: [N, C, H, W]) -> [N, C: to, H, W]`,
    '  where depth >= 0, to >= 4, to % 4 == 0',
    '{',
    `  y = x |> ConvBn${i}(to)`,
    '  for turn in 0..depth {',
    `    y = Residual${i}(4)(y)`,
    '  }',
    '  return y',
    '}',
    '',
    `block Attend${i}(heads: int)(x: [N, T, D]) -> [N, T, D]`,
    '  where heads >= 1, D % heads == 0',
    '{',
    '  q = x |> linear(D -> [h: heads, d: D / heads])',
    '  k = x |> rename(T -> S) |> linear(D -> [h: heads, d: D / heads])',
    '  v = x |> rename(T -> S) |> linear(D -> [h: heads, d: D / heads])',
    '  scores = contract(q, k, over: [d]) / sqrt(D / heads)',
    '  return contract(softmax(scores, S), v, over: [S]) |> linear([h, d] -> D: D)',
    '}',
    '',
    `block Part${i}()(x: [N, C, H, W]) -> [N, C: ${width}, H, W] {`,
    `  y = x |> Stage${i}(depth: 2, to: ${width})`,
    `  tokens = y |> merge([H, W] -> T) |> rename(C -> D)`,
    `  seen = tokens |> Attend${i}(4)`,
    '  total = seen |> mean(over: [T]) |> rename(D -> C)',
    '  return y * total',
    '}',
    '',
  ];
}

/** A source of about so many lines: groups of blocks that call each other, and a model that goes through them all. */
export function largeSource(lines: number): string {
  const each = group(0).length + 1;
  const count = Math.ceil(lines / each);
  const groups = Array.from({ length: count }, (_, i) => group(i)).flat();
  const calls = Array.from({ length: count }, (_, i) => `  x${i + 1} = x${i} |> Part${i}()`);
  return [
    'language 1',
    '',
    ...groups,
    'model Large() {',
    '  input image: [N, C: 3, H: 16, W: 16]',
    '  x0 = image',
    ...calls,
    `  logits = x${count} |> mean(over: [H, W]) |> linear(C -> K: 10)`,
    '  output logits',
    '}',
    '',
  ].join('\n');
}
