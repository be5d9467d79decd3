/** A table of results as lines of plain text, a rule below the head and above the last row, which is the mean. */
export function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((title, i) => Math.max(...[head, ...rows].map((row) => (row[i] ?? title).length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(head), rule, ...rows.slice(0, -1).map(line), rule, ...rows.slice(-1).map(line)];
}

/** Three decimals: the fourth is far inside any interval. A dash for what is undefined. */
export function decimals(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}

export function bounds(low: number | null, high: number | null): string {
  return low === null || high === null ? '-' : `${decimals(low)}-${decimals(high)}`;
}
