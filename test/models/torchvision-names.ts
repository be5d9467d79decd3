/**
 * The key in torchvision's state dict for a parameter path of `models/densenet121.net` or `models/resnet50.net`: the two
 * networks have the same structure, so renaming is all that loading torchvision's weights takes.
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

/** Throws where no rule fits: every parameter must have its counterpart. */
export function torchvisionKey(architecture: 'densenet121' | 'resnet50', path: string): string {
  const rules = architecture === 'densenet121' ? densenetRules : resnetRules;
  for (const [pattern, key] of rules) {
    const match = pattern.exec(path);
    if (match !== null) return key(...match.slice(1));
  }
  throw new Error(`torchvision's ${architecture} has nothing for ${path}`);
}
