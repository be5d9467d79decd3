import { fixAt, warningAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { SourceFile } from '../source/source-file.ts';
import type { Span } from '../source/span.ts';
import type { BlockDecl, ImportDecl, ModelDecl, Name } from '../syntax/ast.ts';
import { namesIn, namesOf } from '../syntax/walk.ts';
import type { ResolvedModule } from './program.ts';

/**
 * Warns of imports, hyper-parameters and inputs that a file names and never uses (N3013). A name that begins with `_` says
 * that this is meant: of a block, for example, that stands in for others.
 */
export function unusedNames(module: ResolvedModule): readonly Diagnostic[] {
  const { declarations } = module.unit;
  const others = declarations.filter(({ kind }) => kind !== 'ImportDecl');
  const mentioned = new Set(others.flatMap((declaration) => [...namesIn(declaration)]));
  return declarations.flatMap((declaration) => {
    switch (declaration.kind) {
      case 'ImportDecl':
        return unusedImports(module, declaration, mentioned);
      case 'BlockDecl':
        return unusedInBlock(declaration);
      case 'ModelDecl':
        return unusedInModel(module, declaration);
      default:
        return [];
    }
  });
}

/** Labels are left alone, since `--set classes=...` can choose any that the file knows. */
function unusedImports(
  { names, source }: ResolvedModule,
  declaration: ImportDecl,
  mentioned: ReadonlySet<string>,
): readonly Diagnostic[] {
  return declaration.names.flatMap((imported, i) => {
    const { text, span } = imported.alias ?? imported.name;
    if (mentioned.has(text) || names.get(text)?.kind === 'labels') return [];
    const fix = fixAt(`Remove \`${text}\``, placeInList(source, declaration, i), '');
    return [warningAt('N3013', span, `\`${text}\` is imported and never used`, { help: 'remove it', fix })];
  });
}

/** What goes with a name of an import: the comma at its side, or, where it is the only one, the import and its line. */
function placeInList(source: SourceFile, { names, span }: ImportDecl, i: number): Span {
  const [own, next, last] = [names[i]?.span ?? span, names[i + 1]?.span, names[i - 1]?.span];
  if (next !== undefined) return span.elsewhere(own.start, next.start);
  if (last !== undefined) return span.elsewhere(last.end, own.end);
  const { length } = /^[ \t]*\r?\n?/.exec(source.text.slice(span.end))?.[0] ?? '';
  return span.elsewhere(span.start, span.end + length);
}

const unusedIn = new WeakMap<BlockDecl, readonly Diagnostic[]>();

function unusedInBlock(declaration: BlockDecl): readonly Diagnostic[] {
  let found = unusedIn.get(declaration);
  if (found === undefined) unusedIn.set(declaration, (found = findUnusedInBlock(declaration)));
  return found;
}

function findUnusedInBlock({ hypers, inputs, outputs, where, body }: BlockDecl): readonly Diagnostic[] {
  const mentioned = namesOf([
    ...hypers.flatMap((hyper) => [hyper.type, hyper.default]),
    ...inputs.map((input) => input.type),
    outputs,
    where,
    body,
  ]);
  return unmentioned([...hypers, ...inputs].map(({ name }) => name), mentioned); // prettier-ignore
}

function unusedInModel(
  { trains }: ResolvedModule,
  { name, hypers, where, body }: ModelDecl,
): readonly Diagnostic[] {
  const training = trains.filter(({ model }) => model.text === name.text);
  const mentioned = namesOf([...hypers.map((hyper) => hyper.default), where, body, training]);
  return unmentioned(hypers.map((hyper) => hyper.name), mentioned); // prettier-ignore
}

function unmentioned(names: readonly Name[], mentioned: ReadonlySet<string>): readonly Diagnostic[] {
  return names
    .filter(({ text }) => !mentioned.has(text) && !text.startsWith('_'))
    .map(({ text, span }) => {
      const help = `remove it, or call it \`_${text}\` if that is meant`;
      return warningAt('N3013', span, `\`${text}\` is never used`, { help });
    });
}
