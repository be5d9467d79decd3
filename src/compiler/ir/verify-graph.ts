import { ops } from '../ops/registry.ts';
import { varsOf, type SizeVar } from '../shapes/size.ts';
import { isSize } from '../shapes/size.ts';
import type { AttributeValue } from '../ops/attributes.ts';
import type { Graph, GraphNode, GraphValue } from './graph.ts';
import { GraphShapeContext } from './graph-shape-context.ts';
import { axisNames, findAxis, printType, type TensorType } from './tensor-type.ts';

/**
 * What is wrong with a graph: one sentence per violation of a rule, none for a well-formed graph. A violation is a
 * fault of the compiler, never of the user.
 */
export function verifyGraph(graph: Graph): readonly string[] {
  return new GraphVerifier(graph).run();
}

/** Throws when a graph is not well-formed; `stage` says what produced it. */
export function assertWellFormed(graph: Graph, stage: string): void {
  const problems = verifyGraph(graph);
  if (problems.length > 0)
    throw new Error(`${graph.name} is not well-formed after ${stage}:\n${problems.join('\n')}`);
}

class GraphVerifier {
  readonly #graph: Graph;
  readonly #dynamic: ReadonlySet<SizeVar>;
  readonly #context = new GraphShapeContext();
  readonly #defined = new Map<number, TensorType>();
  readonly #problems: string[] = [];

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#dynamic = new Set(graph.dynamic);
  }

  run(): readonly string[] {
    const { inputs, params, nodes, outputs } = this.#graph;
    for (const { name, value } of inputs) this.#define(value, `input ${name}`);
    for (const { path, value } of params) this.#define(value, `parameter ${path}`);
    this.#unique('inputs', inputs.map(({ name }) => name)); // prettier-ignore
    this.#unique('outputs', outputs.map(({ name }) => name)); // prettier-ignore
    this.#unique('parameters', params.map(({ path }) => path)); // prettier-ignore
    for (const { path, value } of params) this.#parameterIsFixed(value, `parameter ${path}`);
    for (const node of nodes) this.#node(node);
    for (const { name, value } of outputs) this.#read(value, `output ${name}`);
    this.#updates();
    for (const { path, values } of this.#graph.blocks) {
      for (const value of values) if (value !== undefined) this.#read(value, `block ${path}`);
    }
    return this.#problems;
  }

  #node(node: GraphNode): void {
    const where = `${node.path}: ${node.op}`;
    for (const value of node.inputs) this.#read(value, where);
    this.#attributeSizes(node.attributes, where);
    const op = ops.get(node.op);
    if (op === undefined) {
      this.#report(where, 'there is no such op');
    } else {
      const inputs = node.inputs.map(({ type }) => type);
      const inferred = op.infer(inputs, node.attributes, this.#context);
      for (const complaint of this.#context.complaints.splice(0)) this.#report(where, complaint);
      if (inferred !== undefined) this.#sameTypes(node, inferred, where);
      else this.#report(where, `its shape rule refuses ${inputs.map(printType).join(', ')}`);
    }
    for (const value of node.outputs) this.#define(value, where);
  }

  #sameTypes(node: GraphNode, inferred: readonly TensorType[], where: string): void {
    if (inferred.length !== node.outputs.length) {
      this.#report(where, `it has ${node.outputs.length} outputs, its shape rule gives ${inferred.length}`);
      return;
    }
    node.outputs.forEach(({ type }, i) => {
      const expected = inferred[i];
      if (expected !== undefined && !this.#sameType(type, expected)) {
        this.#report(where, `output ${i} is ${printType(type)}, its shape rule gives ${printType(expected)}`);
      }
    });
  }

  /** A new value takes the place of the old: same parameter, same shape. */
  #updates(): void {
    const params = new Map(this.#graph.params.map((param) => [param.path, param]));
    this.#unique('updates', this.#graph.updates.map(({ path }) => path)); // prettier-ignore
    for (const { path, value } of this.#graph.updates) {
      const where = `update of ${path}`;
      this.#read(value, where);
      const param = params.get(path);
      if (param === undefined) this.#report(where, 'there is no such parameter');
      else if (!this.#sameType(value.type, param.value.type)) {
        this.#report(
          where,
          `it is ${printType(value.type)}, the parameter is ${printType(param.value.type)}`,
        );
      }
    }
  }

  #define(value: GraphValue, where: string): void {
    if (this.#defined.has(value.id)) this.#report(where, `%${value.id} is defined twice`);
    this.#defined.set(value.id, value.type);
    this.#unique(where, axisNames(value.type));
    for (const { name, size } of value.type.axes) {
      if (name.startsWith('...')) this.#report(where, `%${value.id} has the open axes ${name}`);
      for (const v of varsOf(size)) this.#isDynamic(v, where);
    }
  }

  #read(value: GraphValue, where: string): void {
    const type = this.#defined.get(value.id);
    if (type === undefined) this.#report(where, `%${value.id} is read before it is defined`);
    else if (type !== value.type && !this.#sameType(type, value.type)) {
      this.#report(where, `%${value.id} is ${printType(type)} and is read as ${printType(value.type)}`);
    }
  }

  #attributeSizes(value: AttributeValue, where: string): void {
    if (typeof value !== 'object') return;
    if (isSize(value)) for (const v of varsOf(value)) this.#isDynamic(v, where);
    else for (const part of Object.values(value)) this.#attributeSizes(part, where);
  }

  #isDynamic(v: SizeVar, where: string): void {
    if (!this.#dynamic.has(v)) this.#report(where, `the size ${v.name} is not a dynamic size of the graph`);
  }

  #parameterIsFixed(value: GraphValue, where: string): void {
    for (const { name, size } of value.type.axes) {
      if (size.value === undefined) this.#report(where, `axis ${name} depends on a dynamic size`);
    }
  }

  #sameType(a: TensorType, b: TensorType): boolean {
    if (a.dtype !== b.dtype || a.axes.length !== b.axes.length) return false;
    return a.axes.every(({ name, size }) => {
      const other = findAxis(b, name);
      return other !== undefined && this.#context.equal(size, other.size);
    });
  }

  #unique(what: string, names: readonly string[]): void {
    const seen = new Set<string>();
    for (const name of names) {
      if (seen.has(name)) this.#report(what, `${name} appears twice`);
      seen.add(name);
    }
  }

  #report(where: string, problem: string): void {
    this.#problems.push(`${where}: ${problem}`);
  }
}
