import { adam } from './adam.ts';
import { adamw } from './adamw.ts';
import { randomView, type AugmentationKind } from './augmentation.ts';
import { exponentialMovingAverage, type Averaging } from './averaging.ts';
import { clipByNorm, clipByValue, type Clipping } from './clipping.ts';
import { lion } from './lion.ts';
import type { Optimizer } from './optimizer.ts';
import { rmsprop } from './rmsprop.ts';
import { constantRate, cosineRate, stepRate, type Schedule } from './schedule.ts';
import { sgd } from './sgd.ts';

/** Every optimiser a `train` can name. */
export const optimizers: ReadonlyMap<string, Optimizer> = new Map(
  [sgd, adam, adamw, rmsprop, lion].map((o) => [o.name, o]),
);
/** Every augmentation a `train` can name. */
export const augmentations: ReadonlyMap<string, AugmentationKind> = new Map([[randomView.name, randomView]]);
/** Every schedule a `train` can name. */
export const schedules: ReadonlyMap<string, Schedule> = new Map(
  [constantRate, cosineRate, stepRate].map((s) => [s.name, s]),
);
/** Every clipping a `train` can name. */
export const clippings: ReadonlyMap<string, Clipping> = new Map(
  [clipByNorm, clipByValue].map((c) => [c.name, c]),
);
/** Every average of weights a `train` can name. */
export const averagings: ReadonlyMap<string, Averaging> = new Map([
  [exponentialMovingAverage.name, exponentialMovingAverage],
]);
