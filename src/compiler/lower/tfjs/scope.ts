import type { Region, Value } from '../../ir/module.ts';
import type { SizeVar } from '../../shapes/size.ts';
import { lastReads } from './value-uses.ts';

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
  /** The index of the statement that is being written. */
  position = 0;
  private reads: ReadonlyMap<number, number> | undefined;
  private readonly results: readonly Value[];

  /** `results` are what the region hands on when it ends. */
  constructor(region: Region, outer: Scope | undefined, results: readonly Value[]) {
    this.region = region;
    this.results = results;
    this.outer = outer;
  }

  /** Whether no statement after the present one reads a value of this region. */
  isLastRead(value: Value): boolean {
    this.reads ??= lastReads(this.region, this.results);
    return (this.reads.get(value.id) ?? -1) <= this.position;
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
