import type { Module, Region } from '../../ir/module.ts';
import type { OpUse } from '../axis-order.ts';
import { tensorTypeOf } from './value-table.ts';

/** Every op of a module, for the choice of the order of axes. */
export function opUses(module: Module): readonly OpUse[] {
  const uses: OpUse[] = [];
  const visit = (region: Region, params: ReadonlySet<number>): void => {
    const inner = new Set([...params, ...region.params.map(({ value }) => value.id)]);
    for (const statement of region.statements) {
      if (statement.kind === 'loop') visit(statement.body, inner);
      if (statement.kind === 'if') {
        visit(statement.then, inner);
        visit(statement.otherwise, inner);
      }
      if (statement.kind !== 'op') continue;
      const { op, attributes, inputs, outputs } = statement;
      const stored = new Set(inputs.flatMap(({ id }, i) => (inner.has(id) ? [i] : [])));
      uses.push({
        op,
        attributes,
        inputs: inputs.map(tensorTypeOf),
        outputs: outputs.map(tensorTypeOf),
        stored,
      });
    }
  };
  for (const { body } of module.functions.values()) visit(body, new Set());
  return uses;
}
