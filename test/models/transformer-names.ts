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
    (layer, rest) => `encoder.layers.encoder_layer_${layer}.${firstOf(vitLayerRules, rest)}`,
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

/** Where a stage of Swin stands in torchvision's list of features; patch merging comes between two stages. */
const stageAt = (stage: string): number => 2 * Number(stage) - 1;

const swinRules: readonly Rule[] = [
  [/^patches\/(\w+)$/, (name) => `features.0.0.${name}`],
  [/^stem\/(\w+)$/, (name) => `features.0.2.${name}`],
  [
    /^(attention|map)(\d)\/(\d+)\/(.+)$/,
    (branch, stage, block, rest) =>
      `features.${stageAt(stage)}.${block}.${firstOf(swinBlockRules, `${branch}/${rest}`)}`,
  ],
  [/^merge(\d)\/norm\/(\w+)$/, (stage, name) => `features.${stageAt(stage) + 1}.norm.${name}`],
  [/^merge(\d)\/linear\/(\w+)$/, (stage, name) => `features.${stageAt(stage) + 1}.reduction.${name}`],
  [/^norm\/(\w+)$/, (name) => `norm.${name}`],
  [/^logits\/(\w+)$/, (name) => `head.${name}`],
];

const swinBlockRules: readonly Rule[] = [
  [/^attention\/norm\/(\w+)$/, (name) => `norm1.${name}`],
  [/^attention\/windows\/in_window\/mixed\/(\w+)$/, (name) => `attn.qkv.${name}`],
  [/^attention\/windows\/in_window\/linear\/(\w+)$/, (name) => `attn.proj.${name}`],
  [/^attention\/windows\/in_window\/bias\/table$/, () => 'attn.relative_position_bias_table'],
  [/^map\/norm\/(\w+)$/, (name) => `norm2.${name}`],
  [/^map\/map\/(wide|linear)\/(\w+)$/, (half, name) => `mlp.${half === 'wide' ? 0 : 3}.${name}`],
];

/** Throws where no rule fits: every parameter must have its counterpart. */
export function transformerKey(architecture: 'vit' | 'swin', path: string): string {
  return firstOf({ vit: vitRules, swin: swinRules }[architecture], path);
}

function firstOf(rules: readonly Rule[], path: string): string {
  for (const [pattern, key] of rules) {
    const match = pattern.exec(path);
    if (match !== null) return key(...match.slice(1));
  }
  throw new Error(`torchvision has nothing for ${path}`);
}
