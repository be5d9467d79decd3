/**
 * The keys in torchvision's state dicts for the parameter paths of networks in `models/`: the two have the same
 * structure, so renaming is all that loading torchvision's weights takes.
 */

type Rule = readonly [path: RegExp, key: (...groups: string[]) => string];

const norm = (op: string) => (op === 'batch_norm' ? 'norm' : 'conv');

const densenetRules: readonly Rule[] = [
  [/^backbone\/stem\/(conv|batch_norm)\/(\w+)$/, (op, name) => `features.${norm(op)}0.${name}`],
  [
    /^backbone\/dense(\d)\/layer\/(\d+)\/(narrow|grown)\/(conv|batch_norm)\/(\w+)$/,
    (block, layer, half, op, name) =>
      `features.denseblock${block}.denselayer${Number(layer) + 1}.${norm(op)}${half === 'narrow' ? 1 : 2}.${name}`,
  ],
  [
    /^backbone\/transition(\d)\/halved\/(conv|batch_norm)\/(\w+)$/,
    (at, op, name) => `features.transition${at}.${norm(op)}.${name}`,
  ],
  [/^backbone\/norm\/(\w+)$/, (name) => `features.norm5.${name}`],
  [/^logits\/(\w+)$/, (name) => `classifier.${name}`],
];

const numbered: Readonly<Record<string, number>> = { narrow: 1, spatial: 2, wide: 3 };
const bottleneck = (layer: string, block: number, half: string, op: string, name: string) =>
  `layer${layer}.${block}.${op === 'conv' ? 'conv' : 'bn'}${numbered[half]}.${name}`;

const resnetRules: readonly Rule[] = [
  [
    /^backbone\/stem\/edges\/(conv|batch_norm)\/(\w+)$/,
    (op, name) => `${op === 'conv' ? 'conv' : 'bn'}1.${name}`,
  ],
  [
    /^backbone\/stage(\d)\/first\/(narrow|spatial|wide)\/(conv|batch_norm)\/(\w+)$/,
    (layer, half, op, name) => bottleneck(layer, 0, half, op, name),
  ],
  [
    /^backbone\/stage(\d)\/y\/(\d+)\/(narrow|spatial|wide)\/(conv|batch_norm)\/(\w+)$/,
    (layer, turn, half, op, name) => bottleneck(layer, Number(turn) + 1, half, op, name),
  ],
  [
    /^backbone\/stage(\d)\/first\/shortcut\/y\/(conv|batch_norm)\/(\w+)$/,
    (layer, op, name) => `layer${layer}.0.downsample.${op === 'conv' ? 0 : 1}.${name}`,
  ],
  [/^logits\/(\w+)$/, (name) => `fc.${name}`],
];

const convOrNorm = (op: string) => (op === 'conv' ? 0 : 1);

/**
 * The layers of an inverted residual are numbered as far as they are there: only the first block of a network does not
 * expand, and MobileNetV3's first and middle ones have no gate.
 */
function invertedResidual(block: string, hasGate: boolean, expands: boolean, inside: string): string {
  const layers = ['wide', 'spatial', 'gated', 'narrow'].filter(
    (layer) => (layer !== 'gated' || hasGate) && (layer !== 'wide' || expands),
  );
  const [layer = '', op = '', name = ''] = inside.split('/');
  const inLayer = layer === 'gated' ? `fc${op === 'squeeze' ? 1 : 2}` : convOrNorm(op);
  return `${block}.block.${layers.indexOf(layer)}.${inLayer}.${name}`;
}

const mobilenetRules: readonly Rule[] = [
  [/^edges\/(conv|norm)\/(\w+)$/, (op, name) => `features.0.${convOrNorm(op)}.${name}`],
  [/^wide\/(conv|norm)\/(\w+)$/, (op, name) => `features.16.${convOrNorm(op)}.${name}`],
  [
    /^(early|late)\/(\d+)\/branch\/(.*)$/,
    (half, turn, inside) => {
      const block = Number(turn) + (half === 'early' ? 1 : 7);
      const hasGate = (block >= 4 && block <= 6) || block >= 11;
      return invertedResidual(`features.${block}`, hasGate, block > 1, inside);
    },
  ],
  [/^hidden\/(\w+)$/, (name) => `classifier.0.${name}`],
  [/^logits\/(\w+)$/, (name) => `classifier.3.${name}`],
];

/** How many blocks of EfficientNet-B0 come before each of its stages. */
const efficientnetStages = [0, 1, 3, 5, 8, 11, 15];

const efficientnetRules: readonly Rule[] = [
  [/^stem\/(conv|norm)\/(\w+)$/, (op, name) => `features.0.${convOrNorm(op)}.${name}`],
  [/^wide\/(conv|norm)\/(\w+)$/, (op, name) => `features.8.${convOrNorm(op)}.${name}`],
  [
    /^branch\/(\d+)\/(.*)$/,
    (turn, inside) => {
      const block = Number(turn);
      const stage = efficientnetStages.findLastIndex((first) => first <= block);
      const inStage = `features.${stage + 1}.${block - (efficientnetStages[stage] ?? 0)}`;
      return invertedResidual(inStage, true, block > 0, inside);
    },
  ],
  [/^logits\/(\w+)$/, (name) => `classifier.1.${name}`],
];

const convnextLayers: Readonly<Record<string, number>> = { mixed: 0, norm: 2, wide: 3, narrow: 5 };

const convnextRules: readonly Rule[] = [
  [/^stem\/(patches|layer_norm)\/(\w+)$/, (op, name) => `features.0.${op === 'patches' ? 0 : 1}.${name}`],
  [
    /^branch(\d)\/(\d)\/layer_scale$/,
    (stage, turn) => `features.${2 * Number(stage) - 1}.${turn}.layer_scale`,
  ],
  [
    /^branch(\d)\/(\d)\/(\w+)\/(\w+)$/,
    (stage, turn, layer, name) =>
      `features.${2 * Number(stage) - 1}.${turn}.block.${convnextLayers[layer]}.${name}`,
  ],
  [
    /^down(\d)\/(norm|conv)\/(\w+)$/,
    (down, op, name) => `features.${2 * Number(down)}.${op === 'norm' ? 0 : 1}.${name}`,
  ],
  [/^features\/(\w+)$/, (name) => `classifier.0.${name}`],
  [/^logits\/(\w+)$/, (name) => `classifier.2.${name}`],
];

/** The dilated ResNet has the names of the plain one, and no classifier. */
const deeplabRules: readonly Rule[] = [
  ...resnetRules.slice(0, -1).map(([path, key]): Rule => [path, (...groups) => `backbone.${key(...groups)}`]),
  [/^context\/point\/(\w+)\/(\w+)$/, (op, name) => `classifier.0.convs.0.${convOrNorm(op)}.${name}`],
  [
    /^context\/atrous\/(\d)\/(\w+)\/(\w+)$/,
    (turn, op, name) => `classifier.0.convs.${Number(turn) + 1}.${convOrNorm(op)}.${name}`,
  ],
  [
    /^context\/pooled\/(linear|batch_norm)\/(\w+)$/,
    (op, name) => `classifier.0.convs.4.${op === 'linear' ? 1 : 2}.${name}`,
  ],
  [/^context\/projected\/(\w+)\/(\w+)$/, (op, name) => `classifier.0.project.${convOrNorm(op)}.${name}`],
  [/^head\/(conv|batch_norm)\/(\w+)$/, (op, name) => `classifier.${1 + convOrNorm(op)}.${name}`],
  [/^coarse\/(\w+)$/, (name) => `classifier.4.${name}`],
];

const rulesByModel = {
  densenet121: densenetRules,
  resnet50: resnetRules,
  'mobilenetv3-large': mobilenetRules,
  'efficientnet-b0': efficientnetRules,
  'convnext-tiny': convnextRules,
  deeplabv3: deeplabRules,
} as const;

/** A file in `models/`, without its ending. */
export type TorchvisionModel = keyof typeof rulesByModel;

/** Throws where no rule fits: every parameter must have its counterpart. */
export function torchvisionKey(architecture: TorchvisionModel, path: string): string {
  for (const [pattern, key] of rulesByModel[architecture]) {
    const match = pattern.exec(path);
    if (match !== null) return key(...match.slice(1));
  }
  throw new Error(`torchvision's ${architecture} has nothing for ${path}`);
}
