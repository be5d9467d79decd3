/** For each node the positions of those whose results it reads, all of which stand before it. */
export type Reads = readonly (readonly number[])[];

/**
 * An order in which nodes can run that computes nothing before it is needed: goes back from the results, one after the
 * other, and from each node to those of its inputs that are not there yet. The result with the shortest way to it comes
 * first: in a step of training the gradients of the last layers, which end the life of what those have kept. Of a node's
 * inputs the one with the longest way comes first, so that little waits for it: a gradient before the mask that it is
 * multiplied with.
 *
 * @param early nodes that count as results, though others read them
 */
export function depthFirstOrder(reads: Reads, early: readonly number[] = []): readonly number[] {
  const depths = depthsOf(reads);
  const byDepth = (a: number, b: number): number => (depths[a] ?? 0) - (depths[b] ?? 0) || a - b;
  const results = new Set([...leavesOf(reads), ...early]);
  return depthFirst(reads, [...results].sort(byDepth), (a, b) => byDepth(b, a));
}

/**
 * The nodes behind all that they need: the results as they come, and the inputs of each node that are not there yet in
 * the order of a comparison.
 */
export function depthFirst(
  reads: Reads,
  results: readonly number[],
  compare: (a: number, b: number) => number,
): readonly number[] {
  const order: number[] = [];
  const states = new Array<'new' | 'waiting' | 'placed'>(reads.length).fill('new');
  const stack = results.toReversed();
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    if (states[node] === 'new') {
      states[node] = 'waiting';
      const missing = (reads[node] ?? []).filter((read) => states[read] === 'new');
      stack.push(...missing.sort((a, b) => compare(b, a)));
      continue;
    }
    stack.pop();
    if (states[node] === 'waiting') order.push(node);
    states[node] = 'placed';
  }
  return order;
}

/** How many nodes stand on the longest way to each, itself included. */
export function depthsOf(reads: Reads): readonly number[] {
  const depths: number[] = [];
  for (const own of reads) {
    depths.push(own.reduce((depth, read) => Math.max(depth, 1 + (depths[read] ?? 0)), 1));
  }
  return depths;
}

/** The nodes that no other reads, in their order. */
export function leavesOf(reads: Reads): readonly number[] {
  const isRead = new Set(reads.flat());
  return reads.flatMap((_own, node) => (isRead.has(node) ? [] : [node]));
}
