import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readTokens } from '../../../grammar/read-tokens.ts';
import type { Diagnostic } from '../../../src/compiler/diagnostics/diagnostic.ts';
import { nodesOf } from '../../../src/compiler/syntax/walk.ts';
import { corpus, read } from './reading.ts';

/** A source as an odd number of pieces: what lies between tokens, and at the odd places the tokens. */
function pieces(text: string): string[] {
  const parts: string[] = [];
  let at = 0;
  for (const { image, startOffset } of readTokens(text).tokens) {
    if (image === '') continue;
    parts.push(text.slice(at, startOffset), image);
    at = startOffset + image.length;
  }
  return [...parts, text.slice(at)];
}

const sources = [...corpus().values()].map(pieces);
const habits = [
  '\n',
  '"',
  "'",
  ';',
  '#',
  '&&',
  '!',
  '=>',
  '//',
  '§',
  '\u0000',
  '1__0',
  '[',
  '{',
  '}',
  ')',
  '..',
];
const images = [...new Set([...sources.flatMap((parts) => parts.filter((_, i) => i % 2 === 1)), ...habits])];

interface Edit {
  readonly at: number;
  readonly kind: 'delete' | 'insert' | 'replace' | 'swap';
  readonly image: string;
}

function mutated(parts: readonly string[], edits: readonly Edit[]): string {
  const copy = [...parts];
  const tokenAt = (place: number) => 1 + 2 * (place % Math.floor(copy.length / 2));
  for (const { at, kind, image } of edits) {
    const i = tokenAt(at);
    const j = tokenAt(at * 7 + 1);
    const [a = '', b = ''] = [copy[i], copy[j]];
    if (kind === 'delete') copy[i] = '';
    else if (kind === 'insert') copy[i] = `${a} ${image} `;
    else if (kind === 'replace') copy[i] = image;
    else [copy[i], copy[j]] = [b, a];
  }
  return copy.join('');
}

const edit = fc.record<Edit>({
  at: fc.nat(1_000_000),
  kind: fc.constantFrom('delete', 'insert', 'replace', 'swap'),
  image: fc.constantFrom(...images),
});
const edits = fc.array(edit, { minLength: 1, maxLength: 6 });

function placed({ span, related }: Diagnostic, text: string): boolean {
  return [span, ...related.map((other) => other.span)].every(
    ({ start, end }) => start >= 0 && start <= end && end <= text.length,
  );
}

it('neither fails nor misplaces anything, whatever the text', () => {
  fc.assert(
    fc.property(fc.constantFrom(...sources), edits, (parts, changes) => {
      const text = mutated(parts, changes);
      const { unit, diagnostics } = read(text);
      expect(diagnostics.filter((diagnostic) => !placed(diagnostic, text))).toEqual([]);
      expect(diagnostics.map(({ span }) => span.start)).toEqual(
        diagnostics.map(({ span }) => span.start).toSorted((a, b) => a - b),
      );
      // What could not be read has been complained of.
      const poisoned = [...nodesOf(unit)].some(({ kind }) => kind === 'ErrorExpr');
      if (poisoned) expect(diagnostics).not.toEqual([]);
    }),
    { seed: 1, numRuns: 600 },
  );
});

it('reads arbitrary characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      const { diagnostics } = read(text);
      expect(diagnostics.filter((diagnostic) => !placed(diagnostic, text))).toEqual([]);
    }),
    { seed: 2, numRuns: 400 },
  );
});

it('loses nothing but the statement that is wrong', () => {
  const lines = [
    'y = x y',
    'y = * 2',
    'y = f(x',
    'for in x { z = 1 }',
    'y = (1]',
    'if x = 1 { z = 2 }',
    'y 3',
    ', 4',
  ];
  const good = ['a = f(x)', 'for i in 0..3 {\n  b = i\n}', 'c = [\n  1,\n]', 'assert a > 0'];
  fc.assert(
    fc.property(
      fc.constantFrom(...lines),
      fc.shuffledSubarray(good),
      fc.shuffledSubarray(good),
      (wrong, before, after) => {
        const block = (statements: readonly string[]) =>
          `language 1\nblock F()(x: [N]) -> [N] {\n${statements.join('\n')}\nreturn x\n}\n\nblock G()(x: [N]) -> [N] { return x }\n`;
        const broken = read(block([...before, wrong, ...after]));
        expect(broken.diagnostics).toHaveLength(1);
        const [wanted] = read(block([...before, ...after])).unit.declarations;
        const [found, next] = broken.unit.declarations;
        expect(next).toMatchObject({ kind: 'BlockDecl', name: { text: 'G' } });
        if (wanted?.kind !== 'BlockDecl' || found?.kind !== 'BlockDecl') throw new Error('no block');
        const kept = (statements: readonly object[]) =>
          statements.map((statement) => JSON.stringify(statement, withoutSpans));
        expect(kept(found.body.statements)).toEqual(expect.arrayContaining(kept(wanted.body.statements)));
      },
    ),
    { seed: 3, numRuns: 150 },
  );
});

function withoutSpans(key: string, value: unknown): unknown {
  return key === 'span' || key === 'operatorSpan' ? undefined : value;
}
