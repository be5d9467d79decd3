import { readdir, readFile } from 'node:fs/promises';
import * as prettier from 'prettier';
import { expect, test } from 'vitest';
import { withResults, type Result } from '../../bench/report.ts';
import { row } from '../../bench/row.ts';
import { inRepository } from '../support/repository.ts';

const machine = { cores: 2, cpu: 'x64 avx2', platform: 'linux', node: 'v22.0.0', load: 0.1 };
const result: Result = {
  bench: 'a-bench',
  title: 'ours is faster',
  date: '2026-01-02T03:04:05.678Z',
  commit: '0123456789ab',
  seed: 0,
  machine,
  rows: [row('one thing, ms', 10, 4, 3), row('another, ms', 10, 4, 2)],
};

test('results stand between the marks, and the rest of the document stays', () => {
  const before =
    'Before.\n\n<!-- results: written by `npm run bench -- --save` -->\nstale words\n<!-- end of results -->\nAfter.\n';
  const after = withResults(before, [result]);
  expect(after).toContain('| one thing, ms | 10 | 4 | 2.5 | 3 | yes |');
  expect(after).toContain('| another, ms | 10 | 4 | 2.5 | 2 | **no** |');
  expect(after).toContain(
    '2026-01-02, commit 0123456789ab, seed 0; 2 cores (x64 avx2), linux, Node v22.0.0, load 0.1.',
  );
  expect(after).not.toContain('stale words');
  expect(after.startsWith('Before.\n')).toBe(true);
  expect(after.endsWith('\nAfter.\n')).toBe(true);
  expect(withResults(after, [result])).toBe(after);
});

test('a document without marks is refused', () => {
  expect(() => withResults('nothing', [])).toThrow(/marks/);
});

test('docs/performance.md says what is in bench/results', async () => {
  const folder = inRepository('bench/results');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  const results = await Promise.all(files.map(async (file) => JSON.parse(await readFile(`${folder}/${file}`, 'utf8')) as Result)); // prettier-ignore
  const path = inRepository('docs/performance.md');
  const document = await readFile(path, 'utf8');
  const options = { ...(await prettier.resolveConfig(path)), parser: 'markdown' };
  expect(await prettier.format(withResults(document, results), options)).toBe(document);
});
