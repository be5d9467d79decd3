import type { Vocabulary } from '../../../grammar/generate/textmate/grammar.ts';
import { builtins } from '../check/global-names.ts';
import { dtypes } from '../check/signature.ts';
import { settingNames } from '../check/train.ts';
import type { ArgumentKind, ArgumentSpec } from '../ops/arguments.ts';
import { surfaceOps } from '../ops/registry.ts';
import { augmentations, averagings, clippings, optimizers, schedules } from '../optimizers/registry.ts';
import { initializers } from '../random/initializers.ts';
import { plainTypes } from '../syntax/build/types.ts';

/** The names of the language beside its own words, from the tables by which the compiler knows them. */
export function vocabulary(): Vocabulary {
  const args = [...surfaceOps.values()].flatMap((op) => Object.entries<ArgumentSpec>(op.arguments));
  return {
    functions: unique([
      ...surfaceOps.keys(),
      ...builtins,
      ...Object.keys(initializers),
      ...optimizers.keys(),
      ...schedules.keys(),
      ...clippings.keys(),
      ...averagings.keys(),
      ...augmentations.keys(),
      'pixels',
    ]),
    hyperTypes: plainTypes,
    elementTypes: [...dtypes],
    settings: settingNames,
    axisArguments: unique(
      args.flatMap(([name, { kind, positional }]) => (positional !== true && isOfAxes[kind] ? [name] : [])),
    ),
    choices: choices(args),
  };
}

/** Whether the value of an argument is made of names of axes. */
const isOfAxes: Readonly<Record<ArgumentKind, boolean>> = {
  axis: true,
  axes: true,
  axisSizes: true,
  mapping: false, // Known by its arrow.
  size: false,
  number: false,
  bool: false,
  choice: false,
  perAxis: false,
  padding: false,
  init: false,
};

function choices(args: readonly (readonly [string, ArgumentSpec])[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const add = (name: string, words: readonly string[]): void => {
    if (words.length > 0) found.set(name, unique([...(found.get(name) ?? []), ...words]));
  };
  for (const [name, { kind, choices: offered = [] }] of args) {
    if (kind === 'padding') add(name, ['same', 'valid']);
    else if (kind === 'init') add(name, Object.keys(initializers));
    else add(name, offered);
  }
  for (const { arguments: own } of Object.values(initializers)) {
    for (const [name, spec] of Object.entries(own)) if (spec.kind === 'choice') add(name, spec.choices);
  }
  return found;
}

function unique(all: readonly string[]): readonly string[] {
  return [...new Set(all)].toSorted();
}
