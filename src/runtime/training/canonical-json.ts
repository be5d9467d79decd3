/** JSON whose keys stand in their order, so that equal values give equal text; nothing for what is undefined. */
export function canonicalJson(value: unknown): string {
  const sorted = (_: string, part: unknown): unknown =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  return value === undefined ? '' : JSON.stringify(value, sorted);
}
