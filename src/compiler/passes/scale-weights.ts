import type { Graph, GraphNode, GraphValue } from '../ir/graph.ts';
import type { ConvAttributes } from '../ops/conv.ts';
import { bytesOf } from '../memory/value-bytes.ts';
import { named, only } from '../ops/named.ts';
import { GraphRewriter } from './graph-rewriter.ts';
import type { Pass } from './pass.ts';

/**
 * The gradients of a convolution by its input and by its weight are linear in what comes back by channel, so that a
 * scale of the channels may be one of the weight on the way in, and of its gradient on the way out, where these are less
 * than the image. Behind a convolution there is a batch norm almost always, and its gain is such a scale.
 */
export const scaleWeights: Pass = {
  name: 'scale-weights',
  description: 'scales the weights of convolutions instead of the images that come back through them',
  run: exchange,
};

/** The image that is scaled, and the vector. */
interface Scaled {
  readonly image: GraphValue;
  readonly scale: GraphValue;
}

function exchange(graph: Graph): Graph {
  const scaled = exchangeable(graph);
  if (scaled.size === 0) return graph;
  const rewriter = new GraphRewriter(graph);
  for (const node of graph.nodes) {
    const [result] = node.outputs;
    if (result !== undefined && scaled.has(result.id)) continue;
    const place = node.inputs.findIndex(({ id }) => scaled.has(id));
    const found = scaled.get(node.inputs[place]?.id ?? NaN);
    if (found === undefined || result === undefined) {
      rewriter.keep(node);
      continue;
    }
    const one = (
      op: string,
      inputs: readonly GraphValue[],
      attributes: GraphNode['attributes'],
    ): GraphValue => rewriter.emitOne(op, inputs, attributes, result.hint, node);
    const { to } = node.attributes as ConvAttributes;
    const scale = one('rename', [rewriter.read(found.scale)], { from: [to], to: ['.out'] });
    const image = rewriter.read(found.image);
    if (node.op === 'conv_input_gradient') {
      const weight = rewriter.read(named(node.inputs, ['g', 'weight']).weight);
      rewriter.replace(result, one(node.op, [image, one('mul', [weight, scale], {})], node.attributes));
    } else {
      const x = rewriter.read(named(node.inputs, ['x', 'g']).x);
      rewriter.replace(result, one('mul', [one(node.op, [x, image], node.attributes), scale], {}));
    }
  }
  return rewriter.finish();
}

/** Scaled images that only gradients of convolutions with smaller weights read, by the ids of the products. */
function exchangeable(graph: Graph): ReadonlyMap<number, Scaled> {
  const products = new Map<number, Scaled>();
  /** Bytes of what would be scaled in the place of each. */
  const weights = new Map<number, number>();
  for (const node of graph.nodes) {
    const [result] = node.outputs;
    const scaled = node.op === 'mul' ? scaledImage(node) : undefined;
    if (scaled !== undefined && result !== undefined) products.set(result.id, scaled);
    node.inputs.forEach(({ id }, place) => {
      const product = products.get(id);
      if (product === undefined) return;
      if (takesScale(node, place, product)) weights.set(id, (weights.get(id) ?? 0) + weightBytes(node));
      else products.delete(id);
    });
  }
  for (const [id, { image }] of products) {
    if ((weights.get(id) ?? 0) >= bytesOf(image)) products.delete(id);
  }
  for (const { value } of [...graph.outputs, ...graph.updates]) products.delete(value.id);
  return products;
}

function scaledImage({ inputs: [a, b] }: GraphNode): Scaled | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (b.type.axes.length === 1 && a.type.axes.length > 1) return { image: a, scale: b };
  if (a.type.axes.length === 1 && b.type.axes.length > 1) return { image: b, scale: a };
  return undefined;
}

/** A convolution's weight, or its gradient. */
function weightBytes({ op, inputs, outputs }: GraphNode): number {
  return bytesOf(op === 'conv_input_gradient' ? named(inputs, ['g', 'weight']).weight : only(outputs));
}

function takesScale({ op, attributes }: GraphNode, place: number, { scale }: Scaled): boolean {
  const isGradient =
    (op === 'conv_input_gradient' && place === 0) || (op === 'conv_weight_gradient' && place === 1);
  return isGradient && (attributes as ConvAttributes).to === scale.type.axes[0]?.name;
}
