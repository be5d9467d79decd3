import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { resolve } from '../../src/compiler/resolve/resolve.ts';
import { memoryReader } from '../../src/compiler/source/reader.ts';
import type { Name } from '../../src/compiler/syntax/ast.ts';
import { nodesOf } from '../../src/compiler/syntax/walk.ts';
import type { Symbol } from '../../src/server/names/occurrence.ts';
import { occurrencesIn } from '../../src/server/names/occurrences.ts';
import { complaints, inRepository } from '../support/repository.ts';

/** Every source that ships, by its path in `models/`. */
const files: Readonly<Record<string, string>> = Object.fromEntries(
  ['', 'lib/'].flatMap((folder) =>
    readdirSync(inRepository(`models/${folder}`))
      .filter((name) => name.endsWith('.net'))
      .map((name) => [`${folder}${name}`, readFileSync(inRepository(`models/${folder}${name}`), 'utf8')]),
  ),
);

const renamable: ReadonlySet<Symbol['kind']> = new Set(['block', 'labels', 'model', 'alias', 'hyper', 'input', 'size', 'variable']); // prettier-ignore

/** Gives every name of a user's own an ending, wherever it occurs; what is an axis, too, keeps its name. */
function renameAll(path: string): string {
  const { program } = resolve(path, memoryReader(files));
  if (program === undefined) throw new Error(`${path} cannot be read`);
  const { root } = program;
  const occurrences = occurrencesIn(root);
  const axes = new Set(
    occurrences.filter(({ symbol }) => symbol.kind === 'axis').map(({ name }) => name.text),
  );
  const places = new Map<number, number>();
  for (const { name, symbol } of occurrences) {
    // `loss` is what a training's loss must be called.
    const isFixed = axes.has(name.text) || name.text === 'loss';
    if (renamable.has(symbol.kind) && !isFixed) places.set(name.span.start, name.span.end);
  }
  let text = root.source.text;
  for (const [, end] of [...places].sort(([a], [b]) => b - a))
    text = `${text.slice(0, end)}_r${text.slice(end)}`;
  return text;
}

describe('names', () => {
  const renamed = Object.fromEntries(Object.keys(files).map((path) => [path, renameAll(path)]));

  it.each(Object.keys(files))('are all found in %s: renamed, it means the same', (path) => {
    const before = compile(path, { reader: memoryReader(files) });
    const after = compile(path, { reader: memoryReader(renamed) });
    expect(complaints(after)).toEqual(complaints(before));
    expect(after.module?.functions.size).toBe(before.module?.functions.size);
    expect(renamed[path]).toContain('_r');
  });

  it('stand for something wherever one is written', () => {
    for (const path of Object.keys(files)) {
      const { program } = resolve(path, memoryReader(files));
      const known = new Set(program && occurrencesIn(program.root).map(({ name }) => name.span.start));
      const nodes = [...nodesOf(program?.root.unit.declarations)];
      const names = nodes.filter((node): node is Name => node.kind === 'Name');
      expect(
        names.filter(({ span }) => !known.has(span.start)).map(({ text }) => text),
        path,
      ).toEqual([]);
    }
  });
});
