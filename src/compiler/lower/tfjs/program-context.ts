import type { Op } from '../../ops/op.ts';
import type { SortAxes } from '../axis-order.ts';
import type { TfjsHelper } from './emitter.ts';
import type { Names } from './names.ts';
import type { WrittenFunction } from './written-function.ts';

/** What the functions of one program share while they are written. */
export interface ProgramContext {
  readonly ops: ReadonlyMap<string, Op>;
  /** What has been written so far, by id: callees come before their callers. */
  readonly written: ReadonlyMap<string, WrittenFunction>;
  readonly sorted: SortAxes;
  /** The names at the top of the program. */
  readonly names: Names;
  readonly helpers: Set<TfjsHelper>;
  /** Whether a value goes by a name that no user gave it. */
  isAnonymous(hint: string): boolean;
}

export function opOf(program: ProgramContext, name: string): Op {
  const op = program.ops.get(name);
  if (op === undefined) throw new Error(`there is no op ${name}`);
  return op;
}

export function calleeOf(program: ProgramContext, id: string): WrittenFunction {
  const callee = program.written.get(id);
  if (callee === undefined) throw new Error(`${id} is called before it is written`);
  return callee;
}
