import type {
  Graph,
  GraphInput,
  GraphNode,
  GraphOutput,
  GraphParam,
  GraphValue,
} from '../../src/compiler/ir/graph.ts';
import { GraphShapeContext } from '../../src/compiler/ir/graph-shape-context.ts';
import type { Pixels } from '../../src/compiler/ir/module.ts';
import { tensorType, type Axis, type DType } from '../../src/compiler/ir/tensor-type.ts';
import type { Attributes } from '../../src/compiler/ops/attributes.ts';
import { ops } from '../../src/compiler/ops/registry.ts';
import { constant, freshVar, variable, type Size, type SizeVar } from '../../src/compiler/shapes/size.ts';
import { Span } from '../../src/compiler/source/span.ts';

/** Lengths of axes by name, in their order. */
export type Shape = Readonly<Record<string, Size | number>>;

const SPAN = Span.startOf('test.net');

/** Builds flat graphs by hand; types follow from the ops' own shape rules. */
export class GraphBuilder {
  readonly #dynamic: SizeVar[] = [];
  readonly #inputs: GraphInput[] = [];
  readonly #params: GraphParam[] = [];
  readonly #nodes: GraphNode[] = [];
  readonly #outputs: GraphOutput[] = [];
  readonly #updates: { path: string; value: GraphValue }[] = [];
  readonly #blocks: { path: string; block: string; values: GraphValue[]; span: typeof SPAN }[] = [];
  #nextId = 0;

  dynamic(name: string): Size {
    const v = freshVar(name);
    this.#dynamic.push(v);
    return variable(v);
  }

  input(name: string, shape: Shape, pixels?: Pixels): GraphValue {
    const value = this.#value(name, shape);
    this.#inputs.push({ name, value, pixels });
    return value;
  }

  /** An input of int32. */
  indices(name: string, shape: Shape): GraphValue {
    const value = this.#value(name, shape, 'int32');
    this.#inputs.push({ name, value, pixels: undefined });
    return value;
  }

  weight(path: string, shape: Shape): GraphValue {
    return this.#param('weight', path, shape);
  }

  state(path: string, shape: Shape): GraphValue {
    return this.#param('state', path, shape);
  }

  /** A node with one output. */
  op(op: string, inputs: readonly GraphValue[], attributes: Attributes = {}, path = op): GraphValue {
    const [output] = this.ops(op, inputs, attributes, path);
    if (output === undefined) throw new Error(`${op} has no output`);
    return output;
  }

  ops(
    op: string,
    inputs: readonly GraphValue[],
    attributes: Attributes = {},
    path = op,
  ): readonly GraphValue[] {
    const context = new GraphShapeContext();
    const types = ops.get(op)?.infer(
      inputs.map(({ type }) => type),
      attributes,
      context,
    );
    if (types === undefined) throw new Error(`${op}: ${context.complaints.join('; ') || 'no such op'}`);
    const outputs = types.map((type) => ({ id: this.#nextId++, hint: op, type }));
    this.#nodes.push({ op, attributes, inputs: [...inputs], outputs, path, span: SPAN });
    return outputs;
  }

  number(value: number): GraphValue {
    return this.op('constant', [], { value });
  }

  output(name: string, value: GraphValue, labels?: readonly string[]): this {
    this.#outputs.push({ name, value, labels });
    return this;
  }

  update(path: string, value: GraphValue): this {
    this.#updates.push({ path, value });
    return this;
  }

  block(path: string, block: string, ...values: GraphValue[]): this {
    this.#blocks.push({ path, block, values, span: SPAN });
    return this;
  }

  build(name = 'Test'): Graph {
    return {
      name,
      dynamic: this.#dynamic,
      inputs: this.#inputs,
      params: this.#params,
      nodes: this.#nodes,
      outputs: this.#outputs,
      updates: this.#updates,
      blocks: this.#blocks,
    };
  }

  #param(role: GraphParam['role'], path: string, shape: Shape): GraphValue {
    const value = this.#value(path.split('/').at(-1) ?? path, shape);
    this.#params.push({ path, role, value, init: { name: 'zeros', args: {} }, fan: undefined, span: SPAN });
    return value;
  }

  #value(hint: string, shape: Shape, dtype: DType = 'f32'): GraphValue {
    return { id: this.#nextId++, hint, type: tensorType(axesOf(shape), dtype) };
  }
}

export function axesOf(shape: Shape): readonly Axis[] {
  return Object.entries(shape).map(([name, size]) => ({
    name,
    size: typeof size === 'number' ? constant(size) : size,
  }));
}
