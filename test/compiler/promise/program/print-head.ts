import type { Block, Hyper } from './block.ts';
import { print } from './condition.ts';
import { printType, type TensorType } from './tensor.ts';

/** A block's head as it is written: `block F(k: int)(x: [N, C]) -> [N, C: k]` and its `where`. */
export function printHead({
  name,
  hypers,
  inputs,
  outputs,
  where,
}: Pick<Block, 'name' | 'hypers' | 'inputs' | 'outputs' | 'where'>): string {
  const given = inputs.map((input) => `${input.name}: ${printType(input)}`).join(', ');
  const types = outputs.map(printType);
  const result = types.length === 1 ? (types[0] ?? '') : `(${types.join(', ')})`;
  const head = `block ${name}(${hypers.map(printHyper).join(', ')})(${given}) -> ${result}`;
  return where.length === 0 ? head : `${head}\n  where ${where.map(print).join(', ')}`;
}

function printHyper(hyper: Hyper): string {
  if (hyper.kind !== 'block') return `${hyper.name}: ${hyper.kind}`;
  const type = printAxes(hyper.value);
  return `${hyper.name}: block(${type}) -> ${type}`;
}

/** The axes alone: whatever sizes they have. */
function printAxes({ axes, rest }: TensorType): string {
  return `[${[...axes.keys(), ...(rest === undefined ? [] : [`...${rest}`])].join(', ')}]`;
}
