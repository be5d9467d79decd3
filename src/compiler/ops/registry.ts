import { batchNorm, batchNormalise, batchNormaliseTraining } from './batch-norm.ts';
import * as binary from './binary.ts';
import { cast, castTo } from './cast.ts';
import { clamp, clampTo } from './clamp.ts';
import { concat, concatAlong } from './concat.ts';
import { scalarConstant } from './constant.ts';
import { contract, contractOver } from './contract.ts';
import { conv, convolve } from './conv.ts';
import { expand, expandOver } from './expand.ts';
import { factor, factorAxis } from './factor.ts';
import { linear } from './linear.ts';
import { merge, mergeAxes } from './merge.ts';
import type { Op } from './op.ts';
import { avgPool, avgPoolOver, maxPool, maxPoolOver } from './pool.ts';
import { reductionFunctions, reductionOps } from './reduce.ts';
import { rename, renameAxes } from './rename.ts';
import { resize, resizeOver } from './resize.ts';
import { shuffle, shuffleGroups } from './shuffle.ts';
import { logSoftmax, logSoftmaxAlong, softmax, softmaxAlong } from './softmax.ts';
import { split, splitInto } from './split.ts';
import { stack, stackAlong } from './stack.ts';
import type { SurfaceOp } from './surface-op.ts';
import { unaryFunctions, unaryOps } from './unary.ts';

function byName<T extends { readonly name: string }>(entries: readonly T[]): ReadonlyMap<string, T> {
  const map = new Map(entries.map((entry) => [entry.name, entry]));
  if (map.size < entries.length) throw new Error('two ops have one name');
  return map;
}

/** Every primitive of the IR, by name: one line an op. */
export const ops: ReadonlyMap<string, Op> = byName<Op>([
  batchNormalise,
  batchNormaliseTraining,
  binary.plus,
  binary.minus,
  binary.multiply,
  binary.divide,
  binary.power,
  binary.maximum,
  binary.minimum,
  castTo,
  clampTo,
  concatAlong,
  scalarConstant,
  contractOver,
  convolve,
  expandOver,
  factorAxis,
  mergeAxes,
  avgPoolOver,
  maxPoolOver,
  ...reductionOps,
  renameAxes,
  resizeOver,
  shuffleGroups,
  softmaxAlong,
  logSoftmaxAlong,
  splitInto,
  stackAlong,
  ...unaryOps,
]);

/** Every operation a user can write, by name: one line an op. */
export const surfaceOps: ReadonlyMap<string, SurfaceOp> = byName<SurfaceOp>([
  batchNorm,
  binary.powerFunction,
  binary.maximumFunction,
  binary.minimumFunction,
  cast,
  clamp,
  concat,
  contract,
  conv,
  expand,
  factor,
  linear,
  merge,
  avgPool,
  maxPool,
  ...reductionFunctions,
  rename,
  resize,
  shuffle,
  softmax,
  logSoftmax,
  split,
  stack,
  ...unaryFunctions,
]);
