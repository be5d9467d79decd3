import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { phantomPrevalence } from '../../../src/runtime/phantom/prevalence.ts';
import { phantomStudies } from '../../../src/runtime/phantom/studies.ts';
import type { Study } from '../../../src/runtime/phantom/studies.ts';

const page = readFileSync(new URL('../../../docs/phantom.md', import.meta.url), 'utf8');

describe('docs/phantom.md', () => {
  it('has the prevalences that are published, drawn and found in a small set', () => {
    const many = phantomStudies(100_000, 1);
    const few = phantomStudies(2000, 1);
    const count = (split: Study['split'], finding: string) =>
      few.filter((study) => study.split === split && study.findings.some((name) => name === finding)).length;
    const expected = Object.entries(phantomPrevalence).map(([finding, prevalence]) => {
      const found = many.filter(({ findings }) => findings.some((name) => name === finding)).length;
      const shares = [prevalence, found / many.length].map((share) => (100 * share).toFixed(2));
      return [finding, ...shares, count('train', finding), count('test', finding)].join(' ');
    });
    const rows = [...page.matchAll(/^\| *(\w+) *\| *([\d.]+) *\| *([\d.]+) *\| *(\d+) *\| *(\d+) *\|$/gm)];
    expect(rows.map(([, ...cells]) => cells.join(' '))).toEqual(expected);
  });
});
