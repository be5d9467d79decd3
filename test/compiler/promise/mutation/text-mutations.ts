import { readTokens } from '../../../../grammar/read-tokens.ts';
import { sourceLimits } from '../../../../src/compiler/syntax/limits.ts';
import type { Choices } from '../program/choices.ts';
import { apply, type Edit } from './edit.ts';

/** Changes a text without an idea of what it means; `other` is one to take pieces of. */
type TextMutation = (source: string, choices: Choices, other: string) => string;

const mutations: readonly [TextMutation, ...TextMutation[]] = [
  tokens,
  tokens,
  tokens,
  lines,
  characters,
  splice,
  hugeNumbers,
  nesting,
  repetition,
];

/** Changes a text in a few places. */
export function mutateText(source: string, choices: Choices, other: string): string {
  let text = source;
  for (let count = choices.between(1, 4); count > 0; count--)
    text = choices.pick(mutations)(text, choices, other);
  return text;
}

/** What people type who think of another language, and what nobody types. */
const strange = [
  '\n', '"', "'", ';', '#', '&&', '!', '=>', '//', '///', '§', '\u0000', '1__0', '[', ']', '{', '}', '(', ')', '..', '...',
  '->', '|>', ':', ',', '=', '==', '++', '-', '%', '\u{1F600}', '\ud800', '\u2028', '\r', '\t', '"\\u{110000}"', 'language 2',
  'block', 'model', 'loss', 'train', 'import', 'labels', 'for', 'if', 'else', 'return', 'where', 'assert', 'param', 'input',
  'output', 'not', 'and', 'or', 'true', 'N', 'C', '...R', 'x', '__proto__', 'constructor', 'toString', '0', '-1', '1e400', '.5',
] as const; // prettier-ignore

function places(source: string): readonly Edit[] {
  return readTokens(source)
    .tokens.filter(({ image }) => image !== '')
    .map(({ image, startOffset }) => ({ start: startOffset, end: startOffset + image.length, text: image }));
}

/** One token gone, doubled, replaced, or changed for another. */
function tokens(source: string, choices: Choices): string {
  const all = places(source);
  const [one, another] = [choices.pickOf(all), choices.pickOf(all)];
  if (one === undefined || another === undefined) return `${source}${choices.pick(strange)}`;
  switch (choices.below(6)) {
    case 0:
      return apply(source, { ...one, text: '' });
    case 1:
      return apply(source, { ...one, text: another.text });
    case 2:
      return apply(source, { ...one, text: choices.pick(strange) });
    case 3:
      return apply(source, { ...one, text: `${one.text} ${another.text}` });
    case 4:
      return apply(source, { ...one, text: `${choices.pick(strange)} ${one.text}` });
    default: {
      const [first, second] = one.start < another.start ? [one, another] : [another, one];
      return first.end > second.start
        ? source
        : apply(apply(source, { ...second, text: first.text }), { ...first, text: second.text });
    }
  }
}

/** Lines gone, doubled, moved, or the end of the file. */
function lines(source: string, choices: Choices): string {
  const all = source.split('\n');
  const at = choices.below(all.length);
  const to = choices.below(all.length);
  const line = all[at] ?? '';
  switch (choices.below(5)) {
    case 0:
      all.splice(at, choices.between(1, 3));
      break;
    case 1:
      all.splice(to, 0, line);
      break;
    case 2:
      all.splice(at, 1);
      all.splice(to, 0, line);
      break;
    case 3:
      return all.slice(0, at).join('\n') + line.slice(0, choices.below(line.length + 1));
    default:
      all[at] = `${line}${all[at + 1] ?? ''}`;
      all.splice(at + 1, 1);
  }
  return all.join('\n');
}

/** UTF-16 units changed, put in or left out, as a broken disk or an editor would. */
function characters(source: string, choices: Choices): string {
  const start = choices.below(source.length + 1);
  switch (choices.below(4)) {
    case 0:
      return apply(source, { start, end: start + choices.between(1, 8), text: '' });
    case 1:
      return apply(source, { start, end: start, text: String.fromCharCode(choices.below(0xffff)) });
    case 2:
      return apply(source, { start, end: start + 1, text: String.fromCharCode(32 + choices.below(96)) });
    default: {
      // What UTF-8 becomes when it is cut.
      const bytes = Buffer.from(source.slice(start, start + 40), 'utf8');
      if (bytes.length > 0) bytes[choices.below(bytes.length)] = choices.below(256);
      return apply(source, { start, end: start + 40, text: bytes.toString('utf8') });
    }
  }
}

/** The beginning of one text and the end of another. */
function splice(source: string, choices: Choices, other: string): string {
  return source.slice(0, choices.below(source.length + 1)) + other.slice(choices.below(other.length + 1));
}

/** Characters; more than the compiler reads. */
const longest = 1.1 * sourceLimits.length;

const numbers = [
  '0',
  '-1',
  '9007199254740991',
  '9007199254740993',
  '1e308',
  '1e999',
  '0.5',
  '1e-400',
  '65536',
  '1000000000000000000000000000',
] as const;

function hugeNumbers(source: string, choices: Choices): string {
  const found = [...source.matchAll(/\b\d+(\.\d+)?\b/g)];
  for (let count = choices.between(1, 3); count > 0; count--) {
    const number = choices.pickOf(found);
    if (number === undefined) break;
    const edit = { start: number.index, end: number.index + number[0].length, text: choices.pick(numbers) };
    // Later places move; where nothing fits any more the text is only stranger.
    source = apply(source, edit);
  }
  return source;
}

type Bracket = readonly [open: string, close: string];

const brackets: readonly [Bracket, ...Bracket[]] = [
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
  ['relu(', ')'],
  ['-', ''],
  ['not ', ''],
  ['if true {\n', '\n}'],
  ['for i in 0..2 {\n', '\n}'],
  ['(1 + ', ')'],
  ['x |> ', ''],
  ['[N, C] -> ', ''],
];

/** Something in many brackets; now and then one is missing. */
function nesting(source: string, choices: Choices): string {
  const all = places(source);
  const place = choices.pickOf(all);
  if (place === undefined) return source;
  const [open, close] = choices.pick(brackets);
  const depth = choices.pick([2, 20, 150, 1000, 20_000]);
  const missing = choices.chance(30) ? 1 : 0;
  return apply(source, { ...place, text: open.repeat(depth) + place.text + close.repeat(depth - missing) });
}

/** The same again and again. */
function repetition(source: string, choices: Choices): string {
  const all = source.split('\n');
  const at = choices.below(all.length);
  const line = all[at] ?? '';
  // A source longer than this is refused unread: a longer one would only tell how much memory it takes to make it.
  const most = Math.floor(longest / (line.length + 1));
  const count = Math.min(choices.pick([2, 10, 100, 1000]), most);
  all.splice(at, 0, ...Array.from({ length: count }, () => line));
  return all.join('\n');
}

/** Tokens of two texts and strange ones in any order. */
export function tokenSoup(source: string, choices: Choices, other: string): string {
  const all = [...places(source), ...places(other)].map(({ text }) => text);
  const count = choices.pick([10, 100, 1000]);
  // A generator of its own: a decision for each token would be many.
  let state = choices.below(9_999);
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) % limit;
  };
  const token = (): string =>
    (below(4) === 0 ? strange[below(strange.length)] : all[below(all.length)]) ?? '';
  const soup = Array.from({ length: count }, token).join(choices.pick([' ', '\n', '']));
  return choices.chance(50) ? soup : `language 1\n${soup}`;
}
