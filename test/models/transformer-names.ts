/**
 * The key in torchvision's state dict for a parameter path of `models/vit-b16.net` or `models/swin-t.net`: the networks have
 * the same structure, so renaming is all that loading torchvision's weights takes.
 */

type Rule = readonly [path: RegExp, key: (...groups: string[]) => string];

const vitRules: readonly Rule[] = [
  [/^features\/patches\/conv\/(\w+)$/, (name) => `conv_proj.${name}`],
  [/^features\/collector$/, () => 'class_token'],
  [/^features\/position$/, () => 'encoder.pos_embedding'],
  [/^features\/norm\/(\w+)$/, (name) => `encoder.ln.${name}`],
  [
    /^features\/encoded\/(\d+)\/(.+)$/,
    (layer, rest) => `encoder.layers.encoder_layer_${layer}.${vitLayer(rest)}`,
  ],
  [/^logits\/(\w+)$/, (name) => `heads.head.${name}`],
];

const vitLayerRules: readonly Rule[] = [
  [/^attention_norm\/(\w+)$/, (name) => `ln_1.${name}`],
  [/^attention\/mixed\/(\w+)$/, (name) => `self_attention.in_proj_${name}`],
  [/^attention\/linear\/(\w+)$/, (name) => `self_attention.out_proj.${name}`],
  [/^map_norm\/(\w+)$/, (name) => `ln_2.${name}`],
  [/^map\/(wide|linear)\/(\w+)$/, (half, name) => `mlp.${half === 'wide' ? 0 : 3}.${name}`],
];

function vitLayer(path: string): string {
  return firstOf(vitLayerRules, path);
}

/** Throws where no rule fits: every parameter must have its counterpart. */
export function transformerKey(architecture: 'vit', path: string): string {
  return firstOf({ vit: vitRules }[architecture], path);
}

function firstOf(rules: readonly Rule[], path: string): string {
  for (const [pattern, key] of rules) {
    const match = pattern.exec(path);
    if (match !== null) return key(...match.slice(1));
  }
  throw new Error(`torchvision has nothing for ${path}`);
}
