import type { Region } from '../../ir/module.ts';
import type { SizeVar } from '../../shapes/size.ts';

/** A place where the shape of a variable can be read: `const [N, , , C] = x.shape;`, or nothing if nobody asks. */
export interface ShapeRead {
  readonly variable: string;
  /** Names by position of the axis. */
  readonly names: Map<number, string>;
}

/** The lines of one region while it is written, and what can be named in them. */
export class Scope {
  readonly region: Region;
  readonly outer: Scope | undefined;
  readonly lines: (string | ShapeRead)[] = [];
  readonly sizes = new Map<SizeVar, string>();
  /** Transposed copies that have a name, by value and order. */
  readonly transposed = new Map<string, string>();
  /** Values that will be written where they are used, in the order of their definition. */
  readonly pending = new Set<number>();

  constructor(region: Region, outer: Scope | undefined) {
    this.region = region;
    this.outer = outer;
  }

  find<T>(look: (scope: Scope) => T | undefined): T | undefined {
    return look(this) ?? this.outer?.find(look);
  }

  rendered(): string[] {
    return this.lines.flatMap((line) => (typeof line === 'string' ? [line] : renderRead(line)));
  }
}

function renderRead({ variable, names }: ShapeRead): string[] {
  const [only] = names;
  if (only === undefined) return [];
  if (names.size === 1) return [`const ${only[1]} = ${variable}.shape[${only[0]}];`];
  const last = Math.max(...names.keys());
  const slots = Array.from({ length: last + 1 }, (_, position) => names.get(position) ?? '');
  return [`const [${slots.join(', ')}] = ${variable}.shape;`];
}
