import { axisNames, inOrder, type TensorType } from '../../../src/compiler/ir/tensor-type.ts';
import { expandOrder, type SortAxes } from '../../../src/compiler/lower/axis-order.ts';
import { arrange, type NdArray } from '../../../src/compiler/ops/nd-array.ts';
import type { AxisOrder, Dialect } from '../../../src/compiler/ops/op.ts';
import { concreteType, symbolic, type SampleRun } from './sample-runs.ts';

/** A sample with its tensors as a target would be given them. */
export interface PhysicalRun extends SampleRun {
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  /** The inputs in the order of `inputTypes`. */
  readonly arranged: readonly NdArray[];
  /** What the interpreter says, in the order of `outputTypes`. */
  readonly expected: readonly NdArray[];
}

/** Orders of a whole program's axes that an op has to live with: as written, and two that nobody would choose. */
export const programOrders: readonly {
  readonly name: string;
  readonly sort: (names: readonly string[]) => readonly string[];
}[] = [
  { name: 'as written', sort: (names) => names },
  { name: 'backwards', sort: (names) => names.toReversed() },
  {
    name: 'by halves',
    sort: (names) => [...names.filter((_n, i) => i % 2 === 1), ...names.filter((_n, i) => i % 2 === 0)],
  },
];

export function physical(
  run: SampleRun,
  dialect: Dialect,
  order: (typeof programOrders)[number],
): PhysicalRun {
  const inputs = run.inputs.map(({ type }) => symbolic(type));
  const outputs = run.outputs.map(symbolic);
  const program = order.sort([...new Set([...inputs, ...outputs].flatMap(axisNames))]);
  const sorted: SortAxes = (names) => names.toSorted((a, b) => program.indexOf(a) - program.indexOf(b));
  const layout = run.op.layout?.(inputs, run.sample.attributes, outputs, dialect, sorted);
  const placed = (
    types: readonly TensorType[],
    orders: readonly AxisOrder[] | undefined,
  ): readonly TensorType[] =>
    types.map((type, i) => {
      const wanted = orders?.[i];
      return inOrder(
        type,
        wanted === undefined ? sorted(axisNames(type)) : expandOrder(wanted, type, sorted),
      );
    });
  const inputTypes = placed(inputs, layout?.inputs);
  const outputTypes = placed(outputs, layout?.outputs);
  const arranged = run.inputs.map((x, i) => arrange(x, concreteType(inputTypes[i] ?? symbolic(x.type))));
  const expected = run.op.evaluate(run.inputs, run.sample.attributes, outputTypes.map(concreteType));
  return { ...run, inputTypes, outputTypes, arranged, expected };
}
