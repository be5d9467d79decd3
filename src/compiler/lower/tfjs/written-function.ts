import type { Func, ParamDecl } from '../../ir/module.ts';
import type { SizeVar } from '../../shapes/size.ts';

/** An IR function as JavaScript, before functions have names: calls are written as {@link callToken}s. */
export interface WrittenFunction {
  readonly func: Func;
  /** The names of its tensors, in order. */
  readonly inputs: readonly string[];
  readonly usesWeights: boolean;
  readonly usesTraining: boolean;
  /** Whether it, or what it calls, draws random numbers while training. */
  readonly usesRandom: boolean;
  /** The sizes that a caller has to pass, with the names they go by. */
  readonly options: readonly { readonly variable: SizeVar; readonly name: string }[];
  readonly lines: readonly string[];
  /** The order that the axes of each parameter have in the program. */
  readonly orders: ReadonlyMap<ParamDecl, readonly string[]>;
}

/** Stands for the name of a function until all are written: equal functions are then given one name. */
export function callToken(id: string): string {
  return `\u0002${id}\u0002`;
}

/** Puts names in the place of tokens. */
export function resolveCalls(text: string, nameOf: (id: string) => string): string {
  return text.replaceAll(/\u0002([^\u0002]*)\u0002/g, (_token, id: string) => nameOf(id));
}

/** The functions that a line calls. */
export function callsIn(line: string): readonly string[] {
  return [...line.matchAll(/\u0002([^\u0002]*)\u0002/g)].flatMap(([, id]) => (id === undefined ? [] : [id]));
}
