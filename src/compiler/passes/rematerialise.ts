import type { Graph } from '../ir/graph.ts';
import { cheapValues } from '../memory/cheap-values.ts';
import { partsOf } from '../memory/forward-part.ts';
import { nodeTime } from '../memory/node-time.ts';
import { peakMemory } from '../memory/peak-memory.ts';
import { copiedNodes, recompute } from '../memory/recompute.ts';
import { recomputedInSegments } from '../memory/segments.ts';
import { schedule } from './schedule.ts';

/** A step of training, in the order in which it runs. */
export interface Rematerialised {
  readonly graph: Graph;
  /** The bytes that it holds at most, as `peakMemory` reckons them. */
  readonly peak: number;
}

interface Plan extends Rematerialised {
  /** What is computed a second time, in milliseconds by `nodeTime`. */
  readonly time: number;
}

/** Without a budget, a step may take longer by this share of its time. */
const shareOfTime = 1 / 200;

/** The lengths of segments that are tried, each shorter than the one before it by the square root of 2. */
const lengths = 20;

/**
 * Computes values of the forward part again for the backward pass rather than keeping them, and schedules the step. Without
 * a budget it does so with the cheapest, as long as that takes next to no time. With a budget in bytes it does what takes
 * least time of what meets it: cheap values first, as many as are needed; where all of them are not enough, whole segments
 * of the forward part with their convolutions. Where nothing meets the budget, the result is the step that holds least.
 */
export function rematerialise(graph: Graph, budget: number | undefined): Rematerialised {
  const parts = partsOf(graph);
  const planOf = (again: ReadonlySet<number>): Plan => {
    const made = schedule.run(again.size === 0 ? graph : recompute(graph, again));
    const time = copiedNodes(parts, again).reduce((sum, node) => sum + nodeTime(node), 0);
    return { graph: made, peak: peakMemory(made), time };
  };
  const candidates = cheapValues(parts);
  const first = (count: number): ReadonlySet<number> =>
    new Set(candidates.slice(0, count).flatMap(({ again }) => again));
  if (budget === undefined) {
    let left = shareOfTime * graph.nodes.reduce((sum, node) => sum + nodeTime(node), 0);
    const dear = candidates.findIndex(({ time }) => (left -= time) < 0);
    return planOf(first(dear < 0 ? candidates.length : dear));
  }
  const all = planOf(first(candidates.length));
  if (all.peak <= budget) {
    // The peak falls with the number of values that are not kept, or nearly so.
    let [tooFew, enough, plan] = [-1, candidates.length, all];
    while (enough - tooFew > 1) {
      const middle = Math.floor((tooFew + enough) / 2);
      const tried = planOf(first(middle));
      if (tried.peak <= budget) [enough, plan] = [middle, tried];
      else tooFew = middle;
    }
    return plan;
  }
  let best = all;
  for (let k = 1; k <= lengths; k++) {
    const tried = planOf(recomputedInSegments(graph, parts, parts.keptBytes * 2 ** (-k / 2)));
    if (isBetter(tried, best, budget)) best = tried;
  }
  return best;
}

/** Whether it meets the budget in less time, or comes nearer to it. */
function isBetter(tried: Plan, best: Plan, budget: number): boolean {
  if (tried.peak > budget) return tried.peak < best.peak;
  return best.peak > budget || tried.time < best.time;
}
