import { constant, soleVariable, substitute, varsOf, type Size, type SizeVar } from '../shapes/size.ts';
import { Elements } from './elements.ts';
import type { GraphValue } from './graph.ts';
import type { Func, ListValue, Path, Value } from './module.ts';
import { findAxis, mapSizes, type TensorType } from './tensor-type.ts';

/** One activation of a function while the module is unfolded: what its sizes and values are there. */
export class Frame {
  readonly func: Func;
  /** Instance path from the model to here. */
  readonly prefix: string;
  /** What its size variables are; those of a model stay variables. */
  readonly sizes: Map<SizeVar, Size>;
  private readonly values = new Map<number, GraphValue | Elements>();
  /** Sizes that no call and no loop gives: opaque ones, read off the tensors that have them. */
  private readonly opaque = new Set<SizeVar>();
  /** What sets a value at its first use. */
  private readonly late = new Map<number, () => void>();

  constructor(func: Func, prefix = '', sizes = new Map<SizeVar, Size>()) {
    this.func = func;
    this.prefix = prefix;
    this.sizes = sizes;
  }

  typeHere(type: TensorType): TensorType {
    return this.sizes.size === 0 ? type : mapSizes(type, (size) => substitute(size, this.sizes));
  }

  /** Sets a value of which the checker may not have known all sizes; they are known from here on. */
  set(value: Value, actual: GraphValue | Elements): void {
    this.values.set(value.id, actual);
    this.late.delete(value.id);
    if (value.kind === 'tensor') {
      if (!(actual instanceof Elements)) this.bindOpaque(value.type, actual.type);
      return;
    }
    if (!(actual instanceof Elements)) throw new Error(`${value.hint} in ${this.func.id} is not a list`);
    this.bindSize(value.type.length, constant(actual.length));
    if (actual.first !== undefined) this.bindOpaque(value.type.element, actual.first.type);
  }

  /** Whether sizes are given by the call and by the loops around: none waits for a tensor. */
  isFixed(sizes: readonly Size[]): boolean {
    return sizes.every((size) =>
      varsOf(size).every((v) => this.func.sizes.includes(v) || (this.sizes.has(v) && !this.opaque.has(v))),
    );
  }

  /**
   * A parameter whose shape has opaque sizes is made where it is used: then the tensor has been computed off which they
   * are read.
   */
  setLate(value: Value, make: () => void): void {
    this.values.delete(value.id);
    this.late.set(value.id, make);
  }

  private bindOpaque(declared: TensorType, actual: TensorType): void {
    for (const { name, size } of declared.axes) {
      const known = size.value === undefined ? findAxis(actual, name)?.size : undefined;
      if (known !== undefined) this.bindSize(size, known);
    }
  }

  private bindSize(size: Size, actual: Size): void {
    const v = soleVariable(size);
    if (v === undefined || this.func.sizes.includes(v)) return;
    if (this.sizes.has(v) && !this.opaque.has(v)) return;
    this.sizes.set(v, actual);
    this.opaque.add(v);
  }

  lookup(value: Value): GraphValue | Elements {
    this.late.get(value.id)?.();
    const found = this.values.get(value.id);
    if (found === undefined)
      throw new Error(`${this.func.id} reads ${value.hint} (${value.id}) before it is set`);
    return found;
  }

  tensor(value: Value): GraphValue {
    const found = this.lookup(value);
    if (found instanceof Elements) throw new Error(`${value.hint} in ${this.func.id} is a list`);
    return found;
  }

  list(value: ListValue): Elements {
    const found = this.lookup(value);
    if (found instanceof Elements) return found;
    throw new Error(`${value.hint} in ${this.func.id} is a tensor`);
  }

  /** A tensor, or all elements of a list. */
  elements(value: Value): readonly GraphValue[] {
    const found = this.lookup(value);
    return found instanceof Elements ? found.all : [found];
  }

  path(path: Path): string {
    const parts = path.map((part) => {
      if (typeof part === 'string') return part;
      const turn = this.sizes.get(part)?.value;
      if (turn === undefined) throw new Error(`the loop ${part.name} is not running in ${this.func.id}`);
      return String(turn);
    });
    return [...(this.prefix === '' ? [] : [this.prefix]), ...parts].join('/');
  }
}
