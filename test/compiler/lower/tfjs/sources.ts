/** Small models that between them use every kind of statement of the IR, with the shapes of what they take. */
export interface SourceCase {
  readonly name: string;
  readonly source: string;
  /** Inputs of the model and targets of its loss. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

const squaredError = `
loss SquaredError()(y: [N, K], target: [N, K]) -> [] {
  return mean((y - target) * (y - target), over: [N, K])
}
`;

function trained(body: string, blocks = '', model = 'Tested'): string {
  return `language 1
${blocks}
${squaredError}
model ${model}() {
${body}
}
train ${model} {
  target wanted: [N, K: 3]
  loss = SquaredError()(y, wanted)
  optimizer sgd(lr: 0.1, momentum: 0.9)
  batch 4
}
`;
}

const image = { image: [2, 4, 6, 5], wanted: [2, 3] };
const toLogits = `
  y = features |> mean(over: [H, W]) |> linear(C -> K: 3)
  output y`;

export const sources: readonly SourceCase[] = [
  {
    name: 'a perceptron',
    source: trained(`
  input x: [N, D: 5]
  hidden = x |> linear(D -> D: 7) |> relu
  y = hidden |> linear(D -> K: 3)
  output y
  output likely = softmax(y, K)`),
    shapes: { x: [4, 5], wanted: [4, 3] },
  },
  {
    name: 'convolutions, batch norm and a residual',
    source: trained(
      `
  input image: [N, C: 4, H: 6, W: 5]
  features = image |> ConvBnRelu(6, kernel: 3) |> Residual()
${toLogits}`,
      `
/// A convolution with its usual company.
block ConvBnRelu(to: int, kernel: int = 3)(x: [N, C, H, W]) -> [N, C: to, H, W]
  where kernel % 2 == 1
{
  return x |> conv(C -> C: to, over: [H: kernel, W: kernel], bias: false) |> batch_norm(C) |> relu
}
block Residual()(x: [N, C, H, W]) -> [N, C, H, W] {
  narrow = x |> ConvBnRelu(C, kernel: 1)
  change = narrow |> ConvBnRelu(C)
  return x + change
}`,
    ),
    shapes: image,
  },
  {
    name: 'a list that grows in a loop',
    source: trained(
      `
  input image: [N, C: 4, H: 6, W: 5]
  features = image |> Pyramid(2)
${toLogits}`,
      `
block Pyramid(paths: int)(x: [N, C, H, W]) -> [N, C, H, W]
  where paths >= 1, C % paths == 0
{
  groups = x |> split(C, into: paths)
  path   = groups[0]
  made   = [path]
  for group in groups[1..] {
    path = (group + path) |> conv(C -> C: C / paths, over: [H: 3, W: 3])
    made = made ++ [path]
  }
  return concat(made, along: C)
}`,
    ),
    shapes: image,
  },
  {
    name: 'a size that grows with the turns of a loop',
    source: trained(
      `
  input x: [N, D: 4]
  y = x |> Dense(layers: 3, growth: 2) |> linear(D -> K: 3)
  output y`,
      `
block Dense(layers: int, growth: int)(x: [N, D]) -> [N, D: D + layers * growth]
  where growth >= 1, layers >= 0
{
  seen = x
  for i in 0..layers {
    new  = seen |> linear(D -> D: growth) |> tanh
    seen = concat([seen, new], along: D)
  }
  return seen
}`,
    ),
    shapes: { x: [3, 4], wanted: [3, 3] },
  },
  {
    name: 'two values that a loop exchanges',
    source: trained(
      `
  input x: [N, D: 3]
  (a, b) = x |> Exchange(3)
  y = (a - 2 * b) |> linear(D -> K: 3)
  output y`,
      `
block Exchange(turns: int)(x: [N, D]) -> ([N, D], [N, D]) {
  a = x
  b = x |> linear(D -> D: D)
  for i in 0..turns {
    kept = a
    a = tanh(b)
    b = kept
  }
  return a, b
}`,
    ),
    shapes: { x: [3, 3], wanted: [3, 3] },
  },
  {
    name: 'branches on sizes',
    source: trained(
      `
  input x: [N, D: 5]
  same = x |> Shortcut(5)
  wide = same |> Shortcut(7)
  deep = wide |> Deep(7, depth: 3)
  flat = deep |> Deep(7, depth: 0)
  y = flat |> linear(D -> K: 3)
  output y`,
      `
block Shortcut(to: int)(x: [N, D]) -> [N, D: to]
  where to >= 1
{
  if D == to {
    y = x
  } else {
    y = x |> linear(D -> D: to)
  }
  return y
}
block Deep(width: int, depth: int)(x: [N, D: width]) -> [N, D: width]
  where width >= 1
{
  y = x
  for i in 0..depth {
    if i > 1 {
      narrow = y |> linear(D -> D: width)
      y = sigmoid(narrow) + x
    } else {
      y = relu(y)
    }
  }
  return y
}`,
    ),
    shapes: { x: [3, 5], wanted: [3, 3] },
  },
  {
    name: 'an instance that is called twice, over different axes',
    source: trained(
      `
  input image: [N, C: 4, H: 6, W: 5]
  squeeze  = Gate(3)
  by_row   = image |> mean(over: [W]) |> squeeze
  by_col   = image |> mean(over: [H]) |> squeeze
  features = (image * by_row) * by_col
${toLogits}`,
      `
block Gate(hidden: int)(x: [N, C, ...R]) -> [N, C, ...R]
  where hidden >= 1
{
  narrow = x |> linear(C -> C: hidden) |> h_swish
  return narrow |> linear(C -> C: C) |> sigmoid
}`,
    ),
    shapes: image,
  },
  {
    name: 'a batch norm that is called twice, and its order',
    source: trained(`
  input x: [N, D: 3]
  norm = batch_norm(D)
  a = norm(x)
  b = norm(x * 2)
  y = (b - a) |> linear(D -> K: 3)
  output y`),
    shapes: { x: [4, 3], wanted: [4, 3] },
  },
  {
    name: 'loops in loops, and several stages',
    source: trained(
      `
  input x: [N, D: 4]
  y = x |> Stages(2, depth: 3) |> linear(D -> K: 3)
  output y`,
      `
block Step()(x: [N, D]) -> [N, D] {
  change = x |> linear(D -> D: D) |> tanh
  return x + change
}
block Stages(stages: int, depth: int)(x: [N, D]) -> [N, D] {
  y = x
  for s in 0..stages {
    start = y
    for i in 0..depth {
      y = Step()(y)
    }
    y = y + start
  }
  return y
}`,
    ),
    shapes: { x: [3, 4], wanted: [3, 3] },
  },
  {
    name: 'axes of its own inside a block',
    source: trained(
      `
  input x: [N, T: 4, D: 6]
  y = x |> Attention(2) |> mean(over: [T]) |> linear(D -> K: 3)
  output y`,
      `
block Attention(heads: int)(x: [N, T, D]) -> [N, T, D]
  where heads >= 1, D % heads == 0
{
  q = x |> linear(D -> D: D) |> factor(D -> [h: heads, d: D / heads])
  k = x |> linear(D -> D: D) |> factor(D -> [h: heads, d: D / heads]) |> rename(T -> S)
  v = x |> linear(D -> D: D) |> factor(D -> [h: heads, d: D / heads]) |> rename(T -> S)
  weights = contract(q, k, over: [d]) |> softmax(S)
  return contract(weights, v, over: [S]) |> merge([h, d] -> D)
}`,
    ),
    shapes: { x: [2, 4, 6], wanted: [2, 3] },
  },
  {
    name: 'declared orders that are not the memory order',
    source: trained(`
  input image: [C: 4, W: 5, N, H: 6]
  features = image |> conv(C -> C: 3, over: [H: 3, W: 3])
  y = features |> mean(over: [H, W]) |> linear(C -> K: 3)
  output y
  output map = features`),
    shapes: { image: [4, 5, 2, 6], wanted: [2, 3] },
  },
  {
    name: 'names that mean something in JavaScript',
    source: `language 1
/// */ } ); process.exit(1); /*
/// \u2028 process.exit(1)
block tf(await: int)(arguments: [N, constructor]) -> [N, constructor] {
  w = arguments |> linear(constructor -> constructor: constructor)
  __proto__ = w |> linear(constructor -> constructor: constructor)
  training = relu(__proto__)
  Math = training
  for eval in 0..await {
    Math = Math |> linear(constructor -> constructor: constructor)
  }
  return Math
}
block class(default: int)(x: [N, constructor]) -> [N, constructor] {
  return x |> tf(default)
}
labels prototype = ["'; process.exit(1); '", "\\u{2028}", "\`\${process.exit(1)}\`", "</script>", "\\\\"]
loss main()(model: [N, K], loss: [N, K]) -> [] {
  return mean((model - loss) * (model - loss), over: [N, K])
}
model parameters(let: labels = prototype) {
  input __proto__: [N, constructor: 3]
  toString = __proto__ |> class(2)
  constructor = toString |> linear(constructor -> K: let)
  output constructor
  output hasOwnProperty = softmax(constructor, K) labels let
}
train parameters {
  target this: [N, K: let]
  loss = main()(constructor, this)
  optimizer sgd(lr: 0.1, momentum: 0.9)
}
`,
    shapes: { ['__proto__']: [2, 3], this: [2, 5] },
  },
];
