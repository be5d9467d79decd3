import type { Graph } from './graph.ts';
import type { TensorType } from './tensor-type.ts';
import { scale, sub, variable, varsOf, type Size, type SizeVar } from '../shapes/size.ts';

/** How a dynamic size is read off an input: the length of the axis is `factor * size + offset`. */
export interface SizeSource {
  /** The index of the input and of its axis in the declared order. */
  readonly input: number;
  readonly axis: number;
  readonly factor: number;
  readonly offset: number;
}

/**
 * Where each dynamic size can be read off the graph's inputs. Throws where an input has it only inside an expression
 * of a higher degree, as in `[N * N]`, or not at all.
 */
export function dynamicSources(graph: Pick<Graph, 'dynamic' | 'inputs'>): ReadonlyMap<SizeVar, SizeSource> {
  const sources = new Map<SizeVar, SizeSource>();
  for (const v of graph.dynamic) {
    const candidates = graph.inputs.flatMap(({ value }, input) => sourcesIn(value.type, v, input));
    const best = candidates.find(({ factor, offset }) => factor === 1 && offset === 0) ?? candidates[0];
    if (best === undefined) throw new Error(`no axis of an input tells the size ${v.name}`);
    sources.set(v, best);
  }
  return sources;
}

function sourcesIn(type: TensorType, v: SizeVar, input: number): readonly SizeSource[] {
  return type.axes.flatMap(({ size }, axis) => {
    const linear = linearIn(size, v);
    return linear === undefined ? [] : [{ input, axis, ...linear }];
  });
}

function linearIn(size: Size, v: SizeVar): { readonly factor: number; readonly offset: number } | undefined {
  const factor = size.terms[0]?.coefficient ?? 0;
  const offset = sub(size, scale(variable(v), factor)).value;
  return offset === undefined || !varsOf(size).includes(v) ? undefined : { factor, offset };
}
