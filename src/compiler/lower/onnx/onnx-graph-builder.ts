import type { SizeSource } from '../../ir/dynamic-sizes.ts';
import { equalSize, isConstant, print, type Size, type SizeVar } from '../../shapes/size.ts';
import type { OnnxAttribute, OnnxEmitter, OnnxTensor, OperatorDomain } from './emitter.ts';
import { ints } from './emitter.ts';
import { Initializers } from './initializers.ts';
import { UniqueNames } from '../../ir/unique-names.ts';
import { namesRead, withNamesRead } from './names-read.ts';
import type { InitializerData, OnnxGraph, OnnxNode } from './onnx-model.ts';
import { RuntimeSizes } from './runtime-sizes.ts';

type NewTensor = { readonly dims: readonly Size[]; readonly dtype?: OnnxTensor['dtype'] };
type NodeAttributes = Readonly<Record<string, OnnxAttribute>>;

/** A graph or a branch of it as it is written. */
interface Scope {
  readonly nodes: OnnxNode[];
  readonly values: OnnxTensor[];
}

/** Ops that give the same elements other dims; of constants they are stored, not computed. */
const VIEWS: ReadonlySet<string> = new Set(['Reshape', 'Unsqueeze', 'Squeeze']);

/** How many numbers a constant may have that is called by them. */
const LONGEST_LISTED = 8;

/** A size is needed as a number but is known only when the graph runs. */
export class DynamicSizeError extends Error {
  constructor(size: Size) {
    super(`it needs the number ${print(size)}, which is known only when the graph runs`);
    this.name = 'DynamicSizeError';
  }
}

/** Collects an ONNX graph, node by node in an order in which they can run. */
export class OnnxGraphBuilder implements OnnxEmitter {
  readonly #names = new UniqueNames();
  readonly #initializers = new Initializers(this.#names);
  readonly #inputs: readonly OnnxTensor[];
  readonly #outputNames: readonly string[];
  readonly #whole: Scope = { nodes: [], values: [] };
  /** Where nodes go: the whole graph, or a branch of it. */
  #scope = this.#whole;
  readonly #sizes: RuntimeSizes;
  /** What was reshaped, by the name of what came of it. */
  readonly #reshaped = new Map<string, { readonly source: OnnxTensor; readonly owner: string }>();
  #path = '';
  #owner = '';

  /** The names of inputs and outputs are the user's and come before all others. */
  constructor(
    inputs: readonly OnnxTensor[],
    outputNames: readonly string[],
    sources: ReadonlyMap<SizeVar, SizeSource>,
  ) {
    this.#inputs = inputs;
    this.#outputNames = outputNames;
    for (const name of [...inputs.map((input) => input.name), ...outputNames]) this.#names.take(name);
    this.#sizes = new RuntimeSizes(this, inputs, sources);
  }

  /** Nodes that follow come from this place of the source, and are part of this instance of a block. */
  at(path: string, owner = ''): void {
    this.#path = path;
    this.#owner = owner;
  }

  parameter(path: string, dims: readonly number[], values: Float32Array): OnnxTensor {
    return this.#initializers.add(path, dims, { dtype: 'f32', values });
  }

  node(
    opType: string,
    inputs: readonly (OnnxTensor | undefined)[],
    output: NewTensor,
    attributes: NodeAttributes = {},
    domain?: OperatorDomain,
  ): OnnxTensor {
    const [input] = inputs;
    const stored = input && VIEWS.has(opType) ? this.#initializers.reshaped(input, output.dims) : undefined;
    if (stored !== undefined) return stored;
    const [tensor] = this.nodes(opType, inputs, [output], attributes, domain);
    if (tensor === undefined) throw new Error(`${opType} made no tensor`);
    return tensor;
  }

  nodes(
    opType: string,
    inputs: readonly (OnnxTensor | undefined)[],
    outputs: readonly NewTensor[],
    attributes: NodeAttributes = {},
    domain?: OperatorDomain,
  ): readonly OnnxTensor[] {
    const name = this.#names.take(this.#path === '' ? opType : `${this.#path}/${opType}`);
    const tensors = outputs.map(({ dims, dtype = 'f32' }, i) => ({
      name: outputs.length === 1 ? name : this.#names.take(`${name}.${i}`),
      dtype,
      dims,
    }));
    this.#scope.nodes.push({
      name,
      owner: this.#owner,
      opType,
      ...(domain === undefined ? {} : { domain }),
      inputs: inputs.map((input) => input?.name ?? ''),
      outputs: tensors.map((tensor) => tensor.name),
      attributes,
    });
    this.#scope.values.push(...tensors);
    return tensors;
  }

  choose(condition: OnnxTensor, then: () => OnnxTensor, otherwise: () => OnnxTensor): OnnxTensor {
    const [first, second] = [this.#branch('then', then), this.#branch('else', otherwise)];
    const [output] = first.outputs;
    if (output === undefined) throw new Error('a branch made no tensor');
    return this.node('If', [condition], output, {
      then_branch: { type: 'graph', value: first },
      else_branch: { type: 'graph', value: second },
    });
  }

  #branch(name: string, write: () => OnnxTensor): OnnxGraph {
    const scope: Scope = { nodes: [], values: [] };
    const output = this.#within(scope, () => {
      const made = write();
      return scope.values.includes(made) ? made : this.node('Identity', [made], made);
    });
    return {
      name,
      inputs: [],
      outputs: [output],
      nodes: nodesThatCount(scope.nodes, [output]),
      initializers: [],
      values: scope.values.filter((value) => value !== output),
    };
  }

  #within<T>(scope: Scope, write: () => T): T {
    const around = this.#scope;
    this.#scope = scope;
    try {
      return write();
    } finally {
      this.#scope = around;
    }
  }

  ints(values: readonly number[]): OnnxTensor {
    return this.#vector('ints', { dtype: 'int64', values });
  }

  indices(values: readonly number[]): OnnxTensor {
    return this.#vector('indices', { dtype: 'int32', values: Int32Array.from(values) });
  }

  /** Called by its numbers, so that a reader sees them, unless they are many. */
  #vector(kind: string, data: Exclude<InitializerData, { readonly dtype: 'f32' }>): OnnxTensor {
    const { length } = data.values;
    const key = `${kind}/${data.values.join(',')}`;
    const name = length <= LONGEST_LISTED ? key : `${kind}/${length}_numbers`;
    return this.#initializers.shared(key, [length], data, name);
  }

  floats(values: ArrayLike<number>, dims: readonly number[]): OnnxTensor {
    const data: InitializerData = { dtype: 'f32', values: Float32Array.from(values) };
    if (values.length === 1) return this.#initializers.shared(`float/${dims.map(() => '1x').join('')}${values[0]}`, dims, data); // prettier-ignore
    return this.#initializers.add(`${this.#path}/constant`, dims, data);
  }

  shape(dims: readonly Size[]): OnnxTensor {
    // They are kept for whoever asks next, in whatever branch.
    return this.#within(this.#whole, () => this.#sizes.vector(dims));
  }

  reshape(tensor: OnnxTensor, dims: readonly Size[]): OnnxTensor {
    if (sameDims(tensor.dims, dims)) return tensor;
    // Of what is itself a reshape: one of the two is enough, and none where it brings the first dims back. What another
    // instance reshaped is its result, which it hands over as it is.
    const known = this.#reshaped.get(tensor.name);
    if (known?.owner === this.#owner) return this.reshape(known.source, dims);
    const made = this.node('Reshape', [tensor, this.#reshapeTarget(tensor, dims)], { dims, dtype: tensor.dtype }); // prettier-ignore
    this.#reshaped.set(made.name, { source: tensor, owner: this.#owner });
    return made;
  }

  transpose(tensor: OnnxTensor, permutation: readonly number[]): OnnxTensor {
    if (permutation.every((axis, i) => axis === i)) return tensor;
    const stored = this.#initializers.transposed(tensor, permutation);
    if (stored !== undefined) return stored;
    const dims = permutation.map((axis) => {
      const size = tensor.dims[axis];
      if (size === undefined) throw new Error(`${tensor.name} has no axis ${axis}`);
      return size;
    });
    return this.node('Transpose', [tensor], { dims, dtype: tensor.dtype }, { perm: ints(permutation) });
  }

  constant(size: Size): number {
    const value = isConstant(size);
    if (value === undefined) throw new DynamicSizeError(size);
    return value;
  }

  /**
   * The graph with these tensors as outputs, in the order of the names given at the start. A tensor that a node makes
   * takes the output's name; one that is an input, a constant or an output already is copied.
   */
  finish(name: string, outputs: readonly OnnxTensor[]): OnnxGraph {
    const made = new Set(this.#whole.values.map((value) => value.name));
    const outputNameOf = new Map<string, string>();
    const finalOutputs = outputs.map((tensor, i): OnnxTensor => {
      const outputName = this.#outputNames[i] ?? '';
      if (made.has(tensor.name) && !outputNameOf.has(tensor.name)) {
        outputNameOf.set(tensor.name, outputName);
      } else if (tensor.name !== outputName) {
        this.#whole.nodes.push({
          name: this.#names.take(`${outputName}/Identity`),
          owner: '',
          opType: 'Identity',
          inputs: [tensor.name],
          outputs: [outputName],
          attributes: {},
        });
      }
      return { ...tensor, name: outputName };
    });
    const nodes = nodesThatCount(this.#whole.nodes, outputs);
    const read = new Set(nodes.flatMap(namesRead));
    const { initializers, renamed } = this.#initializers.finish(read);
    const present = new Set(nodes.flatMap(({ outputs: made }) => made));
    const finalName = (tensor: string): string => outputNameOf.get(tensor) ?? renamed.get(tensor) ?? tensor;
    return {
      name,
      inputs: this.#inputs,
      outputs: finalOutputs,
      nodes: nodes.map((node) => ({
        ...withNamesRead(node, finalName),
        outputs: node.outputs.map(finalName),
      })),
      initializers,
      values: this.#whole.values.filter(({ name: value }) => !outputNameOf.has(value) && present.has(value)),
    };
  }

  /** A constant where at most one size is unknown: 0 copies a length of the input, -1 is what is left over. */
  #reshapeTarget(tensor: OnnxTensor, dims: readonly Size[]): OnnxTensor {
    let inferred = 0;
    const target = dims.map((size, i) => {
      const value = isConstant(size);
      if (value !== undefined) return value;
      const source = tensor.dims[i];
      if (source !== undefined && equalSize(source, size)) return 0;
      inferred++;
      return -1;
    });
    return inferred <= 1 ? this.ints(target) : this.shape(dims);
  }
}

/** All but reshapes that nobody reads, since others were made of what they reshape. */
function nodesThatCount(nodes: readonly OnnxNode[], outputs: readonly OnnxTensor[]): readonly OnnxNode[] {
  const read = new Set([...nodes.flatMap(namesRead), ...outputs.map(({ name }) => name)]);
  return nodes.filter(({ opType, outputs: made }) => {
    return opType !== 'Reshape' || made.some((name) => read.has(name));
  });
}

function sameDims(a: readonly Size[], b: readonly Size[]): boolean {
  return a.length === b.length && a.every((size, i) => equalSize(size, b[i] ?? size));
}
