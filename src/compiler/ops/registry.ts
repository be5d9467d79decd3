import type { Op } from './op.ts';
import type { SurfaceOp } from './surface-op.ts';

/** Every primitive of the IR, by name: one line an op. */
export const ops: ReadonlyMap<string, Op> = new Map();
/** Every operation a user can write, by name: one line an op. */
export const surfaceOps: ReadonlyMap<string, SurfaceOp> = new Map();
