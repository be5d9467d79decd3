import { isSize, print } from '../shapes/size.ts';
import type { Attributes, AttributeValue } from '../ops/attributes.ts';
import type { Graph, GraphValue } from './graph.ts';
import { printType } from './tensor-type.ts';

/**
 * A graph as text, for people and for golden files; equal graphs print equally. Values are numbered in the order of
 * their appearance, so that the text does not change with ids:
 *
 *     graph MLP(image: [N, C: 3]) dynamic N
 *       param %1 fc/weight: [.out: 4, C: 3] = torch_default
 *       %2 = contract(image, %1) over: [C] : [N, .out: 4]   // fc
 */
export function printGraph(graph: Graph): string {
  const names = new ValueNames(graph);
  const inputs = graph.inputs.map(({ name, value }) => `${name}: ${printType(value.type)}`).join(', ');
  const dynamic =
    graph.dynamic.length === 0 ? '' : ` dynamic ${graph.dynamic.map(({ name }) => name).join(', ')}`;
  const lines = [`graph ${graph.name}(${inputs})${dynamic}`];
  for (const { role, path, value, init } of graph.params) {
    lines.push(`  ${role} ${names.define(value)} ${path}: ${printType(value.type)} = ${printInit(init)}`);
  }
  for (const { op, attributes, inputs, outputs, path } of graph.nodes) {
    const operands = inputs.map((value) => names.of(value)).join(', ');
    const results = outputs.map((value) => names.define(value)).join(', ');
    const types = outputs.map(({ type }) => printType(type)).join(', ');
    lines.push(`  ${results} = ${op}(${operands})${printAttributes(attributes)} : ${types}   // ${path}`);
  }
  for (const { name, value, labels } of graph.outputs) {
    const labelled = labels === undefined ? '' : ` labels ${labels.length}`;
    lines.push(`  output ${name} = ${names.of(value)} : ${printType(value.type)}${labelled}`);
  }
  for (const { path, value } of graph.updates) lines.push(`  update ${path} = ${names.of(value)}`);
  for (const { path, block, values } of graph.blocks) {
    const results = values.map((value) => (value === undefined ? 'gone' : names.of(value))).join(', ');
    lines.push(`  block ${path}: ${block} = ${results}`);
  }
  return `${lines.join('\n')}\n`;
}

function printInit({ name, args }: Graph['params'][number]['init']): string {
  const entries = Object.entries(args).map(([key, value]) => `${key}: ${value}`);
  return entries.length === 0 ? name : `${name}(${entries.join(', ')})`;
}

function printAttributes(attributes: Attributes): string {
  const entries = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return entries.map(([name, value]) => ` ${name}: ${printValue(value)}`).join('');
}

function printValue(value: AttributeValue): string {
  if (typeof value !== 'object') return String(value);
  if (isSize(value)) return print(value);
  if (Array.isArray(value)) return `[${value.map(printValue).join(', ')}]`;
  return `{${Object.entries(value).map(([name, part]) => `${name}: ${printValue(part)}`).join(', ')}}`; // prettier-ignore
}

class ValueNames {
  readonly #names = new Map<number, string>();
  #next = 1;

  constructor(graph: Graph) {
    for (const { name, value } of graph.inputs) this.#names.set(value.id, name);
  }

  define(value: GraphValue): string {
    const name = `%${this.#next++}`;
    this.#names.set(value.id, name);
    return name;
  }

  of(value: GraphValue): string {
    return this.#names.get(value.id) ?? `%undefined${value.id}`;
  }
}
