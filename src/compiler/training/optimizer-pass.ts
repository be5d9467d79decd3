import { GraphGradientBuilder } from '../autodiff/graph-gradient-builder.ts';
import { firstFreeId } from '../ir/free-id.ts';
import type { Graph, GraphInput, GraphParam, GraphValue } from '../ir/graph.ts';
import type { NamedSetting } from '../ir/module.ts';
import { tensorType } from '../ir/tensor-type.ts';
import { optimizers } from '../optimizers/registry.ts';
import { completeSettings, type Settings } from '../optimizers/setting.ts';
import type { GradientBuilder } from '../ops/gradient.ts';
import { settingsFor } from '../optimizers/weight-decay.ts';
import { graphAlgebra, scalarOperand, tensorOperand, type Operand } from './graph-algebra.ts';
import { pack, unpack } from './packing.ts';
import { printScalar, type Scalar } from './scalar.ts';

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

/** A weight and d loss / d weight. */
export interface Slope {
  readonly param: GraphParam;
  readonly gradient: GraphValue;
}

/** The path under which a slot of a parameter is kept, here and in checkpoints. */
export function slotPath(slot: string, path: string): string {
  return `optimizer.${slot}/${path}`;
}

/** Continues a graph that computes gradients with what the optimiser of a recipe makes of them. */
export function applyOptimizer(
  graph: Graph,
  slopes: readonly Slope[],
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
  const ownSlots = ({ param }: Slope): readonly (readonly [string, GraphParam])[] =>
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
  const scalars = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key,
      scalarOperand({ kind: 'number', value: Number(value) }),
    ]),
  );
  /** The new values of a parameter and of its slots, of the settings that hold for it. */
  const update = (values: Values, own: Settings): Values => {
    const { parameter, slots: next } = optimizer.update<Operand>(
      algebra,
      {
        parameter: tensorOperand(values.parameter),
        gradient: tensorOperand(values.gradient),
        slots: Object.fromEntries(values.slots.map(([slot, value]) => [slot, tensorOperand(value)])),
        rate: scalarOperand({ kind: 'rate' }, 'rate'),
        step: scalarOperand({ kind: 'step' }, 'step'),
        scalars,
      },
      own,
    );
    const newSlots = values.slots.map(([slot]) => [slot, valueOf(next[slot])] as const);
    return { parameter: valueOf(parameter), gradient: values.gradient, slots: newSlots };
  };
  const updates = groupsOf(slopes, settings).flatMap(({ members, own }) => {
    const [{ param }] = members;
    builder.at({ path: param.path, span: param.span }, param.value.hint);
    const values = members.map((slope): Values => {
      const slotValues = (slotsOf.get(slope) ?? []).map(([slot, { value }]) => [slot, value] as const);
      return { parameter: slope.param.value, gradient: slope.gradient, slots: slotValues };
    });
    const made = values.length === 1 ? values.map((one) => update(one, own)) : updateTogether(builder, values, (all) => update(all, own)); // prettier-ignore
    return members.flatMap((slope, k) => [
      { path: slope.param.path, value: need(made[k]).parameter },
      ...(slotsOf.get(slope) ?? []).map(([, { path }], n) => ({
        path,
        value: need(need(made[k]).slots[n])[1],
      })),
    ]);
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

/** A parameter, or several packed into one, with what its update is made of. */
interface Values {
  readonly parameter: GraphValue;
  readonly gradient: GraphValue;
  readonly slots: readonly (readonly [slot: string, value: GraphValue])[];
}

interface Group {
  readonly members: readonly [Slope, ...Slope[]];
  readonly own: Settings;
}

/**
 * Vectors with equal settings are updated together: the biases and scales of a deep network are some hundred, each of a
 * few hundred numbers, and to start an operation on one takes longer than to compute it.
 */
function groupsOf(slopes: readonly Slope[], settings: Settings): readonly Group[] {
  const alone: Group[] = [];
  const vectors = new Map<string, [Slope, ...Slope[]]>();
  for (const slope of slopes) {
    const own = settingsFor(slope.param, settings);
    if (slope.param.value.type.axes.length !== 1) {
      alone.push({ members: [slope], own });
      continue;
    }
    const key = JSON.stringify(own);
    const group = vectors.get(key);
    if (group === undefined) vectors.set(key, [slope]);
    else group.push(slope);
  }
  const together = Array.from(vectors.values(), (members): Group => {
    return { members, own: settingsFor(members[0].param, settings) };
  });
  return [...alone, ...together];
}

function updateTogether(
  b: GradientBuilder,
  values: readonly Values[],
  update: (packed: Values) => Values,
): readonly Values[] {
  const parameters = values.map(({ parameter }) => parameter);
  const slotNames = values[0]?.slots.map(([slot]) => slot) ?? [];
  const packed = update({
    parameter: pack(b, parameters),
    gradient: pack(b, values.map(({ gradient }) => gradient)), // prettier-ignore
    slots: slotNames.map((slot, k) => [slot, pack(b, values.map(({ slots }) => need(slots[k])[1]))] as const), // prettier-ignore
  });
  const newParameters = unpack(b, packed.parameter, parameters);
  const newSlots = packed.slots.map(([, value]) => unpack(b, value, parameters));
  return values.map(({ gradient }, i) => ({
    parameter: need(newParameters[i]),
    gradient,
    slots: slotNames.map((slot, k) => [slot, need(need(newSlots[k])[i])] as const),
  }));
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('an update lost a value on its way');
  return value;
}

function valueOf(operand: Operand | undefined): GraphValue {
  if (operand?.kind !== 'tensor') throw new Error('an update made no tensor');
  return operand.value;
}
