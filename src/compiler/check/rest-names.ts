import type { BlockEntity } from '../resolve/program.ts';
import type { BlockDecl } from '../syntax/ast.ts';
import { namesOf } from '../syntax/walk.ts';
import type { RestAxes } from './signature.ts';

/** What the axes that a block's rest variables stand for are called inside of it. */
export interface NamedRest {
  readonly formals: RestAxes;
  /** The caller's names of those that are called otherwise inside. */
  readonly restNames: ReadonlyMap<string, string>;
}

/** Finds names inside of blocks for the axes of their callers: the same, where they are free. */
export class RestNames {
  private readonly taken = new Map<BlockDecl, ReadonlySet<string>>();

  of(entity: BlockEntity, rest: RestAxes): NamedRest {
    if (rest.size === 0) return { formals: rest, restNames: new Map() };
    const taken = this.takenIn(entity);
    const formals = new Map<string, readonly string[]>();
    const restNames = new Map<string, string>();
    for (const [name, axes] of rest) {
      const inside = axes.map((axis) => {
        if (!taken.has(axis)) return axis;
        restNames.set(`${axis}.${name}`, axis);
        return `${axis}.${name}`;
      });
      formals.set(name, inside);
    }
    return { formals, restNames };
  }

  /** What axes that a block makes may be called: any name in it, or in what a block that it calls returns. */
  private takenIn(entity: BlockEntity): ReadonlySet<string> {
    const known = this.taken.get(entity.decl);
    if (known !== undefined) return known;
    const own = namesOf(entity.decl);
    const names = new Set<string>(own);
    for (const name of own) {
      const callee = entity.module.names.get(name);
      if (callee?.kind === 'block')
        for (const type of callee.decl.outputs) for (const axis of namesOf(type)) names.add(axis);
    }
    this.taken.set(entity.decl, names);
    return names;
  }
}

/** The axes that rest variables stand for, as text. */
export function restKey(rest: RestAxes): string {
  return [...rest].map(([name, axes]) => `${name}=${axes.join(',')}`).join(';');
}
