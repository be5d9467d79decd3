import type { Func, Region, Statement, Value } from '../../ir/module.ts';
import { resultsOf } from '../../ir/statement-values.ts';

/** Where a value of a function is read. */
export interface Uses {
  count: number;
  /** The region of the use that was counted last; of the only use, where there is one. */
  region: Region;
  /** The statement of that use; undefined where the function returns the value. */
  by: Statement | undefined;
}

/**
 * Counts the uses of every value by statements that matter: those of which a result is used, and those that change
 * state. A value that is not in the result is not needed. What a loop hands on and a branch results in counts as used
 * inside it; a loop that matters is taken to need all that it carries, a branch only those results that are used.
 */
export function countUses(
  func: Func,
  isStateful: (statement: Statement) => boolean,
): ReadonlyMap<number, Uses> {
  const uses = new Map<number, Uses>();
  const use: OnUse = (value, region, by) => {
    const count = (uses.get(value.id)?.count ?? 0) + 1;
    uses.set(value.id, { count, region, by });
  };
  const isUsed = ({ id }: Value): boolean => uses.has(id);
  const visitRegion = (region: Region): void => {
    for (const statement of region.statements.toReversed()) {
      const results = resultsOf(statement);
      if (isStateful(statement) || results.some(isUsed)) eachUse(statement, region, use, visitRegion, isUsed);
    }
  };
  for (const output of func.outputs) use(output, func.body, undefined);
  visitRegion(func.body);
  return uses;
}

/**
 * For each value, the index of the last statement of the region that reads it, at whatever depth; Infinity for the
 * `results`, which are read when the region ends.
 */
export function lastReads(region: Region, results: readonly Value[]): ReadonlyMap<number, number> {
  const last = new Map<number, number>();
  region.statements.forEach((statement, index) => {
    const read: OnUse = (value) => void last.set(value.id, index);
    const visitRegion = (inner: Region): void => {
      for (const one of inner.statements) eachUse(one, inner, read, visitRegion, () => true);
    };
    eachUse(statement, region, read, visitRegion, () => true);
  });
  for (const { id } of results) last.set(id, Infinity);
  return last;
}

type OnUse = (value: Value, region: Region, by: Statement | undefined) => void;

/** The values that a statement reads, with the region that reads each; inner regions after what they result in. */
function eachUse(
  statement: Statement,
  region: Region,
  use: OnUse,
  visitRegion: (region: Region) => void,
  isNeeded: (result: Value) => boolean,
): void {
  switch (statement.kind) {
    case 'op':
    case 'call':
      for (const input of statement.inputs) use(input, region, statement);
      return;
    case 'loop':
      for (const { next } of statement.carried) use(next, statement.body, statement);
      visitRegion(statement.body);
      for (const { initial } of statement.carried) use(initial, region, statement);
      if (statement.each !== undefined) use(statement.each.list, region, statement);
      return;
    case 'if':
      for (const { output, then, otherwise } of statement.results) {
        if (!isNeeded(output)) continue;
        use(then, statement.then, statement);
        use(otherwise, statement.otherwise, statement);
      }
      visitRegion(statement.then);
      visitRegion(statement.otherwise);
      return;
    case 'list':
      for (const item of statement.items) use(item, region, statement);
      return;
    case 'append':
      use(statement.left, region, statement);
      use(statement.right, region, statement);
      return;
    case 'get':
    case 'slice':
      use(statement.list, region, statement);
      return;
    case 'check':
      return;
  }
}

/** The values that a statement itself reads, without those that only its inner regions read. */
export function operandsOf(statement: Statement): readonly Value[] {
  const operands: Value[] = [];
  const use: OnUse = (value, _region, by) => {
    if (by === statement) operands.push(value);
  };
  if (statement.kind !== 'if') eachUse(statement, noRegion, use, () => undefined, () => true); // prettier-ignore
  return operands;
}

const noRegion: Region = { params: [], statements: [] };
