import { GraphGradientBuilder } from '../autodiff/graph-gradient-builder.ts';
import { firstFreeId } from '../ir/free-id.ts';
import type { Graph, GraphInput, GraphParam, GraphValue } from '../ir/graph.ts';
import type { NamedSetting } from '../ir/module.ts';
import { tensorType } from '../ir/tensor-type.ts';
import { optimizers } from '../optimizers/registry.ts';
import { completeSettings, type Settings } from '../optimizers/setting.ts';
import { withoutDecay } from '../optimizers/weight-decay.ts';
import { graphAlgebra, scalarOperand, tensorOperand, type Operand } from './graph-algebra.ts';
import { printScalar, type Scalar } from './scalar.ts';
import type { UpdatedSlope } from './slope.ts';

/** A number that the graph is given in each step. */
export interface ScalarInput {
  /** Of the input, an f32 without axes. */
  readonly name: string;
  readonly scalar: Scalar;
}

export interface OptimizedGraph {
  /** With a parameter for each slot, and the new values of weights and slots among its updates. */
  readonly graph: Graph;
  readonly scalars: readonly ScalarInput[];
}

/** The path under which a slot of a parameter is kept, here and in checkpoints. */
export function slotPath(slot: string, path: string): string {
  return `optimizer.${slot}/${path}`;
}

/** Continues a graph that computes gradients with what the optimiser of a recipe makes of them. */
export function applyOptimizer(
  graph: Graph,
  slopes: readonly UpdatedSlope[],
  { name, args }: NamedSetting,
): OptimizedGraph {
  const optimizer = optimizers.get(name);
  if (optimizer === undefined) throw new Error(`there is no optimiser ${name}`);
  const { settings } = completeSettings(optimizer.settings, args);
  const [first] = slopes;
  if (first === undefined) return { graph, scalars: [] };
  let nextId = firstFreeId(graph);
  const scalarInputs = new Map<string, { readonly input: GraphInput; readonly scalar: Scalar }>();
  const slots: GraphParam[] = [];
  const ownSlots = ({ param }: UpdatedSlope): readonly (readonly [string, GraphParam])[] =>
    optimizer.slots(settings).map((slot) => {
      const value = { ...param.value, id: nextId++, hint: slot };
      const made: GraphParam = {
        path: slotPath(slot, param.path),
        role: 'slot',
        value,
        init: { name: 'zeros', args: {} },
        fan: undefined,
        span: param.span,
      };
      slots.push(made);
      return [slot, made];
    });
  const slotsOf = new Map(slopes.map((slope) => [slope, ownSlots(slope)]));
  const builder = new GraphGradientBuilder(nextId, { path: '', span: first.param.span });
  const names = new Set(graph.inputs.map((input) => input.name));
  const given = (scalar: Scalar, hint: string | undefined): GraphValue => {
    const key = printScalar(scalar);
    const known = scalarInputs.get(key);
    if (known !== undefined) return known.input.value;
    let inputName = `optimizer.${hint ?? (scalar.kind === 'rate' ? 'rate' : 'scalar')}`;
    while (names.has(inputName)) inputName += "'";
    names.add(inputName);
    const value = builder.value(hint ?? 'scalar', tensorType([]));
    scalarInputs.set(key, { input: { name: inputName, value, pixels: undefined }, scalar });
    return value;
  };
  const algebra = graphAlgebra(builder, given);
  const updates = slopes.flatMap((slope) => {
    const { param, gradient, decays } = slope;
    const its = decays ? settings : withoutDecay(settings);
    builder.at({ path: param.path, span: param.span }, param.value.hint);
    const own = slotsOf.get(slope) ?? [];
    const { parameter, slots: next } = optimizer.update<Operand>(
      algebra,
      {
        parameter: tensorOperand(param.value),
        gradient: tensorOperand(gradient),
        slots: Object.fromEntries(own.map(([slot, { value }]) => [slot, tensorOperand(value)])),
        rate: scalarOperand({ kind: 'rate' }, 'rate'),
        step: scalarOperand({ kind: 'step' }, 'step'),
        scalars: scalarsOf(its),
      },
      its,
    );
    return [
      { path: param.path, value: valueOf(parameter) },
      ...own.map(([slot, { path }]) => ({ path, value: valueOf(next[slot]) })),
    ];
  });
  return {
    graph: {
      ...graph,
      inputs: [...graph.inputs, ...Array.from(scalarInputs.values(), ({ input }) => input)],
      params: [...graph.params, ...slots],
      nodes: [...graph.nodes, ...builder.nodes],
      updates: [...graph.updates, ...updates],
    },
    scalars: Array.from(scalarInputs.values(), ({ input, scalar }) => ({ name: input.name, scalar })),
  };
}

function scalarsOf(settings: Settings): Readonly<Record<string, Operand>> {
  const entries = Object.entries(settings);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, scalarOperand({ kind: 'number', value: Number(value) })]),
  );
}

function valueOf(operand: Operand | undefined): GraphValue {
  if (operand?.kind !== 'tensor') throw new Error('an update made no tensor');
  return operand.value;
}
