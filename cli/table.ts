import { displayWidth } from '../src/compiler/diagnostics/display-width.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

/** Rows as lines of equal columns, two blanks between them, under a head and a rule. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const head = columns.map(({ title }) => title);
  const widths = columns.map((_, i) => Math.max(...[head, ...rows].map((row) => displayWidth(row[i] ?? ''))));
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, i) => {
        const cell = cells[i] ?? '';
        const padding = ' '.repeat(Math.max(0, (widths[i] ?? 0) - displayWidth(cell)));
        return align === 'right' ? `${padding}${cell}` : `${cell}${padding}`;
      })
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}
