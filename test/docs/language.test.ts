import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile, type Compilation } from '../../src/compiler/compile.ts';
import { renderDiagnostics } from '../../src/compiler/diagnostics/render-text.ts';
import { surfaceOps } from '../../src/compiler/ops/registry.ts';
import { averagings, clippings, optimizers, schedules } from '../../src/compiler/optimizers/registry.ts';
import { initializers } from '../../src/compiler/random/initializers.ts';
import { complaints, inRepository, repositoryReader } from '../support/repository.ts';

const text = readFileSync(inRepository('docs/language.md'), 'utf8');

interface Example {
  readonly line: number;
  readonly kind: 'program' | 'fragment' | 'error';
  readonly source: string;
  /** What stands in the next fence, where that is plain text. */
  readonly output: string | undefined;
}

function examples(): readonly Example[] {
  const fences = /^```net( fragment| error)?\n([^]*?)^```(?:\n\n```text\n([^]*?)^```)?/gm;
  return [...text.matchAll(fences)].map(({ index, 1: mark, 2: source = '', 3: output }) => ({
    line: text.slice(0, index).split('\n').length + 1,
    kind: mark === ' fragment' ? 'fragment' : mark === ' error' ? 'error' : 'program',
    source,
    output,
  }));
}

function compiled(source: string): Compilation {
  // Imports are relative to models/, where a reader would put the file.
  return compile('models/gate.net', { reader: repositoryReader({ 'models/gate.net': source }) });
}

describe('docs/language.md', () => {
  const of = (kind: Example['kind']) => examples().filter((example) => example.kind === kind);

  it('has examples of all kinds', () => {
    expect(of('program').length).toBeGreaterThan(3);
    expect(of('fragment').length).toBeGreaterThan(3);
    expect(of('error').length).toBeGreaterThan(0);
  });

  for (const { line, source } of of('program')) {
    it(`compiles the program at line ${line}`, () => {
      const compilation = compiled(source);
      expect(complaints(compilation)).toEqual([]);
      expect(compilation.module).toBeDefined();
    });
  }

  for (const { line, source } of of('fragment')) {
    it(`compiles the fragment at line ${line}`, () => {
      // Declarations stand for themselves; statements, in a block with an image.
      const whole = source.startsWith('block ')
        ? source
        : `block Around()(x: [N, C, H, W]) -> [N, C, H, W] {\n${source}\nreturn x\n}`;
      // What a fragment binds is read by what is left out.
      const said = complaints(compiled(`language 1\n${whole}`)).filter((text) => !text.includes(' N3013 '));
      expect(said).toEqual([]);
    });
  }

  for (const { line, source, output } of of('error')) {
    it(`shows what the compiler says of the mistake at line ${line}`, () => {
      const { diagnostics, sources } = compiled(source);
      const display = (path: string) => path.replace('models/', '');
      expect(`${renderDiagnostics(diagnostics, { sources, display })}\n`).toBe(output);
    });
  }

  const reference = text.slice(text.indexOf('## Reference'));
  const mentioned = new Set([...reference.matchAll(/`([a-z_0-9]+)[`(:]/g)].map((match) => match[1] ?? ''));

  it.each([
    ['operation', [...surfaceOps.keys()]],
    ['initialiser', Object.keys(initializers)],
    ['optimiser', [...optimizers.keys()]],
    ['schedule', [...schedules.keys()]],
    ['clipping', [...clippings.keys()]],
    ['average', [...averagings.keys()]],
  ])('mentions every %s', (_kind, names) => {
    expect(names.filter((name) => !mentioned.has(name))).toEqual([]);
  });

  describe('the tables of operations', () => {
    const tables = reference.slice(
      reference.indexOf('### Operations'),
      reference.indexOf('### Initialisers'),
    );
    const cells = [...tables.matchAll(/^\| (`.*?) +\|/gm)].map(([, cell]) => cell ?? '');
    const forms = cells.flatMap((cell) => [...cell.matchAll(/`([a-z_0-9]+)(?:\((.*?)\))?`/g)]);

    it('have each operation once', () => {
      const named = forms
        .map(([, name]) => name)
        .filter((name) => !['and', 'or', 'not'].includes(name ?? ''));
      expect(named.sort()).toEqual([...surfaceOps.keys()].sort());
    });

    it('have its arguments with their defaults', () => {
      const differences = forms.flatMap(([, name = '', written = '']) => {
        const op = surfaceOps.get(name);
        if (op === undefined || written === '...') return [];
        const wanted = Object.entries(op.arguments).flatMap(([key, argument]) => {
          if (!argument.optional) return [];
          const isLiteral = /^[\w.-]+$|\(/.test(argument.default ?? '') && argument.default !== 'none';
          const isInitializer = argument.kind === 'init';
          return [isLiteral && !isInitializer ? `${key}: ${argument.default ?? ''}` : `${key}:`];
        });
        const own = written.replace(/\[[^\]]*\]|\([^)]*\)|\w+ -> \w+(: \w+)?/g, '');
        const keys = [...own.matchAll(/(\w+):/g)].map(([, key = '']) => key);
        return [
          ...wanted.filter((text) => !written.includes(text)).map((text) => `${name} lacks ${text}`),
          ...[...keys]
            .filter((key) => !Object.hasOwn(op.arguments, key))
            .map((key) => `${name} has no ${key}`),
        ];
      });
      expect(differences).toEqual([]);
    });
  });
});
