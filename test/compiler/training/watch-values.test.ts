import { describe, expect, it } from 'vitest';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import type { PhysicalGraph } from '../../../src/compiler/ir/physical.ts';
import type { FormSet } from '../../../src/compiler/lower/onnx/forms/registry.ts';
import { emitStep } from '../../../src/compiler/targets/onnx-train.ts';
import { trainingStep } from '../../../src/compiler/targets/training-step.ts';
import { watchValues } from '../../../src/compiler/training/watch-values.ts';
import { array, moduleOf } from '../../support/model-graph.ts';

const text = (loss: string): string => `language 1
model Line() {
  input x: [N, C: 2]
  param w: [C: 2] = zeros
  y = sum(w * x, over: [C])
  output y
}
train Line {
  target wanted: [N]
  loss = mean(${loss}, over: [N])
  optimizer sgd(0.1)
}
`;

/** Where a step from w begins to be not finite, as operation and the value it makes. */
function originOf(loss: string, w: readonly number[], rate = 0.1): string | undefined {
  const { step } = trainingStep(moduleOf('line.net', { text: text(loss) }), { batch: 2 });
  if (step === undefined) throw new Error('there is no step');
  const { graph, originOf: originIn } = watchValues(step.graph);
  const inputs = new Map([
    ['x', array({ N: 2, C: 2 }, Float64Array.of(1, 2, 3, 4))],
    ['wanted', array({ N: 2 }, Float64Array.of(1, 0))],
    ...step.scalars.map(({ name }) => [name, array({}, Float64Array.of(rate))] as const),
  ]);
  const results = interpretGraph(graph, inputs, new Map([['w', Float64Array.from(w)]])).outputs;
  const node = originIn((name) => Number.isFinite(results.get(name)?.data[0]));
  return node && `${node.op} ${node.outputs[0]?.hint}`;
}

describe('the first value that is not finite', () => {
  it('is none in a step that is', () => {
    expect(originOf('(y - wanted) * (y - wanted)', [1, -1])).toBeUndefined();
  });

  it('is made by the operation that finite values go into', () => {
    expect(originOf('exp(log(y) + 1)', [-1, -1])).toBe('log log');
    expect(originOf('(y * 0) / (wanted * 0)', [1, 1])).toBe('div div');
  });

  it('may be of the backward pass alone', () => {
    expect(originOf('sqrt(y * wanted)', [1, 1])).toBe('div d_sqrt');
  });

  it('may be of the new weights alone', () => {
    expect(originOf('(y - wanted) * (y - wanted)', [1e3, 1], 1e308)).toMatch(/^mul /);
  });

  it('is none that a later operation drops', () => {
    expect(originOf('minimum(exp(1000 * wanted), y)', [1, -1])).toBeUndefined();
  });
});

/** The form of each operation that has one, by the value that it makes. */
function formsOf(set: FormSet, watch: boolean): ReadonlyMap<number | undefined, string> {
  const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '' };
  let forms: ReadonlyMap<number | undefined, string> = new Map();
  const afterForms = ({ nodes }: PhysicalGraph): void => {
    forms = new Map(
      nodes.flatMap((node) =>
        node.kind === 'op' && node.form !== undefined ? [[node.outputs[0]?.id, node.form]] : [],
      ),
    );
  };
  emitStep(moduleOf('models/mair-small.net'), { batch: 8, provenance, forms: set, watch, afterForms });
  return forms;
}

// Another form of a convolution rounds otherwise, so that what is looked for might not show.
it.each(['blocked16', 'blocked8', 'fused'] as const)(
  'leaves the forms of operations as they are: %s',
  (set) => {
    const unwatched = formsOf(set, false);
    expect(unwatched.size).toBeGreaterThan(10);
    expect(formsOf(set, true)).toEqual(unwatched);
  },
);
