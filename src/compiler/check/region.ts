import type { ParamDecl, PathPart, Region, Statement } from '../ir/module.ts';

/** A region of the IR under construction: the body of a function, of a loop or of a branch. */
export class RegionBuilder {
  readonly params: ParamDecl[];
  readonly statements: Statement[];
  /** The indices of the loops around it, which follow the names in parameter paths. */
  readonly turns: readonly PathPart[];

  constructor(turns: readonly PathPart[], of?: RegionBuilder) {
    this.turns = turns;
    this.params = of?.params ?? [];
    this.statements = of?.statements ?? [];
  }

  /** The same region as one turn of an unrolled loop sees it. */
  turn(index: number): RegionBuilder {
    return new RegionBuilder([...this.turns, String(index)], this);
  }

  finish(): Region {
    return { params: this.params, statements: this.statements };
  }
}
