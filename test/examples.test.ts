import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compile } from '../src/compiler/compile.ts';
import { renderDiagnostic } from '../src/compiler/diagnostics/render-text.ts';
import type { Op } from '../src/compiler/ops/op.ts';
import { memoryReader } from '../src/compiler/source/reader.ts';

const root = new URL('../', import.meta.url);
const contributing = await readFile(new URL('CONTRIBUTING.md', root), 'utf8');
const readme = await readFile(new URL('README.md', root), 'utf8');

/** The first block of code in a language. */
function code(language: string, text = contributing): string {
  const found = new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text)?.[1];
  if (found === undefined) throw new Error(`there is no ${language}`);
  return found;
}

const compiled = (source: string) => compile('gated.net', { reader: memoryReader({ 'gated.net': source }) });
const withoutWhere = (source: string): string => source.replace(', C % reduction == 0', '');

test('the block of the walk through is accepted, and its `where` is needed', () => {
  expect(compiled(code('net')).diagnostics).toEqual([]);
  const codes = compiled(withoutWhere(code('net'))).diagnostics.map((diagnostic) => diagnostic.code);
  expect(new Set(codes)).toEqual(new Set(['N4005']));
});

test('the example of the README is accepted, and its message is the one that is printed', () => {
  const source = code('net', readme);
  expect(compiled(source).diagnostics).toEqual([]);
  const { diagnostics, sources } = compiled(withoutWhere(source));
  const text = diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, { sources })).join('\n');
  expect(text).toBe(code('text', readme).trimEnd());
});

test('the operation of the walk through is one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'netc-test-'));
  try {
    const file = join(folder, 'leaky-relu.ts');
    const ops = new URL('src/compiler/ops/', root);
    const source = code('ts').replaceAll(
      /from '(\.[^']*)'/g,
      (_, path: string) => `from '${new URL(path, ops).href}'`,
    );
    await writeFile(file, source);
    const { leakyRectify: op } = (await import(file)) as { leakyRectify: Op };
    for (const { inputs, attributes } of op.samples) {
      const arrays = inputs.map((type) => ({ type, data: new Float64Array(type.axes.reduce((n, a) => n * a.size, 1)).fill(-2) })); // prettier-ignore
      const [result] = op.evaluate(arrays, attributes, inputs);
      expect(result?.data).toEqual(arrays[0]?.data.map((x) => x * Number(attributes['slope'])));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
