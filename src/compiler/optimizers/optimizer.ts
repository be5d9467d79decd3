import type { Settings, SettingSpecs } from './setting.ts';

/**
 * The operations that an update is made of, over values of some target: JavaScript expressions, nodes of a graph, or
 * numbers. Scalars and tensors mix; what is scalar on both sides stays so, and is computed once a step.
 */
export interface Algebra<V> {
  number(value: number): V;
  add(a: V, b: V): V;
  sub(a: V, b: V): V;
  mul(a: V, b: V): V;
  div(a: V, b: V): V;
  /** a to the power b, for scalars. */
  pow(a: V, b: V): V;
  sqrt(a: V): V;
  /** -1, 0 or 1. */
  sign(a: V): V;
  max(a: V, b: V): V;
  min(a: V, b: V): V;
  /** The same value under a name: what is used twice, or deserves one. */
  named(name: string, value: V): V;
}

export interface UpdateInputs<V> {
  readonly parameter: V;
  readonly gradient: V;
  /** State kept for each parameter, zero at the start. */
  readonly slots: Readonly<Record<string, V>>;
  /** The learning rate of this step: a scalar. */
  readonly rate: V;
  /** The number of this step, from 1: a scalar. */
  readonly step: V;
  /** The numeric settings other than `lr`, as scalars; `weight_decay` is 0 for a parameter that does not decay. */
  readonly scalars: Readonly<Record<string, V>>;
}

export interface Update<V> {
  readonly parameter: V;
  readonly slots: Readonly<Record<string, V>>;
}

/**
 * An optimiser: what one step does to one parameter, elementwise. It is written once, over an {@link Algebra}, and
 * every target spells it in its own way, so that all of them compute the same.
 */
export interface Optimizer {
  readonly name: string;
  readonly doc: string;
  readonly settings: SettingSpecs;
  slots(settings: Settings): readonly string[];
  update<V>(a: Algebra<V>, inputs: UpdateInputs<V>, settings: Settings): Update<V>;
}

/** A value that the definition of an optimiser itself has asked for, by name. */
export function need<V>(values: Readonly<Record<string, V>>, name: string): V {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) throw new Error(`the update was not given ${name}`);
  return value;
}
