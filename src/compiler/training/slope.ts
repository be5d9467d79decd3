import type { GraphParam, GraphValue } from '../ir/graph.ts';

/** A weight and d loss / d weight. */
export interface Slope {
  readonly param: GraphParam;
  readonly gradient: GraphValue;
}

/** The same of what the optimiser updates at once: a weight, or many as one vector. */
export interface UpdatedSlope extends Slope {
  /** Whether the weight decay of the recipe acts on it. */
  readonly decays: boolean;
}
