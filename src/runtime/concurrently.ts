/**
 * `work` on each item, at most `limit` (1 or more) at a time, begun in order; the results in order. After a failure nothing more is
 * begun; when all that ran has ended, the failure of the first item that failed is thrown: the same one whatever the
 * timing.
 */
export async function concurrently<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  if (!(limit >= 1)) throw new RangeError(`a limit of work at a time is 1 or more, not ${limit}`);
  const results: Result[] = [];
  const failures = new Map<number, unknown>();
  const left = items.entries();
  const worker = async () => {
    for (const [index, item] of left) {
      try {
        results[index] = await work(item, index);
      } catch (error) {
        failures.set(index, error);
      }
      if (failures.size > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
  return results;
}
