import type { Batch } from '../batches.ts';
import type { AucRow } from '../metrics/render-auc-table.ts';
import type { DiceRow } from '../metrics/render-dice-table.ts';
import type { Sample } from '../sample.ts';

/** What a model is judged by: how the epochs of a run are compared, and its results told. */
export interface Measure {
  /** In files: the columns of logs, the fields of JSON. */
  readonly name: 'auc' | 'dice';
  /** For people. */
  readonly title: string;
  readonly labels: readonly string[];
  /**
   * What is kept of the scores of a batch, as many numbers for each sample. NaN for what is NaN; UserError R3004 for scores
   * that cannot be measured.
   */
  readonly keep: (batch: Pick<Batch, 'size' | 'masks'>, scores: Float32Array) => Float32Array;
  /** The result over samples, of which `kept` has the numbers in their order. With intervals where a seed is given. */
  readonly over: (samples: readonly Sample[], kept: Float32Array, seed?: number) => Measurement;
  /** How far two engines are apart: the larger, the less they say the same. 0 where they do. */
  readonly distance: (a: Float32Array, b: Float32Array) => number;
  /** What is kept, for a file: a row for each sample, a number for each label. */
  readonly columns: (kept: Float32Array) => readonly (readonly (number | undefined)[])[];
}

export interface Measurement {
  /** The mean over the classes that have a value; undefined where none has. */
  readonly mean: number | undefined;
  /** How many classes it is over. */
  readonly classes: number;
  /** Of each class, in the order of the labels. */
  readonly values: readonly (number | undefined)[];
  readonly rows: readonly AucRow[] | readonly DiceRow[];
  /** The rows for a person. */
  readonly text: string;
}
