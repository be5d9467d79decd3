import { constant, isConstant, type Size } from '../../shapes/size.ts';
import { permute } from '../permute.ts';
import type { OnnxTensor } from './emitter.ts';
import type { UniqueNames } from '../../ir/unique-names.ts';
import type { InitializerData, OnnxInitializer } from './onnx-model.ts';

interface Stored {
  readonly tensor: OnnxTensor;
  readonly dims: readonly number[];
  readonly data: InitializerData;
  /** Whether it has the form in which it was added, and so a right to the plain name. */
  readonly original: boolean;
}

/**
 * The constants of an ONNX graph. One that an op wants under other dims or with its axes permuted is stored so, rather
 * than reshaped each time the graph runs.
 */
export class Initializers {
  readonly #names: UniqueNames;
  readonly #stored = new Map<string, Stored>();
  readonly #shared = new Map<string, OnnxTensor>();

  constructor(names: UniqueNames) {
    this.#names = names;
  }

  add(name: string, dims: readonly number[], data: InitializerData): OnnxTensor {
    return this.#store(name, dims, data, true);
  }

  /** The same tensor for equal keys; the key is its name, too, where it has no shorter one. */
  shared(key: string, dims: readonly number[], data: InitializerData, name = key): OnnxTensor {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const tensor = this.add(name, dims, data);
    this.#shared.set(key, tensor);
    return tensor;
  }

  /** The constant under other dims, if it is a constant and they are numbers. */
  reshaped(tensor: OnnxTensor, dims: readonly Size[]): OnnxTensor | undefined {
    const numbers = dims.map(isConstant).filter((size) => size !== undefined);
    if (numbers.length !== dims.length) return undefined;
    return this.#variant(tensor, `reshaped/${numbers.join('x')}`, ({ data }) => [numbers, data]);
  }

  /** The constant with its axes permuted, if it is a constant of f32. */
  transposed(tensor: OnnxTensor, permutation: readonly number[]): OnnxTensor | undefined {
    return this.#variant(tensor, `transposed/${permutation.join('')}`, ({ dims, data }) => {
      if (data.dtype !== 'f32') return undefined;
      const values = permute(data.values, dims, permutation);
      return [permutation.map((axis) => dims[axis] ?? 1), { dtype: data.dtype, values }];
    });
  }

  /**
   * Those that are read, in the order in which they were added, and the names that change: a form of a parameter that is
   * the only one read takes the parameter's own name.
   */
  finish(read: ReadonlySet<string>): {
    readonly initializers: readonly OnnxInitializer[];
    readonly renamed: ReadonlyMap<string, string>;
  } {
    const kept = [...this.#stored.values()].filter(({ tensor }) => read.has(tensor.name));
    const renamed = new Map<string, string>();
    const claims = new Map<string, Stored[]>();
    for (const stored of kept) {
      const name = this.#originOf.get(stored.tensor.name) ?? stored.tensor.name;
      const others = claims.get(name);
      if (others === undefined) claims.set(name, [stored]);
      else others.push(stored);
    }
    for (const [name, [only, ...others]] of claims) {
      if (only !== undefined && others.length === 0 && !only.original) renamed.set(only.tensor.name, name);
    }
    const initializers = kept.map(({ tensor: { name }, dims, data }) => ({
      name: renamed.get(name) ?? name,
      dims,
      data,
    }));
    return { initializers, renamed };
  }

  /** The name of the parameter of which a tensor is a form. */
  readonly #originOf = new Map<string, string>();

  #variant(
    tensor: OnnxTensor,
    kind: string,
    make: (stored: Stored) => [dims: readonly number[], data: InitializerData] | undefined,
  ): OnnxTensor | undefined {
    const stored = this.#stored.get(tensor.name);
    if (stored === undefined) return undefined;
    const key = `${tensor.name}/${kind}`;
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const made = make(stored);
    if (made === undefined) return undefined;
    const variant = this.#store(key, ...made, false);
    this.#originOf.set(variant.name, this.#originOf.get(tensor.name) ?? tensor.name);
    this.#shared.set(key, variant);
    return variant;
  }

  #store(wanted: string, dims: readonly number[], data: InitializerData, original: boolean): OnnxTensor {
    const name = this.#names.take(wanted);
    const tensor: OnnxTensor = { name, dtype: data.dtype, dims: dims.map(constant) };
    this.#stored.set(name, { tensor, dims, data, original });
    return tensor;
  }
}
