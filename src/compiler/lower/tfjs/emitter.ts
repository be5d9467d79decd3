import type { Size } from '../../shapes/size.ts';

/**
 * What an op's file may do to write itself as TensorFlow.js expressions.
 *
 * Where the op has a `training` form, the flag `training` is in scope and one expression serves both modes; its state
 * inputs are then `tf.Variable`s, to which a helper assigns.
 */
export interface TfjsEmitter {
  /** A size as a JavaScript expression over names that are in scope; parenthesised where precedence needs it. */
  size(size: Size): string;
  /** A shape: `[n, h, w, c / 2]`. */
  shape(dims: readonly Size[]): string;
  /** A finite number or ±Infinity as a JavaScript literal. */
  number(value: number): string;
  /** Marks a helper of the program's own prelude as used and returns its name. */
  helper(name: TfjsHelper): string;
  /** Names a sub-expression: emits `const <hint> = <expression>;` before the statement and returns the name. */
  let(hint: string, expression: string): string;
  /**
   * The source of the random numbers of this instance, `{ seed, step, path }`; the expression is undefined at run time
   * where nothing is random. For ops that are `random`.
   */
  random(): string;
}

/**
 * Functions that a generated program defines once, when it uses them; see `helpers/`. Each is a few lines of readable
 * JavaScript with a comment, so that the program stays the user's to edit.
 */
export type TfjsHelper =
  | 'adaptiveAveragePool'
  | 'averagePool'
  | 'batchNorm'
  | 'batchNormTrain'
  | 'convTranspose'
  | 'dilatedConv'
  | 'dilateFilter'
  | 'dot'
  | 'gatherEach'
  | 'dropout'
  | 'gelu'
  | 'geluTanh'
  | 'groupedConv'
  | 'hSigmoid'
  | 'hSwish'
  | 'padEdge'
  | 'padReflect'
  | 'inside'
  | 'layerNorm'
  | 'noGradient'
  | 'productOver'
  | 'resizeBilinear'
  | 'resizeByMatrices'
  | 'resizeNearest'
  | 'roll'
  | 'splitInto'
  | 'variance';
