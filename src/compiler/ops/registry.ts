import type { Op } from './op.ts';
import * as files from './op-files.ts';
import type { SurfaceOp } from './surface-op.ts';

function isOp(value: unknown): value is Op {
  return typeof value === 'object' && value !== null && 'infer' in value && 'evaluate' in value;
}

function isSurfaceOp(value: unknown): value is SurfaceOp {
  return typeof value === 'object' && value !== null && 'operands' in value && 'build' in value;
}

/** Everything that the files of ops export, families taken apart; each value once. */
const exported: ReadonlySet<unknown> = new Set(
  Object.values<Readonly<Record<string, unknown>>>(files).flatMap((file) => Object.values(file).flat()),
);

function byName<T extends { readonly name: string }>(
  is: (value: unknown) => value is T,
): ReadonlyMap<string, T> {
  const entries = [...exported].filter(is);
  const map = new Map(entries.map((entry) => [entry.name, entry]));
  if (map.size < entries.length) throw new Error('two ops have one name');
  return map;
}

/** Every primitive of the IR, by name. */
export const ops: ReadonlyMap<string, Op> = byName(isOp);
/** Every operation a user can write, by name. */
export const surfaceOps: ReadonlyMap<string, SurfaceOp> = byName(isSurfaceOp);
