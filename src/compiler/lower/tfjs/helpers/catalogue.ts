import type { TfjsHelper } from '../emitter.ts';
import * as adaptiveAveragePool from './adaptive-average-pool.ts';
import * as averagePool from './average-pool.ts';
import * as batchNormTrain from './batch-norm-train.ts';
import * as batchNorm from './batch-norm.ts';
import * as convTranspose from './conv-transpose.ts';
import * as dilatedConv from './dilated-conv.ts';
import * as dilateFilter from './dilate-filter.ts';
import * as dot from './dot.ts';
import * as dropout from './dropout.ts';
import * as gelu from './gelu.ts';
import * as geluTanh from './gelu-tanh.ts';
import * as gatherEach from './gather-each.ts';
import * as groupedConv from './grouped-conv.ts';
import * as hSigmoid from './h-sigmoid.ts';
import * as hSwish from './h-swish.ts';
import type { HelperSource } from './helper-source.ts';
import * as inside from './inside.ts';
import * as layerNorm from './layer-norm.ts';
import * as noGradient from './no-gradient.ts';
import * as padEdge from './pad-edge.ts';
import * as padReflect from './pad-reflect.ts';
import * as productOver from './product-over.ts';
import * as resizeBilinear from './resize-bilinear.ts';
import * as resizeByMatrices from './resize-by-matrices.ts';
import * as resizeNearest from './resize-nearest.ts';
import * as roll from './roll.ts';
import * as splitInto from './split-into.ts';
import * as variance from './variance.ts';

/** Every helper, in an order in which they can be written. */
export const helpers: Readonly<Record<TfjsHelper, HelperSource>> = {
  averagePool,
  batchNormTrain,
  batchNorm,
  convTranspose,
  dilatedConv,
  dilateFilter,
  dot,
  gatherEach,
  dropout,
  gelu,
  geluTanh,
  groupedConv,
  hSigmoid,
  hSwish,
  padEdge,
  padReflect,
  inside,
  layerNorm,
  noGradient,
  productOver,
  resizeByMatrices,
  adaptiveAveragePool,
  resizeBilinear,
  resizeNearest,
  roll,
  splitInto,
  variance,
};

/** The helpers that are used and all that they call, each once, in the order of the catalogue. */
export function withNeeds(used: Iterable<TfjsHelper>): readonly HelperSource[] {
  const all = new Set<TfjsHelper>();
  const visit = (name: TfjsHelper): void => {
    if (all.has(name)) return;
    all.add(name);
    helpers[name].needs.forEach(visit);
  };
  for (const name of used) visit(name);
  return Object.entries(helpers).flatMap(([name, helper]) =>
    [...all].some((n) => n === name) ? [helper] : [],
  );
}
