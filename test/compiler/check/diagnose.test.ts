import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile, diagnose, type CompileOptions } from '../../../src/compiler/compile.ts';
import { memoryReader } from '../../../src/compiler/source/reader.ts';
import { casesIn } from '../../support/cases.ts';
import { inRepository, repositoryReader } from '../../support/repository.ts';

/*
 * What `diagnose` leaves out must change nothing of what is said: it is compared with `compile`, which leaves out nothing.
 */
function expectSame(path: string, options: CompileOptions): void {
  const whole = compile(path, options);
  const said = diagnose(path, options);
  expect({ path, diagnostics: said.diagnostics }).toEqual({ path, diagnostics: whole.diagnostics });
  expect(said.notes.map(({ name }) => name)).toEqual(whole.notes.map(({ name }) => name));
}

const models = ['models', 'models/lib'].flatMap((folder) =>
  readdirSync(inRepository(folder)).filter((name) => name.endsWith('.net')).map((name) => `${folder}/${name}`),
); // prettier-ignore

describe('a diagnosis says what a compilation says', () => {
  it.each(['test/cases/error', 'test/cases/ok'])('of %s', (folder) => {
    for (const { entry, reader } of casesIn(folder)) expectSame(entry, { reader });
  });

  it('of every model', () => {
    for (const path of models) expectSame(path, { reader: repositoryReader() });
  });

  it('of a model for sizes that it cannot have', () => {
    for (const size of ['0', '1', '7', '33', 'x']) {
      expectSame('models/mair.net', { reader: repositoryReader(), set: { size } });
    }
  });
});

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** A model that calls the block `B` of some declarations. */
const calling = (blocks: string): CompileOptions => ({
  reader: memoryReader({
    'main.net': `language 1\n${blocks}\nmodel M {\n  input x: [N, C: 4]\n  output y = B()(x)\n}\n`,
  }),
});

describe('functions that a diagnosis leaves out', () => {
  it('count, where a program is too large with them', () => {
    const turns = `[${lines(3000, (i) => `${i},`)}]`;
    const calls = lines(9, (i) => `    a${i} = A()(x)`);
    const options = calling(
      `block A()(x: [N, C]) -> [N, C] { return relu(x) }
       block B()(x: [N, C]) -> [N, C] {\n  for i in ${turns} {\n${calls}\n    x = a0\n  }\n  return x\n}`,
    );
    expect(compile('main.net', options).diagnostics.map(({ code }) => code)).toContain('N6001');
    expectSame('main.net', options);
  });

  it('are made where numbers decide something', () => {
    const options = calling(
      `block B()(x: [N, C]) -> [N, C] { return A()(x) }
       block A()(x: [N, C]) -> [N, C] {\n  assert C > 4\n  return relu(x)\n}`,
    );
    expect(compile('main.net', options).diagnostics.map(({ code }) => code)).toEqual(['N4012']);
    expectSame('main.net', options);
  });

  it('are made where a float may be wrong', () => {
    const options = calling(
      `block B()(x: [N, C]) -> [N, C] { return A(rate: 2)(x) }
       block A(rate: float)(x: [N, C]) -> [N, C] { return dropout(x, rate) }`,
    );
    expect(compile('main.net', options).diagnostics).not.toEqual([]);
    expectSame('main.net', options);
  });
});
