import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { surfaceOps } from '../../src/compiler/ops/registry.ts';
import { optimizers, schedules } from '../../src/compiler/optimizers/registry.ts';
import { initializers } from '../../src/compiler/random/initializers.ts';
import { SourceFile } from '../../src/compiler/source/source-file.ts';
import { parse } from '../../src/compiler/syntax/parse.ts';
import { complaints, inRepository, repositoryReader } from '../support/repository.ts';

const text = readFileSync(inRepository('docs/language.md'), 'utf8');

interface Example {
  readonly line: number;
  readonly fragment: boolean;
  readonly source: string;
}

function examples(): readonly Example[] {
  return [...text.matchAll(/^```net( fragment)?\n([^]*?)^```/gm)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length + 1,
    fragment: match[1] !== undefined,
    source: match[2] ?? '',
  }));
}

describe('docs/language.md', () => {
  const all = examples();

  it('has programs and fragments', () => {
    expect(all.filter(({ fragment }) => !fragment).length).toBeGreaterThan(3);
    expect(all.filter(({ fragment }) => fragment).length).toBeGreaterThan(3);
  });

  for (const { line, source } of all.filter(({ fragment }) => !fragment)) {
    it(`compiles the program at line ${line}`, () => {
      // Imports are relative to models/, where a reader would put the file.
      const compilation = compile('models/example.net', {
        reader: repositoryReader({ 'models/example.net': source }),
      });
      expect(complaints(compilation)).toEqual([]);
      expect(compilation.module).toBeDefined();
    });
  }

  for (const { line, source } of all.filter(({ fragment }) => fragment)) {
    it(`parses the fragment at line ${line}`, () => {
      const whole = source.startsWith('block ')
        ? source
        : `block Around()(x: [N]) -> [N] {\n${source}\nreturn x\n}`;
      const { diagnostics } = parse(new SourceFile('fragment.net', `language 1\n${whole}`));
      expect(diagnostics).toEqual([]);
    });
  }

  const reference = text.slice(text.indexOf('## Reference'));
  const mentioned = new Set([...reference.matchAll(/`([a-z_0-9]+)[`(:]/g)].map((match) => match[1] ?? ''));

  it.each([
    ['operation', [...surfaceOps.keys()]],
    ['initialiser', Object.keys(initializers)],
    ['optimiser', [...optimizers.keys()]],
    ['schedule', [...schedules.keys()]],
  ])('mentions every %s', (_kind, names) => {
    expect(names.filter((name) => !mentioned.has(name))).toEqual([]);
  });
});
