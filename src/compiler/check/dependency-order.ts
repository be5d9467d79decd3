import type { BlockEntity, ResolvedModule } from '../resolve/program.ts';
import type { Declaration } from '../syntax/ast.ts';

export interface Declared {
  readonly decl: Declaration;
  readonly module: ResolvedModule;
}

export interface DependencyOrder {
  /** The roots and every block that they mention, or that these mention, each after all that it mentions. */
  readonly blocks: readonly BlockEntity[];
  /** Those of them that would contain themselves. */
  readonly cyclic: ReadonlySet<BlockEntity>;
}

interface Visit {
  readonly entity: BlockEntity;
  readonly pending: BlockEntity[];
  readonly index: number;
  low: number;
}

/**
 * Finds the order in which blocks can be checked so that what a block may call is known before it (Tarjan, "Depth-first
 * search and linear graph algorithms", 1972; without recursion, since chains of blocks may be long).
 */
export function dependencyOrder(
  roots: readonly BlockEntity[],
  mentioned: (block: BlockEntity) => readonly BlockEntity[],
): DependencyOrder {
  const visits = new Map<BlockEntity, Visit>();
  /** What was entered and belongs to no circle yet, in the order of entering. */
  const stack: BlockEntity[] = [];
  const open = new Set<BlockEntity>();
  const order: BlockEntity[] = [];
  const cyclic = new Set<BlockEntity>();

  const finish = (visit: Visit): void => {
    if (visit.low < visit.index) return;
    // What was opened since belongs to one circle, or the block stands alone.
    const circle = stack.splice(stack.lastIndexOf(visit.entity));
    for (const entity of circle) open.delete(entity);
    order.push(...circle.toReversed());
    const callsItself = mentioned(visit.entity).includes(visit.entity);
    if (circle.length > 1 || callsItself) for (const entity of circle) cyclic.add(entity);
  };

  const path: Visit[] = [];
  const enter = (entity: BlockEntity): void => {
    const index = visits.size;
    const visit = { entity, pending: mentioned(entity).toReversed(), index, low: index };
    visits.set(entity, visit);
    open.add(entity);
    stack.push(entity);
    path.push(visit);
  };
  for (const root of roots) {
    if (!visits.has(root)) enter(root);
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const next = visit.pending.pop();
      if (next === undefined) {
        path.pop();
        const around = path.at(-1);
        if (around !== undefined) around.low = Math.min(around.low, visit.low);
        finish(visit);
        continue;
      }
      const seen = visits.get(next);
      if (seen === undefined) enter(next);
      else if (open.has(next)) visit.low = Math.min(visit.low, seen.index);
    }
  }
  return { blocks: order, cyclic };
}
