import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCorrect } from '../../grammar/correct-parser.ts';
import { ruleTable } from '../../grammar/generate/rule-table.ts';
import { netParser } from '../../grammar/parser.ts';
import { readTokens } from '../../grammar/read-tokens.ts';
import { corpus } from '../compiler/syntax/reading.ts';

/** The tree that the parser with recovery makes of a correct text. */
function thorough(text: string): unknown {
  const parser = netParser();
  parser.input = [...readTokens(text).tokens];
  const tree = parser.file();
  return parser.errors.length === 0 ? tree : undefined;
}

const quick = (text: string) => parseCorrect(readTokens(text).tokens);

const sources = [...corpus().values()];

describe('the parser of correct texts', () => {
  it('reads the table that was generated from the grammar', () => {
    expect(readFileSync('grammar/rule-table.ts', 'utf8')).toBe(ruleTable());
  });

  it('makes the tree that the other makes', () => {
    for (const text of sources) {
      expect(thorough(text)).toBeDefined();
      expect(quick(text)).toEqual(thorough(text));
    }
  });

  it('gives up on a text exactly where the other finds a mistake', () => {
    const damaged = fc
      .tuple(
        fc.constantFrom(...sources),
        fc.nat(),
        fc.nat({ max: 12 }),
        fc.constantFrom('', ' ', '(', '=', ', x', 'in'),
      )
      .map(([text, at, length, put]) => {
        const start = at % text.length;
        return text.slice(0, start) + put + text.slice(start + length);
      });
    let mistaken = 0;
    fc.assert(
      fc.property(damaged, (text) => {
        const tree = thorough(text);
        if (tree === undefined) mistaken++;
        expect(quick(text)).toEqual(tree);
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(mistaken).toBeGreaterThan(60);
    expect(mistaken).toBeLessThan(240);
  });
});
