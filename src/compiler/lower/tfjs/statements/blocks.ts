import { mentions } from '../names.ts';
import type { ValueTable } from '../value-table.ts';

/** `head { ... }`, with an `else` where there is something to say in it. */
export function writeBlock(
  values: ValueTable,
  head: string,
  lines: readonly string[],
  otherwise: readonly string[] = [],
): void {
  values.line(`${head} {`);
  for (const line of lines) values.line(`  ${line}`);
  if (otherwise.length > 0) {
    values.line('} else {');
    for (const line of otherwise) values.line(`  ${line}`);
  }
  values.line('}');
}

/** Lines that give variables new values; together, where one reads what another writes. */
export function assignments(all: readonly { readonly name: string; readonly text: string }[]): string[] {
  const real = all.filter(({ name, text }) => name !== text);
  const isTangled = real.some(({ name }, i) => real.some(({ text }, j) => i !== j && mentions(text, name)));
  if (!isTangled) return real.map(({ name, text }) => `${name} = ${text};`);
  return [`[${real.map(({ name }) => name).join(', ')}] = [${real.map(({ text }) => text).join(', ')}];`];
}
