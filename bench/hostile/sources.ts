import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { mutateSyntax } from '../../test/compiler/promise/mutation/syntax-mutations.ts';
import { mutateText, tokenSoup } from '../../test/compiler/promise/mutation/text-mutations.ts';
import { Choices } from '../../test/compiler/promise/program/choices.ts';
import { drawFrom } from '../../test/compiler/promise/program/numbers.ts';
import { randomProgram } from '../../test/compiler/promise/program/random-program.ts';

export interface HostileSource {
  /** Where it stands, relative to the repository, so that its imports are found. */
  readonly path: string;
  readonly text: string;
}

/** The sources of the repository that are changed: the library, models, cases, and what the grammar is tested with. */
export function corpusOf(root: string): readonly HostileSource[] {
  const folders = ['models', 'test/cases/ok', 'test/cases/error', 'test/grammar/corpus'];
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.net'))
      .sort()
      .map((name) => {
        const path = join(root, folder, name);
        return { path: relative(root, path), text: readFileSync(path, 'utf8') };
      }),
  );
}

/** The source of this number: the same for the same seed. */
export function hostileSource(corpus: readonly HostileSource[], seed: number, index: number): HostileSource {
  // Neighbours would otherwise begin alike.
  const draw = drawFrom((Math.imul(seed + 1, 2_654_435_761) ^ Math.imul(index + 1, 1_640_531_527)) >>> 1);
  const decisions = (count: number): readonly number[] => Array.from({ length: count }, () => draw(0, 9_999));
  const choices = new Choices(decisions(64));
  const one = (): HostileSource => choices.pickOf(corpus) ?? { path: 'random.net', text: '' };
  const other = one().text;
  const { path, text } = choices.chance(25) ? { path: 'random.net', text: generated(decisions) } : one();
  switch (choices.below(10)) {
    case 0:
      return { path, text: tokenSoup(text, choices, other) };
    case 1:
      return {
        path,
        text: String.fromCharCode(...decisions(draw(1, 400)).map((n) => (n % 7 === 0 ? n * 6 : n % 128))),
      };
    case 2:
    case 3:
    case 4:
      return { path, text: mutateSyntax(text, choices) };
    case 5:
      return { path, text: mutateText(mutateSyntax(text, choices), choices, other) };
    default:
      return { path, text: mutateText(text, choices, other) };
  }
}

function generated(decisions: (count: number) => readonly number[]): string {
  const block = () => ({
    signature: decisions(2),
    statements: Array.from({ length: 4 }, () => decisions(16)),
    results: decisions(8),
  });
  return randomProgram({ blocks: [block(), block()], numbers: decisions(12) }).source();
}
