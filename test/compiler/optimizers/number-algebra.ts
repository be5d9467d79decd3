import type { Algebra, Optimizer } from '../../../src/compiler/optimizers/optimizer.ts';
import type { Settings } from '../../../src/compiler/optimizers/setting.ts';

/** Values of an update as columns of numbers; a scalar is a column of one. */
export type Column = readonly number[];

export const columns: Algebra<Column> = {
  number: (value) => [value],
  add: zip((a, b) => a + b),
  sub: zip((a, b) => a - b),
  mul: zip((a, b) => a * b),
  div: zip((a, b) => a / b),
  pow: zip((a, b) => a ** b),
  sqrt: (a) => a.map(Math.sqrt),
  sign: (a) => a.map(Math.sign),
  max: zip(Math.max),
  min: zip(Math.min),
  named: (_name, value) => value,
};

function zip(f: (a: number, b: number) => number): (a: Column, b: Column) => Column {
  return (a, b) => (a.length > b.length ? a : b).map((_, i) => f(a[i] ?? a[0] ?? NaN, b[i] ?? b[0] ?? NaN));
}

/** The parameter after each step, in float64, by the optimiser's own definition. */
export function runSteps(
  optimizer: Optimizer,
  settings: Settings,
  parameter: Column,
  gradients: readonly Column[],
  rates: readonly number[],
): readonly Column[] {
  let current = parameter;
  let slots: Readonly<Record<string, Column>> = Object.fromEntries(
    optimizer.slots(settings).map((slot) => [slot, parameter.map(() => 0)]),
  );
  const scalars = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, [Number(value)]]),
  );
  return gradients.map((gradient, i) => {
    const rate = [rates[i] ?? NaN];
    const inputs = { parameter: current, gradient, slots, rate, step: [i + 1], scalars };
    ({ parameter: current, slots } = optimizer.update(columns, inputs, settings));
    return current;
  });
}
