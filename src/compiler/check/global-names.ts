import { surfaceOps } from '../ops/registry.ts';
import type { Context } from './context.ts';
import type { Builtin } from './value.ts';

/** The functions on integers. */
export const builtins: ReadonlySet<string> = new Set<Builtin>(['floordiv', 'ceildiv']);

export function isBuiltin(name: string): name is Builtin {
  return builtins.has(name);
}

/** Whether a name means something everywhere in the file. */
export function isGlobalName(cx: Context, name: string): boolean {
  return cx.module.names.has(name) || surfaceOps.has(name) || builtins.has(name);
}
