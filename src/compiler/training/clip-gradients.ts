import { GraphGradientBuilder } from '../autodiff/graph-gradient-builder.ts';
import { firstFreeId } from '../ir/free-id.ts';
import type { Graph, GraphValue } from '../ir/graph.ts';
import type { NamedSetting } from '../ir/module.ts';
import { tensorType } from '../ir/tensor-type.ts';
import type { Clipping } from '../optimizers/clipping.ts';
import type { Algebra } from '../optimizers/optimizer.ts';
import { clippings } from '../optimizers/registry.ts';
import { completeSettings } from '../optimizers/setting.ts';
import { graphAlgebra, scalarOperand, tensorOperand, type Operand } from './graph-algebra.ts';
import type { UpdatedSlope } from './slope.ts';

/** Continues a graph that computes gradients with what the clipping of a recipe makes of them. */
export function clipGradients(
  graph: Graph,
  slopes: readonly UpdatedSlope[],
  { name, args, span }: NamedSetting,
): { readonly graph: Graph; readonly slopes: readonly UpdatedSlope[] } {
  const clipping = clippings.get(name);
  if (clipping === undefined) throw new Error(`there is no clipping ${name}`);
  if (slopes.length === 0) return { graph, slopes };
  const builder = new GraphGradientBuilder(firstFreeId(graph), { path: 'clip', span });
  const algebra = graphAlgebra(builder, () => {
    throw new Error('clipping goes by no number of the step');
  });
  const { settings } = completeSettings(clipping.settings, args);
  const scalars = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key,
      scalarOperand({ kind: 'number', value: Number(value) }),
    ]),
  );
  const gradients = slopes.map(({ gradient }) => gradient);
  const clip = clipOf(clipping, algebra, scalars, () => tensorOperand(normOf(builder, gradients)));
  const clipped = slopes.map((slope): UpdatedSlope => {
    builder.at({ path: slope.param.path, span }, 'clipped');
    return { ...slope, gradient: valueOf(clip(tensorOperand(slope.gradient))) };
  });
  return { graph: { ...graph, nodes: [...graph.nodes, ...builder.nodes] }, slopes: clipped };
}

function clipOf(
  clipping: Clipping,
  algebra: Algebra<Operand>,
  scalars: Readonly<Record<string, Operand>>,
  norm: () => Operand,
): (gradient: Operand) => Operand {
  if (clipping.by === 'element') return (gradient) => clipping.clip(algebra, gradient, scalars);
  const factor = clipping.factor(algebra, norm(), scalars);
  return (gradient) => algebra.mul(gradient, factor);
}

/** The length of all gradients as one vector. */
function normOf(builder: GraphGradientBuilder, gradients: readonly GraphValue[]): GraphValue {
  const squares = gradients.map((gradient) => builder.sumTo(builder.mul(gradient, gradient), tensorType([])));
  return builder.one('sqrt', [squares.reduce((sum, square) => builder.add(sum, square))]);
}

function valueOf(operand: Operand): GraphValue {
  if (operand.kind !== 'tensor') throw new Error('clipping made no tensor');
  return operand.value;
}
