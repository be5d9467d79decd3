import type { Graph, GraphParam, GraphValue } from '../ir/graph.ts';
import { sizeNumbers } from '../ir/size-numbers.ts';
import { tensorType } from '../ir/tensor-type.ts';
import { GraphRewriter } from '../passes/graph-rewriter.ts';
import { constant } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import { pack, packedAxis, unpack } from './packing.ts';
import type { Places } from './places.ts';
import type { UpdatedSlope } from './slope.ts';

/**
 * Weights of more elements than this are updated alone: theirs is work enough for an operation, and in one vector with all
 * others they would leave the caches between one operation of the optimiser and the next.
 */
const largestPacked = 2 ** 15;

/** Parameters that are kept in one vector, and so enter and leave a step as one. */
interface Vector {
  readonly path: string;
  readonly role: 'weight' | 'state';
  readonly members: readonly [GraphParam, ...GraphParam[]];
}

export interface PackedGraph {
  /** The same, with a vector among its parameters for those that are packed. */
  readonly graph: Graph;
  /** Those of the vectors, and of weights that are in none. */
  readonly slopes: readonly UpdatedSlope[];
  /** Where the parameters are now, by path. */
  readonly places: Places;
}

/**
 * Keeps the weights and the state of a step in a few vectors: a network has hundreds of them, most so small that to start an
 * operation on one, or to hand it over, takes longer than to compute it. A large weight becomes a vector of its own, because
 * the axes of length 1 of a convolution's weight slow elementwise operations down. Weights that decay are not packed with
 * those that do not.
 *
 * @param optimizer of the recipe, where what is done to a vector belongs in the source
 */
export function packParameters(
  graph: Graph,
  slopes: readonly UpdatedSlope[],
  optimizer: { readonly span: Span },
): PackedGraph {
  const vectors = vectorsOf(graph, slopes);
  const rewriter = new GraphRewriter(graph);
  const packed = vectors.map((vector) => {
    const { path, role, members } = vector;
    // What is done to all of them at once is in no layer's place.
    const span = members.length === 1 ? members[0].span : optimizer.span;
    const size = members.reduce((sum, member) => sum + count(member), 0);
    const value = rewriter.value(role, tensorType([{ name: packedAxis, size: constant(size) }]));
    // Its members begin as they do by themselves.
    const init = { name: 'packed', args: {} };
    const param: GraphParam = { path, role, value, init, fan: undefined, span };
    const own = members.map((member) => ({ like: member.value, at: member }));
    const values = unpack(rewriter, value, own);
    members.forEach((member, i) => rewriter.replace(member.value, need(values[i])));
    return { ...vector, param };
  });
  for (const node of graph.nodes) rewriter.keep(node);
  const together = (members: readonly GraphParam[], hint: string, of: (param: GraphParam) => GraphValue) =>
    pack(rewriter, members.map((member) => ({ value: rewriter.read(of(member)), like: member.value.type, at: member })), hint); // prettier-ignore
  const slopeOf = new Map(slopes.map((slope) => [slope.param, slope]));
  const packedSlopes = packed.flatMap(({ role, members, param }): readonly UpdatedSlope[] => {
    if (role === 'state') return [];
    const gradient = together(members, 'gradient', (member) => need(slopeOf.get(member)).gradient);
    return [{ param, gradient, decays: need(slopeOf.get(members[0])).decays }];
  });
  const renewed = new Map(graph.updates.map(({ path, value }) => [path, value]));
  const updates = packed
    .filter(({ role }) => role === 'state')
    .map(({ path, role, members }) => ({
      path,
      value: together(members, role, (member) => renewed.get(member.path) ?? member.value),
    }));
  const inVector = new Set(packed.flatMap(({ members }) => members));
  const paths = new Set(Array.from(inVector, ({ path }) => path));
  const finished = rewriter.finish();
  return {
    graph: {
      ...finished,
      params: [...packed.map(({ param }) => param), ...graph.params.filter((param) => !inVector.has(param))],
      updates: [...updates, ...finished.updates.filter(({ path }) => !paths.has(path))],
    },
    slopes: [
      ...packedSlopes,
      ...slopes
        .filter(({ param }) => !inVector.has(param))
        .map((slope) => ({ ...slope, gradient: rewriter.read(slope.gradient) })),
    ],
    places: placesOf(packed),
  };
}

/** What is kept together: small weights that decay, small ones that do not, each large one, and the state. */
function vectorsOf({ params, updates }: Graph, slopes: readonly UpdatedSlope[]): readonly Vector[] {
  const renewed = new Set(updates.map(({ path }) => path));
  const trained = slopes.filter(({ param }) => param.value.type.axes.length > 0);
  const isSmall = ({ param }: UpdatedSlope): boolean => count(param) <= largestPacked;
  const weights = (decays: boolean): readonly GraphParam[] =>
    trained.filter((slope) => isSmall(slope) && slope.decays === decays).map(({ param }) => param);
  const state = params.filter(
    ({ path, role, value }) => role === 'state' && renewed.has(path) && value.type.axes.length > 0,
  );
  const together = (path: string, role: Vector['role'], members: readonly GraphParam[]): Vector[] => {
    const [first, ...more] = members;
    if (first === undefined) return [];
    return [{ path: more.length === 0 ? first.path : path, role, members: [first, ...more] }];
  };
  return [
    ...together('packed.decaying', 'weight', weights(true)),
    ...together('packed.weights', 'weight', weights(false)),
    ...trained
      .filter((slope) => !isSmall(slope))
      .flatMap(({ param }) => together(param.path, 'weight', [param])),
    ...together('packed.state', 'state', state),
  ];
}

function placesOf(vectors: readonly Vector[]): Places {
  return new Map(
    vectors.flatMap(({ path: vector, members }) => {
      let at = 0;
      return members.map((member) => {
        const place = { vector, at, size: count(member) };
        at += place.size;
        return [member.path, place] as const;
      });
    }),
  );
}

function count({ value }: GraphParam): number {
  return sizeNumbers(value.type.axes).reduce((product, size) => product * size, 1);
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a parameter was lost while it was packed');
  return value;
}
