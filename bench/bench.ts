import type { Row } from './row.ts';

/** What every script of this folder exports as `bench`. `npm run bench -- NAME` runs it. */
export interface Bench {
  /** The claim in one line. */
  readonly title: string;
  /** Runs our side and the other in turns, so that a change in the machine's load meets both. */
  run(context: BenchContext): Promise<readonly Row[]>;
}

export interface BenchContext {
  /** The folder of the repository. */
  readonly root: string;
  /** Tells how far it is, and what else was measured. */
  readonly log: (line: string) => void;
  /** Of all random numbers. */
  readonly seed: number;
  /** How many programs or sources to try, where the claim is about many; undefined for as many as the claim says. */
  readonly count: number | undefined;
}
