import type { SizeSource } from '../../ir/dynamic-sizes.ts';
import type { Atom } from '../../shapes/polynomial.ts';
import { constant, isConstant, type Size, type SizeVar } from '../../shapes/size.ts';
import { int, type OnnxEmitter, type OnnxTensor } from './emitter.ts';

/**
 * Sizes as int64 vectors of length 1 that the graph computes from the shapes of its inputs, each expression once.
 *
 * ONNX divides integers towards zero while sizes take the floor, so that floor(p / q) is computed as (p - p mod q) / q:
 * Mod has the sign of the divisor, and the division is exact.
 */
export class RuntimeSizes {
  readonly #emitter: OnnxEmitter;
  readonly #inputs: readonly OnnxTensor[];
  readonly #sources: ReadonlyMap<SizeVar, SizeSource>;
  readonly #known = new Map<string, OnnxTensor>();

  constructor(
    emitter: OnnxEmitter,
    inputs: readonly OnnxTensor[],
    sources: ReadonlyMap<SizeVar, SizeSource>,
  ) {
    this.#emitter = emitter;
    this.#inputs = inputs;
    this.#sources = sources;
  }

  /** A vector of all the sizes. */
  vector(dims: readonly Size[]): OnnxTensor {
    const numbers = dims.map(isConstant).filter((size) => size !== undefined);
    if (numbers.length === dims.length) return this.#emitter.ints(numbers);
    return this.#remember(`[${dims.map(({ key }) => key).join(',')}]`, () => {
      const parts = this.#parts(dims);
      const [only] = parts;
      if (only !== undefined && parts.length === 1) return only;
      return this.#emitter.node(
        'Concat',
        parts,
        { dims: [constant(dims.length)], dtype: 'int64' },
        { axis: int(0) },
      );
    });
  }

  /** Runs of constants as one vector each, and every other size by itself. */
  #parts(dims: readonly Size[]): readonly OnnxTensor[] {
    const parts: OnnxTensor[] = [];
    let run: number[] = [];
    for (const size of dims) {
      const value = isConstant(size);
      if (value !== undefined) {
        run.push(value);
        continue;
      }
      if (run.length > 0) parts.push(this.#emitter.ints(run));
      run = [];
      parts.push(this.#sum(size));
    }
    if (run.length > 0) parts.push(this.#emitter.ints(run));
    return parts;
  }

  #sum(size: Size): OnnxTensor {
    return this.#remember(size.key, () => {
      let sum: OnnxTensor | undefined;
      for (const { coefficient, monomial } of size.terms) {
        const factors = monomial.factors.flatMap(({ atom, power }) => new Array<Atom>(power).fill(atom));
        const constants = coefficient === 1 && factors.length > 0 ? [] : [this.#emitter.ints([coefficient])];
        const [first, ...rest] = [...factors.map((atom) => this.#atom(atom)), ...constants];
        const product = rest.reduce((left, right) => this.#compute('Mul', left, right), first ?? this.#emitter.ints([1])); // prettier-ignore
        sum = sum === undefined ? product : this.#compute('Add', sum, product);
      }
      return sum ?? this.#emitter.ints([0]);
    });
  }

  #atom(atom: Atom): OnnxTensor {
    return this.#remember(atom.key, () => {
      if (atom.kind === 'variable') return this.#variable(atom.variable);
      const [dividend, divisor] = [this.#sum(atom.numerator), this.#sum(atom.denominator)];
      const remainder = this.#compute('Mod', dividend, divisor);
      return this.#compute('Div', this.#compute('Sub', dividend, remainder), divisor);
    });
  }

  #variable(v: SizeVar): OnnxTensor {
    const source = this.#sources.get(v);
    const input = source && this.#inputs[source.input];
    if (source === undefined || input === undefined)
      throw new Error(`the size ${v.name} is not bound by an input`);
    const { axis, factor, offset } = source;
    let size = this.#emitter.node('Shape', [input], SCALAR, { start: int(axis), end: int(axis + 1) });
    if (offset !== 0) size = this.#compute('Sub', size, this.#emitter.ints([offset]));
    if (factor !== 1) size = this.#compute('Div', size, this.#emitter.ints([factor]));
    return size;
  }

  #compute(opType: string, left: OnnxTensor, right: OnnxTensor): OnnxTensor {
    return this.#emitter.node(opType, [left, right], SCALAR);
  }

  #remember(key: string, make: () => OnnxTensor): OnnxTensor {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#known.set(key, made);
    return made;
  }
}

/** One size: a vector, so that sizes can be concatenated. */
const SCALAR = { dims: [constant(1)], dtype: 'int64' } as const;
