import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SourceFile } from '../../../src/compiler/source/source-file.ts';
import { Span } from '../../../src/compiler/source/span.ts';
import { cut } from '../../../src/compiler/syntax/cut.ts';
import { parse, type ParseResult } from '../../../src/compiler/syntax/parse.ts';
import { corpus } from './reading.ts';

const text = `language 1
import { A } from "./a.net"

/// About F.
block F()(x: [N]) -> [N] {
  return x
}
// Between.

/// About G.
block G()(x: [N]) -> [N] {
  y = x
  return y
}
`;

const read = (source: string, before?: ParseResult) => parse(new SourceFile('a.net', source), before?.pieces);

/** Everything that was read, with its places as they are now. */
function written({ unit, diagnostics, isRefused }: ParseResult): string {
  return JSON.stringify({ unit, diagnostics, isRefused }, (_key, value: unknown) =>
    value instanceof Span ? [value.file, value.start, value.end] : value,
  );
}

describe('pieces of a file', () => {
  it('are its declarations with the comments before them', () => {
    expect(cut(text).map(({ start, end }) => text.slice(start, end))).toEqual([
      'language 1',
      'import { A } from "./a.net"',
      '/// About F.\nblock F()(x: [N]) -> [N] {\n  return x\n}',
      '// Between.\n\n/// About G.\nblock G()(x: [N]) -> [N] {\n  y = x\n  return y\n}',
    ]);
  });

  it('begin where a line does, and nowhere else', () => {
    expect(cut('// block A\n  block B\nx = "a" block C\nlabels L\nlabels\nmodel = 3')).toHaveLength(1);
    expect(cut('\r\n\r\nblock A\r\nmodel B\r\n').map(({ declaration }) => declaration)).toEqual([4, 13]);
  });

  it('are taken over where they are the same, and move', () => {
    const before = read(text);
    const [, , g] = before.unit.declarations;
    expect(g?.span.start).toBe(text.indexOf('block G'));
    const edited = text.replace('return x', 'return -x').replace('// Between.\n\n', '');
    const after = read(edited, before);
    const now = after.unit.declarations;
    expect(now[0]).toBe(before.unit.declarations[0]);
    expect(now[1]).not.toBe(before.unit.declarations[1]);
    // Of the comments before it, only documentation is its own.
    expect(now[2]).toBe(g);
    const documented = read(edited.replace('About G', 'On G'), after);
    expect(documented.unit.declarations[2]).not.toBe(now[2]);
    const again = read(edited.replace('-x', '- x'), after);
    expect(again.unit.declarations[2]).toBe(now[2]);
    expect(now[2]?.span.start).toBe(edited.replace('-x', '- x').indexOf('block G'));
    // What is known of the head of a block that was edited is still found there.
    expect(before.unit.declarations[1]?.span.start).toBe(edited.indexOf('block F'));
  });

  it('tell whether something follows', () => {
    const open = 'language 1\nblock F()(x: [N]) -> [N] {\n  return x\n';
    const alone = read(open);
    expect(alone.diagnostics.map(({ message }) => message)).toEqual([
      'expected `}` before the end of the file',
    ]);
    const followed = read(`${open}labels L = ["a"]\n`, alone);
    expect(followed.diagnostics.map(({ message }) => message)).toEqual([
      'expected `}` before the next declaration',
    ]);
  });

  it('give what the whole file gives, after any edits', () => {
    const sources = [...corpus().values(), text];
    const edit = fc.record({
      source: fc.nat(sources.length - 1),
      edits: fc.array(
        fc.record({
          at: fc.double({ min: 0, max: 1, noNaN: true }),
          length: fc.nat(30),
          text: fc.constantFrom('', '\n', 'x', '{', '}', '(', '"', '// c\n', '\nblock Q()(x: [N]) -> [N] { return x }\n', '\n\n', 'language 1\n', '/// d\n', '\nlabels L = ["a"]\n', '$'), // prettier-ignore
        }),
        { minLength: 1, maxLength: 6 },
      ),
    });
    fc.assert(
      fc.property(edit, ({ source, edits }) => {
        let now = sources[source] ?? '';
        let result = read(now);
        for (const { at, length, text: inserted } of edits) {
          const start = Math.floor(at * now.length);
          now = now.slice(0, start) + inserted + now.slice(start + length);
          result = read(now, result);
          expect(written(result)).toBe(written(read(now)));
        }
      }),
      { numRuns: 300, seed: 20_261_128 },
    );
  });
});
