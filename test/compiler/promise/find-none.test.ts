import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inRepository } from '../../support/repository.ts';
import { findNone, type Look } from './find-none.ts';

/** Sources of some number of lines, of which those with seven or more are taken to be wrong. */
const sources = fc.array(fc.constantFrom('a', 'b'), { maxLength: 40 }).map((lines) => lines.join('\n'));
const isLong = (source: string): boolean => source.split('\n').length >= 7;

describe('findNone', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(inRepository('test/found-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (look: Look<string>): Promise<number> =>
    findNone(sources, look, (source) => source, {
      seed: 1,
      numRuns: 100,
      folder: folder.slice(inRepository('').length),
    });
  const written = (): string[] => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));

  it('counts what it has looked at', async () => {
    expect(await run(() => undefined)).toBe(100);
    expect(written()).toEqual([]);
  });

  it('writes the smallest program that is wrong as a case, and says where', async () => {
    const look: Look<string> = (source) =>
      isLong(source) ? { source, what: 'it is too long\nby far', outputs: ['y: [N, C: 4]'] } : undefined;
    await expect(run(look)).rejects.toThrow(
      /^it is too long[^]*test\/found-\w+\/program-[0-9a-f]{8}\.net[^]*seed: 1/,
    );
    expect(written()).toEqual(['// y: [N, C: 4]\n//\n// it is too long\n// by far\n\na\na\na\na\na\na\na']);
  });

  it('takes an exception for a finding', async () => {
    const look: Look<string> = (source) => {
      if (isLong(source)) throw new TypeError('x is not a function');
      return undefined;
    };
    await expect(run(look)).rejects.toThrow(/TypeError: x is not a function[^]*mutant-[0-9a-f]{8}\.net/);
    expect(written()).toHaveLength(1);
    expect(written()[0]).toMatch(
      /^\/\/ TypeError: x is not a function\n\/\/ {5}at [^]*\n\na\na\na\na\na\na\na$/,
    );
  });
});
