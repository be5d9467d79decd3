import type { Block } from './block.ts';
import { BlockWriter } from './block-writer.ts';
import { Choices } from './choices.ts';
import { equal } from './condition.ts';
import { isOpaque, variable, type SizeExpression } from './size-expression.ts';
import * as branches from './statements/branches.ts';
import * as calls from './statements/calls.ts';
import * as loops from './statements/loops.ts';
import { plain, writeOneOf } from './statements/plain.ts';
import * as windows from './statements/windows.ts';
import type { Statement } from './statement.ts';
import { innerAxes, isPart, sizeOf, withAxes, type Tensor, type TensorType } from './tensor.ts';

/** The decisions for one block: its signature, each statement, and what it returns. */
export interface BlockDecisions {
  readonly signature: readonly number[];
  readonly statements: readonly (readonly number[])[];
  readonly results: readonly number[];
}

const letters = ['A', 'B', 'E', 'G'];

const statements: readonly Statement[] = [
  ...plain,
  calls.call,
  calls.call,
  calls.call,
  loops.growth,
  loops.turns,
  branches.branch,
  branches.shortcut,
  calls.call,
  loops.literalLoop,
  loops.groups,
  calls.specialCall,
  calls.call,
  calls.through,
  loops.nested,
  windows.poolLoop,
];

/** A block that is right by construction for all sizes that meet what it says; `number` tells it from the others. */
export function randomBlock(number: number, decisions: BlockDecisions, known: readonly Block[]): Block {
  const inputs = randomInputs(new Choices(decisions.signature));
  const writer = new BlockWriter(letters[number] ?? 'Z', inputs, known);
  for (const statement of decisions.statements) {
    writer.choices = new Choices(statement);
    writeOneOf(writer, statements);
  }
  writer.choices = new Choices(decisions.results);
  const results = chooseResults(writer);
  return writer.finish(
    `F${number}`,
    inputs,
    results,
    results.map((result) => returned(writer, result)),
  );
}

function randomInputs(choices: Choices): readonly Tensor[] {
  const axes = choices.pick([
    ['C'],
    ['C', 'H', 'W'],
    ['C', 'H'],
    ['C', '...R'],
    ['T', 'D'],
    ['C', 'H', '...R'],
    ['C', 'H', 'W'],
  ]);
  const names = axes.filter((axis) => !axis.startsWith('.'));
  const rest = names.length === axes.length ? undefined : 'R';
  const x: Tensor = { name: 'x', dtype: 'f32', axes: ofNames(['N', ...names]), rest, isExact: false };
  switch (choices.below(6)) {
    case 1:
      return [x, { ...x, name: 'y' }];
    case 2:
      return [x, { ...x, name: 'y', axes: ofNames(['N', names[0] ?? 'C']), rest: undefined }];
    case 3:
      return [{ ...x, isExact: true }];
    default:
      return [x];
  }
}

function ofNames(names: readonly string[]): ReadonlyMap<string, SizeExpression> {
  return new Map(names.map((name) => [name, variable(name)]));
}

/** The last value, and sometimes others; all of what a block does should come out of it. */
function chooseResults(b: BlockWriter): readonly Tensor[] {
  const newest = b.values.toReversed();
  const [last] = newest;
  if (last === undefined) throw new Error('a block has inputs');
  const count = b.choices.between(1, 3);
  const others = newest.slice(1).filter(() => b.choices.chance(40));
  return joinUnread(b, [last, ...others.slice(0, count - 1)]);
}

/** Adds what else fits to the first result, so that no part of the block is without effect. */
function joinUnread(b: BlockWriter, results: readonly Tensor[]): readonly Tensor[] {
  const [first, ...rest] = results;
  if (first?.dtype !== 'f32' || !b.choices.chance(70)) return results;
  const other = b.values.find(
    (value) => value.dtype === 'f32' && value.name !== first.name && isPart(value, first),
  );
  return other === undefined ? results : [b.bind(`${first.name} + tanh(${other.name})`, first), ...rest];
}

/** A type that can be written: opaque sizes are said to be those that a caller names. */
function returned(b: BlockWriter, result: Tensor): TensorType {
  let type: TensorType = { dtype: result.dtype, axes: result.axes, rest: result.rest };
  for (const axis of innerAxes(result)) {
    const size = sizeOf(result, axis);
    if (!isOpaque(size)) continue;
    const said = b.int(1, 4);
    b.defer(equal(size, said));
    type = withAxes(type, { [axis]: said });
  }
  return type;
}
