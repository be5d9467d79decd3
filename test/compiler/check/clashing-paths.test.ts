import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { freeNamesOf } from '../../../src/compiler/check/expression-parts.ts';
import { expressionsIn, withInner } from '../../../src/compiler/check/statement-parts.ts';
import { valueOf } from '../../../src/compiler/check/place-of.ts';
import { flatten } from '../../../src/compiler/ir/inline.ts';
import { printType } from '../../../src/compiler/ir/tensor-type.ts';
import { SourceFile } from '../../../src/compiler/source/source-file.ts';
import { applyEdits } from '../../../src/compiler/source/text-edit.ts';
import type { BindStmt, Name, Statement } from '../../../src/compiler/syntax/ast.ts';
import { parse } from '../../../src/compiler/syntax/parse.ts';
import { complaintsOf, mendedThroughout, type Case } from '../../support/cases.ts';
import { inRepository, repositoryReader } from '../../support/repository.ts';

/*
 * The library as someone would write it who is used to PyTorch: statements run together into long expressions, and one
 * name for all that comes one behind the other. Many instances want one path then (N5001), and nothing else is wrong. The
 * fixes must give back a program with weights of the same shapes.
 */

/** A statement and the one behind it, at the top of a body. */
interface Pair {
  readonly first: BindStmt;
  readonly second: Statement;
  readonly behind: readonly Statement[];
  readonly body: readonly Statement[];
}

function pairsIn(text: string): readonly Pair[] {
  const { declarations } = parse(new SourceFile('main.net', text)).unit;
  return declarations.flatMap((declaration) => {
    if (declaration.kind !== 'BlockDecl' && declaration.kind !== 'ModelDecl') return [];
    const body = declaration.body.statements;
    return body.flatMap((first, i): readonly Pair[] => {
      const [second, ...behind] = body.slice(i + 1);
      return second === undefined || first.kind !== 'BindStmt' || first.tuple
        ? []
        : [{ first, second, behind, body }];
    });
  });
}

/** Where statements read a name, outputs of this name among them. */
function readersOf(statements: readonly Statement[], { text }: Name): readonly Name[] {
  const outputs = statements.flatMap((one) =>
    one.kind === 'OutputStmt' && one.name.text === text ? [one.name] : [],
  );
  const reads = [...withInner(statements)].flatMap(expressionsIn).flatMap(freeNamesOf);
  return [...outputs, ...reads.filter((name) => name.text === text)];
}

const bindersOf = (body: readonly Statement[], { text }: Name): number =>
  [...withInner(body)].filter(
    (one) => one.kind === 'BindStmt' && one.targets.some((name) => name.text === text),
  ).length;

/** `a = f(x)`, `b = g(a)` as `b = g((f(x)))`. */
function runTogether(text: string): string | undefined {
  for (const { first, second, behind, body } of pairsIn(text)) {
    const [name] = first.targets;
    if (name === undefined || valueOf(second) === undefined || bindersOf(body, name) > 1) continue;
    const [reader, more] = readersOf([second], name);
    if (reader === undefined || more !== undefined || readersOf(behind, name).length > 0) continue;
    const value = `(${text.slice(first.value.span.start, first.value.span.end)})`;
    return applyEdits(text, [
      { start: first.span.start, end: second.span.start, text: '' },
      { start: reader.span.start, end: reader.span.end, text: value },
    ]);
  }
  return undefined;
}

/** `a = f(x)`, `b = g(a)` as `a = f(x)`, `a = g(a)`. */
function callAlike(text: string): string | undefined {
  for (const { first, second, behind, body } of pairsIn(text)) {
    const [name] = first.targets;
    if (name === undefined || second.kind !== 'BindStmt' || second.tuple) continue;
    const [other] = second.targets;
    if (other === undefined || other.text === name.text || bindersOf(body, other) > 1) continue;
    const readers = readersOf(behind, other);
    const isOutput = readers.some((reader) =>
      behind.some((one) => one.kind === 'OutputStmt' && one.name === reader),
    );
    if (isOutput || readersOf(behind, name).length > 0 || bindersOf(behind, name) > 0) continue;
    return applyEdits(
      text,
      [other, ...readers].map(({ span: { start, end } }) => ({ start, end, text: name.text })),
    );
  }
  return undefined;
}

function throughout(change: (text: string) => string | undefined, text: string): string {
  let changed = text;
  for (let next = change(text); next !== undefined; next = change(next)) changed = next;
  return changed;
}

function shapesOf(one: Case): readonly string[] {
  const { module } = complaintsOf(one).compilation;
  const graph = module === undefined ? undefined : flatten(module, { mode: 'infer' }).graph;
  return (graph?.params ?? []).map(({ value }) => printType(value.type)).sort();
}

const sources = ['models', 'models/lib'].flatMap((folder) =>
  readdirSync(inRepository(folder)).filter((name) => name.endsWith('.net')).map((name) => `${folder}/${name}`),
); // prettier-ignore

describe.each([
  ['run together', runTogether, 20],
  ['called alike', callAlike, 20],
] as const)('statements that are %s', (_name, change, least) => {
  it('are told apart again', () => {
    let clashes = 0;
    for (const path of sources) {
      const original = readFileSync(inRepository(path), 'utf8');
      const reader = repositoryReader({ [path]: throughout(change, original) });
      const one: Case = { name: path, entry: path, text: original, reader };
      const { diagnostics } = complaintsOf(one);
      clashes += diagnostics.filter(({ code }) => code === 'N5001').length;
      const fixed = mendedThroughout(one);
      expect({ path, left: complaintsOf(fixed).text, shapes: shapesOf(fixed) }).toEqual({
        path,
        left: '',
        shapes: shapesOf({ ...one, reader: repositoryReader() }),
      });
    }
    expect(clashes).toBeGreaterThan(least);
  }, 240_000);
});
