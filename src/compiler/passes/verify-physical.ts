import { demandsOf, inputOrders, outputOrders } from './layout.ts';
import { axisNames, hasAxis, printType, type TensorType } from '../ir/tensor-type.ts';
import { physicalInputs, physicalOutputs, type PhysicalGraph, type PhysicalNode } from '../ir/physical.ts';
import { blockedPlaces } from './apply-forms.ts';
import type { GraphValue } from '../ir/graph.ts';

/**
 * What is wrong with a physical graph, beyond the rules of the graph it was made from: every node must read and write
 * its tensors in the orders that its op demands, and read them in the order in which they lie in memory.
 */
export function verifyPhysical(graph: PhysicalGraph): readonly string[] {
  const problems: string[] = [];
  const inMemory = new Map<number, TensorType>();
  const define = ({ id, type }: GraphValue, where: string): void => {
    if (inMemory.has(id)) problems.push(`${where}: %${id} is defined twice`);
    inMemory.set(id, type);
  };
  const read = ({ id, type }: GraphValue, where: string): void => {
    const stored = inMemory.get(id);
    if (stored === undefined) problems.push(`${where}: %${id} is read before it is defined`);
    else if (!sameOrder(stored, axisNames(type))) {
      problems.push(
        `${where}: %${id} lies in memory as ${printType(stored)} and is read as ${printType(type)}`,
      );
    }
  };
  for (const { name, value } of graph.inputs) define(value, `input ${name}`);
  for (const { param, value } of graph.params) {
    define(value, `parameter ${param.path}`);
    if (!isPermutation(param.value.type, value.type))
      problems.push(`parameter ${param.path}: stored as ${printType(value.type)}`);
  }
  for (const node of graph.nodes) {
    const where = `${node.path}: ${node.kind === 'op' ? node.op : node.kind}`;
    for (const value of physicalInputs(node)) read(value, where);
    problems.push(...wrongOrders(node, graph).map((problem) => `${where}: ${problem}`));
    for (const value of physicalOutputs(node)) define(value, where);
  }
  problems.push(...wrongBlocks(graph));
  for (const { name, value } of graph.outputs) read(value, `output ${name}`);
  for (const { path, value } of graph.updates) read(value, `update of ${path}`);
  return problems;
}

/** Who reads in blocks what does not lie in them, or the other way round. */
function wrongBlocks(graph: PhysicalGraph): readonly string[] {
  const problems: string[] = [];
  const inBlocks = new Set<number>();
  const expect = ({ id }: GraphValue, blocked: boolean, where: string): void => {
    if (inBlocks.has(id) !== blocked) {
      problems.push(
        `${where}: %${id} ${blocked ? 'does not lie in blocks' : 'lies in blocks'} and is read as if it ${blocked ? 'did' : 'did not'}`,
      );
    }
  };
  for (const node of graph.nodes) {
    const { inputs, outputs } = blockedPlaces(node);
    const where = `${node.path}: ${node.kind === 'op' ? node.op : node.kind}`;
    physicalInputs(node).forEach((value, i) => expect(value, inputs.includes(i), where));
    for (const i of outputs) {
      const value = physicalOutputs(node)[i];
      if (value !== undefined) inBlocks.add(value.id);
    }
  }
  for (const { name, value } of graph.outputs) expect(value, false, `output ${name}`);
  for (const { path, value } of graph.updates) expect(value, false, `update of ${path}`);
  return problems;
}

function wrongOrders(node: PhysicalNode, { dialect, axisOrder }: PhysicalGraph): readonly string[] {
  if (node.kind === 'reorder') {
    const { input, output } = node;
    const problem = `${printType(input.type)} to ${printType(output.type)}`;
    return sameOrder(input.type, axisNames(output.type)) ? [] : [problem];
  }
  if (node.kind === 'transpose') {
    const { input, output } = node;
    return isPermutation(input.type, output.type)
      ? []
      : [`${printType(input.type)} to ${printType(output.type)}`];
  }
  const rank = new Map(axisOrder.map((name, i) => [name, i]));
  const sorted = (names: readonly string[]): readonly string[] =>
    names.toSorted((a, b) => (rank.get(a) ?? rank.size) - (rank.get(b) ?? rank.size));
  const demands = demandsOf(node, dialect, sorted);
  const demanded = inputOrders(node, demands, sorted);
  const results = outputOrders(node, demands, sorted, node.inputs.map(({ type }) => type)); // prettier-ignore
  const differing = ({ type }: GraphValue, order: readonly string[] | undefined): readonly string[] =>
    order === undefined || sameOrder(type, order)
      ? []
      : [`has ${printType(type)} where it needs [${order.join(', ')}]`];
  return [
    ...node.inputs.flatMap((value, i) => differing(value, demanded[i])),
    ...node.outputs.flatMap((value, i) => differing(value, results[i])),
  ];
}

function sameOrder(type: TensorType, order: readonly string[]): boolean {
  return type.axes.length === order.length && type.axes.every(({ name }, i) => name === order[i]);
}

function isPermutation(from: TensorType, to: TensorType): boolean {
  return from.axes.length === to.axes.length && from.axes.every(({ name }) => hasAxis(to, name));
}
