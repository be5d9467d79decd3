/**
 * Blocks of `models/lib` beside those of torch and torchvision, or beside their equations written once more in
 * `test/oracle/attention_by_hand.py`: how each is called here, which block of `test/oracle/blocks.py` it is, and how the
 * parameters of the two are called.
 */

export type Sizes = Readonly<Record<string, number>>;
type Rule = readonly [path: RegExp, key: (...groups: string[]) => string];

export interface BlockCase {
  readonly title: string;
  /** What is imported, by the file in `models/lib`. */
  readonly imports: Readonly<Record<string, readonly string[]>>;
  /** Statements of a model: of its inputs they make the results y0, y1, ... */
  readonly body: readonly string[];
  /** Sizes by axis in the order of the oracle's, the batch first. */
  readonly inputs: Readonly<Record<string, Sizes>>;
  readonly outputs: readonly Sizes[];
  readonly oracle: { readonly block: string; readonly options: readonly unknown[] };
  readonly keys: readonly Rule[];
}

/** Samples of every case. */
export const batch = 3;
const N = batch;

const squeezeExcite: readonly Rule[] = [
  [/^layer\/squeeze\/(\w+)$/, (name) => `fc1.${name}`],
  [/^layer\/excite\/(\w+)$/, (name) => `fc2.${name}`],
];

function squeezeExciteCase(variant: 'squeeze_excite' | 'squeeze_excite_v3', image: Sizes): BlockCase {
  const [hypers, title] =
    variant === 'squeeze_excite'
      ? ['3', 'SqueezeExcite']
      : ['3, act: silu, gate: h_sigmoid', 'SqueezeExcite, silu'];
  return {
    title,
    imports: { 'squeeze-excite': ['SqueezeExcite'] },
    body: [`layer = SqueezeExcite(${hypers})`, 'y0 = layer(x)'],
    inputs: { x: image },
    outputs: [image],
    oracle: { block: variant, options: [image.C, 3] },
    keys: squeezeExcite,
  };
}

function coordinateAttention(image: Sizes, squeezed: number): BlockCase {
  return {
    title: 'CoordinateAttention',
    imports: { 'coordinate-attention': ['CoordinateAttention'] },
    body: [`layer = CoordinateAttention(${squeezed})`, 'y0 = layer(x)'],
    inputs: { x: image },
    outputs: [image],
    oracle: { block: 'coordinate_attention', options: [image.C, squeezed] },
    keys: [
      [/^layer\/squeeze\/(\w+)$/, (name) => `f1.${name}`],
      [/^layer\/norm\/(\w+)$/, (name) => `norm.${name}`],
      [/^layer\/by_row\/(\w+)$/, (name) => `fh.${name}`],
      [/^layer\/by_column\/(\w+)$/, (name) => `fw.${name}`],
    ],
  };
}

function cbam(image: Sizes, squeezed: number, kernel: number): BlockCase {
  return {
    title: 'CBAM',
    imports: { cbam: ['CBAM'] },
    body: [`layer = CBAM(${squeezed}, kernel: ${kernel})`, 'y0 = layer(x)'],
    inputs: { x: image },
    outputs: [image],
    oracle: { block: 'cbam', options: [image.C, squeezed, kernel] },
    keys: [
      [/^layer\/channel\/map\/narrow\/(\w+)$/, (name) => `w0.${name}`],
      [/^layer\/channel\/map\/wide\/(\w+)$/, (name) => `w1.${name}`],
      [/^layer\/spatial\/gate\/(\w+)$/, (name) => `f.${name}`],
    ],
  };
}

const convOrNorm = (op: string) => (op === 'conv' ? 0 : 1);

/** MobileNetV2's layers are numbered as far as they are there; the last convolution and its norm count by themselves. */
function mobilenetV2(image: Sizes, to: number, stride: number, expansion: number): BlockCase {
  const { C = 0, H = 0, W = 0 } = image;
  const first = expansion === 1 ? 0 : 1;
  return {
    title: `InvertedResidual of MobileNetV2, stride ${stride}, expansion ${expansion}, to ${to}`,
    imports: { 'inverted-residual': ['InvertedResidual'] },
    body: [
      `layer = InvertedResidual(3, expanded: ${expansion * C}, to: ${to}, stride: ${stride},`,
      '  norm: batch_norm(C), act: clamp(min: 0, max: 6))',
      'y0 = layer(x)',
    ],
    inputs: { x: image },
    outputs: [{ N, C: to, H: Math.ceil(H / stride), W: Math.ceil(W / stride) }],
    oracle: { block: 'mobilenet_v2', options: [C, to, stride, expansion] },
    keys: [
      [/^layer\/branch\/wide\/(conv|norm)\/(\w+)$/, (op, name) => `conv.0.${convOrNorm(op)}.${name}`],
      [
        /^layer\/branch\/spatial\/(conv|norm)\/(\w+)$/,
        (op, name) => `conv.${first}.${convOrNorm(op)}.${name}`,
      ],
      [
        /^layer\/branch\/narrow\/(conv|norm)\/(\w+)$/,
        (op, name) => `conv.${first + 1 + convOrNorm(op)}.${name}`,
      ],
    ],
  };
}

interface V3 {
  readonly kernel: number;
  readonly expanded: number;
  readonly to: number;
  readonly stride: number;
}

/** torchvision rounds all numbers of channels to multiples of 8, and squeezes to a quarter of the expanded ones. */
function mobilenetV3(image: Sizes, { kernel, expanded, to, stride }: V3, squeezed: 0 | 8): BlockCase {
  const { C = 0, H = 0, W = 0 } = image;
  const layers = ['wide', 'spatial', 'gated', 'narrow'].filter(
    (layer) => (layer !== 'wide' || expanded !== C) && (layer !== 'gated' || squeezed > 0),
  );
  return {
    title: `InvertedResidual of MobileNetV3, kernel ${kernel}, stride ${stride}, gate by way of ${squeezed}`,
    imports: { 'inverted-residual': ['InvertedResidual'] },
    body: [
      `layer = InvertedResidual(${kernel}, expanded: ${expanded}, to: ${to}, squeezed: ${squeezed}, stride: ${stride},`,
      '  norm: batch_norm(C, eps: 1e-3, momentum: 0.01), act: h_swish, gate: h_sigmoid)',
      'y0 = layer(x)',
    ],
    inputs: { x: image },
    outputs: [{ N, C: to, H: Math.ceil(H / stride), W: Math.ceil(W / stride) }],
    oracle: { block: 'mobilenet_v3', options: [C, kernel, expanded, to, squeezed > 0, 'HS', stride] },
    keys: [
      [
        /^layer\/branch\/gated\/(squeeze|excite)\/(\w+)$/,
        (op, name) => `block.${layers.indexOf('gated')}.fc${op === 'squeeze' ? 1 : 2}.${name}`,
      ],
      [
        /^layer\/branch\/(\w+)\/(conv|norm)\/(\w+)$/,
        (layer, op, name) => `block.${layers.indexOf(layer)}.${convOrNorm(op)}.${name}`,
      ],
    ],
  };
}

function aspp(image: Sizes, to: number, rates: readonly number[]): BlockCase {
  const inConv = (op: string) => (op === 'batch_norm' ? 1 : 0);
  return {
    title: `ASPP, rates ${rates.join(', ')}`,
    imports: { aspp: ['ASPP'] },
    body: [`layer = ASPP(${to}, rates: [${rates.join(', ')}], drop: 0)`, 'y0 = layer(x)'],
    inputs: { x: image },
    outputs: [{ ...image, C: to }],
    oracle: { block: 'aspp', options: [image.C, rates, to] },
    keys: [
      [/^layer\/point\/(\w+)\/(\w+)$/, (op, name) => `convs.0.${inConv(op)}.${name}`],
      [
        /^layer\/atrous\/(\d+)\/(\w+)\/(\w+)$/,
        (turn, op, name) => `convs.${Number(turn) + 1}.${inConv(op)}.${name}`,
      ],
      [/^layer\/pooled\/(\w+)\/(\w+)$/, (op, name) => `convs.${rates.length + 1}.${1 + inConv(op)}.${name}`],
      [/^layer\/projected\/(\w+)\/(\w+)$/, (op, name) => `project.${inConv(op)}.${name}`],
    ],
  };
}

function pyramid(
  channels: readonly [number, number, number],
  width: number,
  H: number,
  W: number,
): BlockCase {
  const sizes = (C: number, level: number): Sizes => ({
    N,
    C,
    H: Math.ceil(H / 2 ** level),
    W: Math.ceil(W / 2 ** level),
  });
  const inner: Readonly<Record<string, number>> = { bottom: 0, middle: 1, top: 2 };
  return {
    title: `FeaturePyramid and CoarserLevels`,
    imports: { fpn: ['CoarserLevels', 'FeaturePyramid'] },
    body: [
      `layer = FeaturePyramid(${width})`,
      `coarser = CoarserLevels(${width})`,
      '(y0, y1, y2) = layer(c0, c1, c2)',
      '(y3, y4) = coarser(y2)',
    ],
    inputs: Object.fromEntries(channels.map((C, level) => [`c${level}`, sizes(C, level)])),
    outputs: [0, 1, 2, 3, 4].map((level) => sizes(width, level)),
    oracle: { block: 'pyramid', options: [channels, width, true] },
    keys: [
      [/^layer\/(top)\/(\w+)$/, (level, name) => `fpn.inner_blocks.${inner[level]}.0.${name}`],
      [
        /^layer\/(middle|bottom)\/lateral\/(\w+)$/,
        (level, name) => `fpn.inner_blocks.${inner[level]}.0.${name}`,
      ],
      [/^layer\/p(\d)\/conv\/(\w+)$/, (level, name) => `fpn.layer_blocks.${Number(level) - 3}.0.${name}`],
      [/^coarser\/(p\d)\/conv\/(\w+)$/, (level, name) => `fpn.extra_blocks.${level}.${name}`],
    ],
  };
}

const separateProjections: readonly Rule[] = [
  [/^layer\/(query|key|value)\/(\w+)$/, (part, name) => `attention.${part.slice(0, 1)}_proj_${name}`],
  [/^layer\/linear\/(\w+)$/, (name) => `attention.out_proj.${name}`],
];

function crossAttention(heads: number, x: Sizes, memory: Sizes): BlockCase {
  return {
    title: 'MultiHeadAttention to a memory',
    imports: { attention: ['MultiHeadAttention'] },
    body: [`layer = MultiHeadAttention(${heads})`, 'y0 = layer(x, memory)'],
    inputs: { x, memory },
    outputs: [x],
    oracle: { block: 'separate_attention', options: [x.D, heads, memory.D] },
    keys: separateProjections,
  };
}

function causalAttention(heads: number, x: Sizes): BlockCase {
  return {
    title: 'MultiHeadAttention to itself behind a CausalMask',
    imports: { attention: ['CausalMask', 'MultiHeadAttention'] },
    body: [`layer = MultiHeadAttention(${heads})`, `y0 = layer(x, rename(x, T -> S), CausalMask(${x.T})())`],
    inputs: { x },
    outputs: [x],
    oracle: { block: 'separate_attention', options: [x.D, heads, x.D, true] },
    keys: separateProjections,
  };
}

function selfAttention(heads: number, x: Sizes): BlockCase {
  return {
    title: 'SelfAttention',
    imports: { attention: ['SelfAttention'] },
    body: [`layer = SelfAttention(${heads})`, 'y0 = layer(x)'],
    inputs: { x },
    outputs: [x],
    oracle: { block: 'attention', options: [x.D, heads] },
    keys: [
      [/^layer\/mixed\/(\w+)$/, (name) => `attention.in_proj_${name}`],
      [/^layer\/linear\/(\w+)$/, (name) => `attention.out_proj.${name}`],
    ],
  };
}

function patchEmbedding(size: number, patch: number, width: number): BlockCase {
  return {
    title: 'PatchEmbedding',
    imports: { 'patch-embedding': ['PatchEmbedding'] },
    body: [`layer = PatchEmbedding(${patch}, ${width})`, 'y0 = layer(image)'],
    inputs: { image: { N, C: 3, H: size, W: size } },
    outputs: [{ N, T: (size / patch) ** 2, D: width }],
    oracle: { block: 'patch_embedding', options: [size, patch, width] },
    keys: [[/^layer\/conv\/(\w+)$/, (name) => `conv_proj.${name}`]],
  };
}

function shiftedWindows(heads: number, window: number, shifted: boolean, x: Sizes): BlockCase {
  const shift = shifted ? Math.floor(window / 2) : 0;
  return {
    title: `ShiftedWindows of ${window} x ${window}, ${shifted ? '' : 'not '}shifted`,
    imports: { swin: ['ShiftedWindows'] },
    body: [`layer = ShiftedWindows(${heads}, ${window}, ${shifted})`, 'y0 = layer(x)'],
    inputs: { x },
    outputs: [x],
    oracle: { block: 'shifted_windows', options: [x.D, [window, window], [shift, shift], heads] },
    keys: [
      [/^layer\/in_window\/mixed\/(\w+)$/, (name) => `qkv.${name}`],
      [/^layer\/in_window\/linear\/(\w+)$/, (name) => `proj.${name}`],
      [/^layer\/in_window\/bias\/table$/, () => 'relative_position_bias_table'],
    ],
  };
}

function windows(window: number, image: Sizes): readonly BlockCase[] {
  const { C = 0, H = 0, W = 0 } = image;
  const cut = { N, C, G: (H / window) * (W / window), T: window ** 2 };
  return [
    {
      title: `IntoWindows of ${window} x ${window}`,
      imports: { windows: ['IntoWindows'] },
      body: [`y0 = x |> IntoWindows(${window})`],
      inputs: { x: image },
      outputs: [cut],
      oracle: { block: 'into_windows', options: [window] },
      keys: [],
    },
    {
      title: `FromWindows of ${window} x ${window}`,
      imports: { windows: ['FromWindows'] },
      body: [`y0 = x |> FromWindows(${window}, rows: ${H / window})`],
      inputs: { x: cut },
      outputs: [image],
      oracle: { block: 'from_windows', options: [window, [H, W]] },
      keys: [],
    },
  ];
}

/** Sizes that are odd where the signature allows it, and no two alike, so that swapped axes would be seen. */
export const blockCases: readonly BlockCase[] = [
  squeezeExciteCase('squeeze_excite', { N, C: 8, H: 5, W: 7 }),
  squeezeExciteCase('squeeze_excite_v3', { N, C: 7, H: 6, W: 1 }),
  coordinateAttention({ N, C: 8, H: 5, W: 7 }, 3),
  coordinateAttention({ N, C: 5, H: 6, W: 1 }, 8),
  cbam({ N, C: 8, H: 9, W: 7 }, 2, 7),
  cbam({ N, C: 5, H: 4, W: 6 }, 1, 3),
  mobilenetV2({ N, C: 6, H: 7, W: 5 }, 6, 1, 4),
  mobilenetV2({ N, C: 6, H: 7, W: 8 }, 5, 2, 1),
  mobilenetV3({ N, C: 16, H: 9, W: 7 }, { kernel: 5, expanded: 24, to: 16, stride: 1 }, 8),
  mobilenetV3({ N, C: 8, H: 7, W: 8 }, { kernel: 3, expanded: 8, to: 24, stride: 2 }, 0),
  aspp({ N, C: 6, H: 9, W: 7 }, 5, [2, 3, 6]),
  aspp({ N, C: 5, H: 8, W: 6 }, 4, [12]),
  pyramid([4, 5, 7], 6, 13, 11),
  pyramid([3, 6, 8], 4, 12, 16),
  crossAttention(2, { N, T: 5, D: 8 }, { N, S: 7, D: 6 }),
  crossAttention(3, { N, T: 4, D: 9 }, { N, S: 1, D: 9 }),
  causalAttention(3, { N, T: 7, D: 6 }),
  causalAttention(1, { N, T: 2, D: 5 }),
  selfAttention(4, { N, T: 7, D: 8 }),
  selfAttention(1, { N, T: 3, D: 5 }),
  patchEmbedding(9, 3, 5),
  patchEmbedding(16, 4, 7),
  ...windows(3, { N, C: 4, H: 9, W: 6 }),
  ...windows(2, { N, C: 1, H: 4, W: 10 }),
  shiftedWindows(2, 3, true, { N, H: 9, W: 6, D: 8 }),
  shiftedWindows(1, 2, true, { N, H: 4, W: 10, D: 5 }),
  shiftedWindows(3, 3, true, { N, H: 3, W: 9, D: 6 }),
  shiftedWindows(2, 4, true, { N, H: 4, W: 4, D: 6 }),
  shiftedWindows(2, 3, false, { N, H: 6, W: 3, D: 4 }),
];

/** The key in the oracle's state; throws where no rule fits: every parameter must have its counterpart. */
export function keyOf({ title, keys }: BlockCase, path: string): string {
  for (const [pattern, key] of keys) {
    const match = pattern.exec(path);
    if (match !== null) return key(...match.slice(1));
  }
  throw new Error(`${title}: the oracle has nothing for ${path}`);
}
