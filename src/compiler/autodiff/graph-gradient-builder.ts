import type { GraphNode, GraphValue } from '../ir/graph.ts';
import { GraphShapeContext } from '../ir/graph-shape-context.ts';
import { hasAxis, tensorType, type TensorType } from '../ir/tensor-type.ts';
import type { Attributes } from '../ops/attributes.ts';
import type { GradientBuilder } from '../ops/gradient.ts';
import { ops } from '../ops/registry.ts';
import type { Size } from '../shapes/size.ts';

/** Where nodes belong in the source. */
export type Place = Pick<GraphNode, 'path' | 'span'>;

/** Collects the nodes that a graph is continued with. */
export class GraphGradientBuilder implements GradientBuilder {
  readonly nodes: GraphNode[] = [];
  readonly #numbers = new Map<number | string, GraphValue>();
  #nextId: number;
  #place: Place;
  #hint = '';

  /** @param firstId the least id that the graph does not use */
  constructor(firstId: number, place: Place) {
    this.#nextId = firstId;
    this.#place = place;
  }

  /** Nodes that follow belong here, and their values are called so. */
  at({ path, span }: Place, hint: string): void {
    this.#place = { path, span };
    this.#hint = hint;
  }

  /** A value that no node makes, such as an input. */
  value(hint: string, type: TensorType): GraphValue {
    return { id: this.#nextId++, hint, type };
  }

  emit(op: string, inputs: readonly GraphValue[], attributes: Attributes = {}): readonly GraphValue[] {
    const definition = ops.get(op);
    if (definition === undefined) throw new Error(`${this.#place.path}: there is no op ${op}`);
    const context = new GraphShapeContext();
    const types = definition.infer(
      inputs.map(({ type }) => type),
      attributes,
      context,
    );
    if (types === undefined) {
      throw new Error(`${this.#place.path}: ${op} was built wrongly: ${context.complaints.join('; ')}`);
    }
    const outputs = types.map((type) => this.value(this.#hint, type));
    this.nodes.push({ op, attributes, inputs, outputs, ...this.#place });
    return outputs;
  }

  one(op: string, inputs: readonly GraphValue[], attributes: Attributes = {}): GraphValue {
    const [output, ...more] = this.emit(op, inputs, attributes);
    if (output === undefined || more.length > 0) {
      throw new Error(`${this.#place.path}: ${op} has not one output`);
    }
    return output;
  }

  number(value: number | Size): GraphValue {
    const key = typeof value === 'number' ? value : value.key;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const made = this.one('constant', [], { value });
    this.#numbers.set(key, made);
    return made;
  }

  add(a: GraphValue, b: GraphValue): GraphValue {
    return this.one('add', [a, b]);
  }

  sub(a: GraphValue, b: GraphValue): GraphValue {
    return this.one('sub', [a, b]);
  }

  mul(a: GraphValue, b: GraphValue): GraphValue {
    return this.one('mul', [a, b]);
  }

  div(a: GraphValue, b: GraphValue): GraphValue {
    return this.one('div', [a, b]);
  }

  sumTo(x: GraphValue, like: TensorType): GraphValue {
    const over = x.type.axes.flatMap(({ name }) => (hasAxis(like, name) ? [] : [name]));
    return over.length === 0 ? x : this.one('sum', [x], { over });
  }

  spread(x: GraphValue, like: TensorType): GraphValue {
    const over = like.axes.flatMap(({ name, size }) => (hasAxis(x.type, name) ? [] : [{ axis: name, size }]));
    return over.length === 0 ? x : this.one('expand', [x], { over });
  }

  indicator(condition: GraphValue): GraphValue {
    return this.one('cast', [condition], { to: 'f32' });
  }

  zeros(like: TensorType): GraphValue {
    return this.spread(this.number(0), { ...tensorType([]), axes: like.axes });
  }
}
