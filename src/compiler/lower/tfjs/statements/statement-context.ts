import type { Path, Region, Statement } from '../../../ir/module.ts';
import type { ProgramContext } from '../program-context.ts';
import type { ValueTable } from '../value-table.ts';

/** What the writer of one kind of statement needs of the function that the statement is in. */
export interface StatementContext {
  readonly values: ValueTable;
  readonly program: ProgramContext;
  /** Writes the statements of a region into the present scope. */
  writeRegion(region: Region): void;
  /** Whether running a statement changes state: running statistics. */
  isStateful(statement: Statement): boolean;
  /** Says that the function needs the flag `training`. */
  needTraining(): void;
  /** Says that the function needs random numbers, and gives the source of those of an instance. */
  randomInside(path: Path): string;
}
