import { torchvisionKey } from './torchvision-names.ts';

const scales = ['fine', 'middle', 'coarse'];
const convOrNorm = (op: string) => (op === 'conv' ? 0 : 1);

type Rule = readonly [path: RegExp, key: (...groups: string[]) => string];

const rules: readonly Rule[] = [
  [/^s(\d)\/squeeze\/narrow\/(\w+)$/, (tap, name) => `sims.${Number(tap) - 3}.narrow.${name}`],
  [/^s(\d)\/(by_row|by_col)\/(\w+)$/, (tap, gate, name) => `sims.${Number(tap) - 3}.${gate}.${name}`],
  [
    /^s(\d)\/(mixed|residual|path\/\d)\/(conv|batch_norm)\/(\w+)$/,
    (tap, layer, op, name) => `sims.${Number(tap) - 3}.${layer.replace('/', '.')}.${convOrNorm(op)}.${name}`,
  ],
  [
    /^fused\/from_(\w+)\/(conv|batch_norm)\/(\w+)$/,
    (scale, op, name) => `fused.enter.${scales.indexOf(scale)}.${convOrNorm(op)}.${name}`,
  ],
  [/^fused\/score_(\w+)\/(\w+)$/, (scale, name) => `fused.score.${scales.indexOf(scale)}.${name}`],
  [/^fused\/(descriptor|gate)\/(\w+)$/, (layer, name) => `fused.${layer}.${name}`],
  [/^logits\/(\w+)$/, (name) => `logits.${name}`],
];

/** The keys in the state dict of `bench/train-step/mair.py` for the parameter paths of MAIR. */
export function mairKey(path: string): string {
  for (const [pattern, key] of rules) {
    const match = pattern.exec(path);
    if (match !== null) return key(...match.slice(1));
  }
  return torchvisionKey('densenet121', path);
}
