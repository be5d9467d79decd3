import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile, type Compilation } from '../../src/compiler/compile.ts';
import { describe as describeVal } from '../../src/compiler/check/value.ts';
import { memoryReader } from '../../src/compiler/source/reader.ts';
import { Span } from '../../src/compiler/source/span.ts';
import { Workspace } from '../../src/compiler/workspace.ts';
import { inRepository } from '../support/repository.ts';

const library = `language 1
/// About Narrow.
block Narrow(to: int)(x: [N, C]) -> [N, C: to] {
  return x |> linear(C -> C: to) |> relu
}

block Half()(x: [N, C]) -> [N, C: C / 2]
  where C % 2 == 0
{
  return x |> linear(C -> C: C / 2)
}

block Pooled(inner: block([N, C]) -> [N, C])(x: [N, C, T]) -> [N, C] {
  y = x |> max_pool(over: [T: 3]) |> mean(over: [T])
  return y + inner(y)
}
`;
const main = `language 1
import { Narrow, Half, Pooled } from "./library.net"
labels Kinds = ["a", "b"]

block Two(to: int)(x: [N, C, T]) -> [N, C: to] {
  y = x |> Pooled(inner: tanh)
  z = y |> Narrow(to)
  return z |> Narrow(to)
}

model M(classes: labels = Kinds) {
  input x: [N, C: 8, T: 16]
  h = x |> Pooled(inner: Narrow(8))
  k = h |> Half()
  two = x |> Two(4)
  y = (k + two) |> linear(C -> K: classes)
  output y
}
`;

class Project {
  readonly files: Record<string, string>;
  private readonly workspace = new Workspace();
  private readonly entry: string;

  constructor(files: Readonly<Record<string, string>>, entry: string) {
    this.files = { ...files };
    this.entry = entry;
  }

  again(): Compilation {
    return this.workspace.compile(this.entry, { reader: memoryReader(this.files) });
  }

  anew(): Compilation {
    return compile(this.entry, { reader: memoryReader(this.files) });
  }

  replace(file: string, from: string, to: string): Compilation {
    const text = this.files[file] ?? '';
    if (!text.includes(from)) throw new Error(`${from} is not in ${file}`);
    this.files[file] = text.replace(from, to);
    return this.again();
  }
}

const place = ({ file, start, end }: Span): string => `${file}:${start}-${end}`;

/** All that a compilation says, with places; functions by what they are called after, since their order may differ. */
function said({ diagnostics, module, notes }: Compilation): readonly string[] {
  return [
    ...diagnostics.map((diagnostic) =>
      JSON.stringify(diagnostic, (_key, value: unknown) => (value instanceof Span ? place(value) : value)),
    ),
    ...notes.map(({ name, val }) => `${place(name.span)} ${name.text} ${describeVal(val)}`),
    ...[...(module?.functions.values() ?? [])].map(({ name, inputs, outputs }) => `${name} ${inputs.length} ${outputs.length}`), // prettier-ignore
  ].sort();
}

describe('a workspace', () => {
  it('says at first what the compiler says', () => {
    const project = new Project({ 'main.net': main, 'library.net': library }, 'main.net');
    expect(project.again().diagnostics).toEqual([]);
    expect(said(project.again())).toEqual(said(project.anew()));
  });

  it('checks a block that has changed, and no other, where its signature has not', () => {
    const project = new Project({ 'main.net': main, 'library.net': library }, 'main.net');
    const before = project.again().module?.functions;
    const after = project.replace('library.net', '|> relu', '|> tanh').module?.functions;
    expect([...(after?.keys() ?? [])]).toEqual([...(before?.keys() ?? [])]);
    const changed = [...(after ?? [])].filter(([id, func]) => before?.get(id) !== func).map(([id]) => id);
    expect(changed).toEqual(['Narrow']);
  });

  it('checks what depends on a signature that has changed', () => {
    const project = new Project({ 'main.net': main, 'library.net': library }, 'main.net');
    project.again();
    const { diagnostics } = project.replace('library.net', 'where C % 2 == 0', 'where C % 2 == 0, C >= 10');
    expect(diagnostics.map(({ code, span }) => [code, span.file])).toEqual([['N4006', 'main.net']]);
    expect(said(project.again())).toEqual(said(project.anew()));
  });

  it('checks what depends on a requirement that was found', () => {
    const project = new Project({ 'main.net': main, 'library.net': library }, 'main.net');
    project.again();
    const { diagnostics } = project.replace('library.net', 'over: [T: 3]', 'over: [T: 17]');
    expect(diagnostics.map(({ code }) => code)).toEqual(['N4006', 'N4006']);
    expect(said(project.again())).toEqual(said(project.anew()));
    expect(project.replace('library.net', 'over: [T: 17]', 'over: [T: 16]').diagnostics).toEqual([]);
  });

  it('warns of weights that the loss does not depend on as soon as a block has some', () => {
    const head = 'language 1\nblock Head()(x: [N, C]) -> [N, C] {\n  return x |> dropout(0.1)\n}\n';
    const model = `language 1
import { Head } from "./head.net"
model M() {
  input x: [N, C: 4]
  y = x |> linear(C -> C: 4)
  output y
  output other = x |> Head
}
train M {
  loss = mean(abs(y - x), over: [N, C])
  optimizer sgd(lr: 0.1)
}
`;
    const project = new Project({ 'main.net': model, 'head.net': head }, 'main.net');
    expect(project.again().diagnostics).toEqual([]);
    const { diagnostics } = project.replace(
      'head.net',
      '|> dropout(0.1)',
      '|> dropout(0.1) |> linear(C -> C: C)',
    );
    expect(diagnostics.map(({ code }) => code)).toEqual(['N7006']);
  });

  it('checks a model once while the same block stays wrong', () => {
    const project = new Project({ 'main.net': main, 'library.net': library }, 'main.net');
    const two = ({ notes }: Compilation) => notes.find(({ name }) => name.text === 'two')?.val;
    const sound = two(project.again());
    const wrong = project.replace('library.net', '|> relu', '|> rel');
    expect(wrong.diagnostics.map(({ code }) => code)).toEqual(['N2001']);
    expect(two(wrong)).not.toBe(sound);
    const still = project.replace('library.net', '|> rel\n', '|> re\n');
    expect(two(still)).toBe(two(wrong));
    expect(said(project.again())).toEqual(said(project.anew()));
    expect(project.replace('library.net', '|> re\n', '|> relu\n').diagnostics).toEqual([]);
  });

  it('notices what is declared, renamed, deleted, or made recursive', () => {
    const project = new Project({ 'main.net': main, 'library.net': library }, 'main.net');
    const edits: readonly (readonly [string, string, string])[] = [
      ['library.net', 'block Narrow', 'block Wide'],
      ['main.net', 'import { Narrow', 'import { Wide as Narrow'],
      ['library.net', 'tanh', 'tanh'],
      ['main.net', 'labels Kinds = ["a", "b"]', 'labels Kinds = ["a", "a"]'],
      ['main.net', '"a", "a"', '"a", "b", "c"'],
      ['library.net', '|> linear(C -> C: to) |> relu', '|> linear(C -> C: to) |> Half()'],
      ['library.net', 'block Half()', 'block Half(_k: int)'],
      ['main.net', 'block Two', 'block Pooled2()(x: [N]) -> [N] { return Pooled2()(x) }\n\nblock Two'],
      ['main.net', 'return Pooled2()(x)', 'return x'],
      ['main.net', 'block Two', 'block relu()(x: [N, C]) -> [N, C] { return -x }\n\nblock Two'],
      ['library.net', library, ''],
    ].map(([file = '', from = '', to = '']) => [file, from === 'tanh' ? 'block Wide' : from, to === 'tanh' ? 'block Wide' : to] as const); // prettier-ignore
    for (const [file, from, to] of edits) {
      if (from === library) project.files['library.net'] = 'language 1\n';
      else project.replace(file, from, to);
      expect(said(project.again()), `${file}: ${from} -> ${to}`).toEqual(said(project.anew()));
    }
  });

  it('says what the compiler says after any edits', { timeout: 180_000 }, () => {
    const small = { 'main.net': main, 'library.net': library };
    const models = Object.fromEntries(
      ['', 'lib/'].flatMap((folder) =>
        readdirSync(inRepository(`models/${folder}`))
          .filter((name) => name.endsWith('.net'))
          .map((name) => [`${folder}${name}`, readFileSync(inRepository(`models/${folder}${name}`), 'utf8')]),
      ),
    );
    const edit = fc.record({
      file: fc.nat(20),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat(12),
      text: fc.constantFrom('', '\n', ' ', '2', 'x', 'C', '(', '}', '// c\n', ' + x', 'block Q()(x: [N]) -> [N] { return x }\n'), // prettier-ignore
      isUndone: fc.boolean(),
    });
    const run = (files: Readonly<Record<string, string>>, entry: string, runs: number): void =>
      fc.assert(
        fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
          const project = new Project(files, entry);
          const reached = [...project.again().sources.keys()];
          for (const { file, at, length, text, isUndone } of edits) {
            const name = reached[file % reached.length] ?? entry;
            const before = project.files[name] ?? '';
            const start = Math.floor(at * before.length);
            project.files[name] = before.slice(0, start) + text + before.slice(start + length);
            expect(said(project.again())).toEqual(said(project.anew()));
            if (isUndone) project.files[name] = before;
          }
        }),
        { numRuns: runs, seed: 20_261_128 },
      );
    run(small, 'main.net', 80);
    run(models, 'mair.net', 12);
    run(models, 'swin-t.net', 8);
  });
});
