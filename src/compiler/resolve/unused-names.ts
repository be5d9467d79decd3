import { warningAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { BlockDecl, ImportDecl, ModelDecl, Name } from '../syntax/ast.ts';
import { namesOf } from '../syntax/walk.ts';
import type { ResolvedModule } from './program.ts';

/**
 * Warns of imports, hyper-parameters and inputs that a file names and never uses (N3013). A name that begins with `_` says
 * that this is meant: of a block, for example, that stands in for others.
 */
export function unusedNames(module: ResolvedModule): readonly Diagnostic[] {
  const { declarations } = module.unit;
  const mentioned = namesOf(declarations.filter(({ kind }) => kind !== 'ImportDecl'));
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
  { names }: ResolvedModule,
  declaration: ImportDecl,
  mentioned: ReadonlySet<string>,
): readonly Diagnostic[] {
  return declaration.names
    .map(({ name, alias }) => alias ?? name)
    .filter(({ text }) => !mentioned.has(text) && names.get(text)?.kind !== 'labels')
    .map(({ text, span }) =>
      warningAt('N3013', span, `\`${text}\` is imported and never used`, { help: 'remove it' }),
    );
}

function unusedInBlock({ hypers, inputs, outputs, where, body }: BlockDecl): readonly Diagnostic[] {
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
