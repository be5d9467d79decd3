import type { OnnxTensor } from './emitter.ts';
import { namesRead, withNamesRead } from './names-read.ts';
import type { OnnxFunction, OnnxGraph, OnnxNode } from './onnx-model.ts';

/** The domain of the functions that are blocks of the source. */
export const BLOCK_DOMAIN = 'netc.blocks';

/** An instance of a block in a graph. */
export interface BlockInstance {
  /** Its path, with which the owners of its nodes begin. */
  readonly path: string;
  /** The name of the block in the source. */
  readonly block: string;
}

export interface GraphOfBlocks {
  readonly graph: OnnxGraph;
  /** Callees before their callers. */
  readonly functions: readonly OnnxFunction[];
}

/**
 * The same graph with a function for each block, so that a viewer shows the architecture: instances become calls, the
 * inner ones inside of the outer ones. Instances whose bodies are equal share a function, weights being arguments.
 *
 * Left as they are: instances of a single node, instances that are called more than once (a call could not be told from
 * the other), and those whose nodes cannot stand together because other nodes come in between.
 *
 * @param docs what the source says of each block
 */
export function toBlockFunctions(
  graph: OnnxGraph,
  instances: readonly BlockInstance[],
  docs: ReadonlyMap<string, string>,
): GraphOfBlocks {
  const grouping = new Grouping(graph, docs);
  const calls = new Map<string, number>();
  for (const { path } of instances) calls.set(path, (calls.get(path) ?? 0) + 1);
  // Instances come in the order in which their calls end: the inner before the outer.
  for (const instance of instances) if (calls.get(instance.path) === 1) grouping.group(instance);
  return grouping.finish();
}

class Grouping {
  readonly #graph: OnnxGraph;
  readonly #docs: ReadonlyMap<string, string>;
  readonly #outputs: ReadonlySet<string>;
  readonly #weights: ReadonlySet<string>;
  readonly #functions = new Map<string, OnnxFunction>();
  readonly #names = new Set<string>();
  #nodes: readonly OnnxNode[];

  constructor(graph: OnnxGraph, docs: ReadonlyMap<string, string>) {
    this.#graph = graph;
    this.#docs = docs;
    this.#outputs = new Set(graph.outputs.map(({ name }) => name));
    this.#weights = new Set(graph.initializers.map(({ name }) => name));
    this.#nodes = graph.nodes;
  }

  group({ path, block }: BlockInstance): void {
    const isMember = ({ owner }: OnnxNode): boolean => owner === path || owner.startsWith(`${path}/`);
    const first = this.#nodes.findIndex(isMember);
    const last = this.#nodes.findLastIndex(isMember);
    const between = this.#nodes.slice(first, last + 1);
    const members = between.filter(isMember);
    if (members.length < 2) return;
    const sides = divide(between, isMember);
    if (sides === undefined) return;

    const made = new Set(members.flatMap(({ outputs }) => outputs));
    const inputs = unique(members.flatMap(namesRead)).filter((name) => name !== '' && !made.has(name));
    const readOutside = new Set(this.#nodes.filter((node) => !isMember(node)).flatMap(namesRead));
    const outputs = [...made].filter((name) => readOutside.has(name) || this.#outputs.has(name));
    const body = relativeBody(path, members, { inputs, outputs, weights: this.#weights });
    const call: OnnxNode = {
      name: path,
      owner: path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '',
      opType: this.#functionOf(block, body),
      domain: BLOCK_DOMAIN,
      inputs,
      outputs,
      attributes: {},
    };
    this.#nodes = [
      ...this.#nodes.slice(0, first),
      ...sides.before,
      call,
      ...sides.after,
      ...this.#nodes.slice(last + 1),
    ];
  }

  finish(): GraphOfBlocks {
    const made = new Set(this.#nodes.flatMap(({ outputs }) => outputs));
    const values = this.#graph.values.filter(({ name }: OnnxTensor) => made.has(name));
    return {
      graph: { ...this.#graph, nodes: this.#nodes, values },
      functions: [...this.#functions.values()],
    };
  }

  /** The name of the function with this body: the block's, with a number where the block has other bodies, too. */
  #functionOf(block: string, body: Pick<OnnxFunction, 'inputs' | 'outputs' | 'nodes'>): string {
    const key = JSON.stringify([block, body]);
    const known = this.#functions.get(key);
    if (known !== undefined) return known.name;
    let name = block;
    for (let number = 2; this.#names.has(name); number++) name = `${block}_${number}`;
    this.#names.add(name);
    this.#functions.set(key, { name, doc: this.#docs.get(block) ?? '', ...body });
    return name;
  }
}

/**
 * Which of the nodes that stand between the members go before their call and which after it: after it those that need
 * a result of a member. Undefined where a member in turn needs a result of one of these.
 */
function divide(
  between: readonly OnnxNode[],
  isMember: (node: OnnxNode) => boolean,
): { readonly before: readonly OnnxNode[]; readonly after: readonly OnnxNode[] } | undefined {
  const before: OnnxNode[] = [];
  const after: OnnxNode[] = [];
  const madeByMembers = new Set<string>();
  const madeAfter = new Set<string>();
  for (const node of between) {
    const { outputs } = node;
    const inputs = namesRead(node);
    const isAfter = inputs.some((name) => madeAfter.has(name));
    if (isMember(node)) {
      if (isAfter) return undefined;
      for (const name of outputs) madeByMembers.add(name);
    } else if (isAfter || inputs.some((name) => madeByMembers.has(name))) {
      after.push(node);
      for (const name of outputs) madeAfter.add(name);
    } else {
      before.push(node);
    }
  }
  return { before, after };
}

/** The nodes of an instance with names that are equal in other instances: relative to it, or by number. */
function relativeBody(
  path: string,
  nodes: readonly OnnxNode[],
  {
    inputs,
    outputs,
    weights,
  }: {
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
    readonly weights: ReadonlySet<string>;
  },
): Pick<OnnxFunction, 'inputs' | 'outputs' | 'nodes'> {
  const names = new Map<string, string>([['', '']]);
  const taken = new Set<string>();
  const give = (name: string, wanted: string): void => {
    let chosen = wanted;
    for (let number = 2; taken.has(chosen); number++) chosen = `${wanted}_${number}`;
    taken.add(chosen);
    names.set(name, chosen);
  };
  const relative = (name: string): string | undefined =>
    name.startsWith(`${path}/`) ? name.slice(path.length + 1) : undefined;
  for (const [i, name] of inputs.entries()) {
    // What another node of the statement made may have the instance's path, too.
    give(name, (weights.has(name) ? relative(name) : undefined) ?? `input_${i}`);
  }
  for (const [i, name] of outputs.entries()) give(name, `output_${i}`);
  for (const { outputs: made } of nodes) {
    for (const [i, name] of made.entries())
      if (!names.has(name)) give(name, relative(name) ?? `value_${taken.size}_${i}`);
  }
  const named = (name: string): string => names.get(name) ?? name;
  return {
    inputs: inputs.map(named),
    outputs: outputs.map(named),
    nodes: nodes.map((node, i) => ({
      ...withNamesRead(node, named),
      owner: '',
      name: relative(node.name) ?? `node_${i}`,
      outputs: node.outputs.map(named),
    })),
  };
}

function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}
