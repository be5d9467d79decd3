import type { Graph, GraphValue } from '../ir/graph.ts';
import { printType } from '../ir/tensor-type.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

/**
 * What is cut along an axis and joined again in the same order is what it was before. Parameters that are kept in one vector
 * come as its pieces, and what computes with all of them at once joins these.
 */
export const joinPieces: Pass = {
  name: 'join-pieces',
  description: 'takes what was cut for what joins all of its pieces again',
  run: joinWholes,
};

/** Which of the pieces of a value it is, of how many. */
interface Piece {
  readonly whole: GraphValue;
  readonly index: number;
  readonly of: number;
}

function joinWholes(graph: Graph): Graph {
  const rewriter = new GraphRewriter(graph);
  const pieces = new Map<number, Piece>();
  for (const node of graph.nodes) {
    const [output] = node.outputs;
    const inputs = node.inputs.map((value) => rewriter.read(value));
    const whole = node.op === 'concat' ? wholeOf(inputs.map(({ id }) => pieces.get(id))) : undefined;
    if (whole !== undefined && output !== undefined && printType(whole.type) === printType(output.type)) {
      rewriter.replace(output, whole);
      continue;
    }
    rewriter.keep(node);
    const [x] = inputs;
    if (x === undefined) continue;
    const renamed = pieces.get(x.id);
    // Vectors alone, of which a new name of the axis changes nothing that is not in the type.
    if (node.op === 'cut' && x.type.axes.length === 1) {
      node.outputs.forEach(({ id }, index) => pieces.set(id, { whole: x, index, of: node.outputs.length }));
    } else if (node.op === 'rename' && renamed !== undefined && output !== undefined) {
      pieces.set(output.id, renamed);
    }
  }
  return rewriter.finish();
}

function wholeOf(parts: readonly (Piece | undefined)[]): GraphValue | undefined {
  const [first] = parts;
  if (first?.of !== parts.length) return undefined;
  const isWhole = parts.every((part, i) => part?.whole.id === first.whole.id && part.index === i);
  return isWhole ? first.whole : undefined;
}
