import type { Settings } from '../../optimizers/setting.ts';

/** A string of the source as a JavaScript literal. Nothing in it can end the literal or the line. */
export function stringLiteral(text: string): string {
  const json = JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  return json.includes("'") || json.includes('\\') ? json : `'${json.slice(1, -1)}'`;
}

/** A number as a JavaScript literal: `0.05`, `1e-5`. */
export function numberLiteral(value: number): string {
  if (Number.isNaN(value)) throw new Error('NaN has no place in a program');
  if (Object.is(value, -0)) return '-0';
  const [plain, scientific] = [String(value), value.toExponential()];
  return scientific.length < plain.length ? scientific.replace('e+', 'e') : plain;
}

/** Text of the source as lines of `//` comments. Whatever ends a line in JavaScript begins a new comment. */
export function commentLines(text: string): string[] {
  return text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => (line.trim() === '' ? '//' : `// ${line.trimEnd()}`));
}

/** Text of the compiler as a comment of several lines. */
export function wrappedComment(text: string, width = 105): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.flatMap(commentLines);
}

/** `.name`, `[0]`, or `["name"]` where the name is neither a name nor an index. */
export function member(name: string): string {
  if (/^(0|[1-9]\d*)$/.test(name)) return `[${name}]`;
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${stringLiteral(name)}]`;
}

/** A name as the key of an object literal or pattern. `__proto__: x` would set the prototype; `['__proto__']` does not. */
export function key(name: string): string {
  if (name === '__proto__') return "['__proto__']";
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : stringLiteral(name);
}

/** `name` or `name: value`. */
export function entry(name: string, value: string): string {
  return name === value && name !== '__proto__' ? name : `${key(name)}: ${value}`;
}

/** `{ warmup: 500, total: 0 }` */
export function settingsLiteral(settings: Settings): string {
  const entries = Object.entries(settings).map(([name, value]) =>
    entry(name, typeof value === 'number' ? numberLiteral(value) : String(value)),
  );
  return `{ ${entries.join(', ')} }`;
}
