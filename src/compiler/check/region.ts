import type { ParamDecl, PathPart, Region, Statement } from '../ir/module.ts';
import type { SizeVar } from '../shapes/size.ts';

/** A region of the IR under construction: the body of a function, of a loop or of a branch. */
export class RegionBuilder {
  readonly params: ParamDecl[];
  readonly statements: Statement[];
  /** The turns of the loops around it, which follow the names in parameter paths. */
  readonly turns: readonly PathPart[];
  private readonly outer: RegionBuilder | undefined;

  private constructor(turns: readonly PathPart[], outer: RegionBuilder | undefined, sharing?: RegionBuilder) {
    this.turns = turns;
    this.outer = outer;
    this.params = sharing?.params ?? [];
    this.statements = sharing?.statements ?? [];
  }

  static ofFunction(): RegionBuilder {
    return new RegionBuilder([], undefined);
  }

  /** The body of a loop in this region, whose turns are counted by `index`. */
  loop(index: SizeVar): RegionBuilder {
    return new RegionBuilder([...this.turns, index], this);
  }

  branch(): RegionBuilder {
    return new RegionBuilder(this.turns, this);
  }

  /** The same region as one turn of an unrolled loop sees it. */
  turn(index: number): RegionBuilder {
    return new RegionBuilder([...this.turns, String(index)], this.outer, this);
  }

  /** Whether what is made in `inner` can see what belongs to this region. */
  encloses(inner: RegionBuilder): boolean {
    for (let region: RegionBuilder | undefined = inner; region !== undefined; region = region.outer) {
      if (region.statements === this.statements) return true;
    }
    return false;
  }

  /** Whether it is the body itself, and no loop or branch in it. */
  get isBody(): boolean {
    return this.outer === undefined;
  }

  get isUnrolled(): boolean {
    return this.turns.some((turn) => typeof turn === 'string');
  }

  finish(): Region {
    return { params: this.params, statements: this.statements };
  }
}
