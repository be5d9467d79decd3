import type { ResolvedModule } from '../../compiler/resolve/program.ts';
import type { Declaration } from '../../compiler/syntax/ast.ts';
import type { Occurrence } from './occurrence.ts';
import { OccurrenceWalker } from './occurrence-walker.ts';

/** Every name in a file that stands for something, in the order of the source. */
export function occurrencesIn(module: ResolvedModule): readonly Occurrence[] {
  return module.unit.declarations.flatMap((declaration) => occurrencesOf(module, declaration));
}

/** The same of one declaration. */
export function occurrencesOf(module: ResolvedModule, declaration: Declaration): readonly Occurrence[] {
  return new OccurrenceWalker(module, declaration).run().sort((a, b) => a.name.span.from - b.name.span.from);
}

/** What stands at an offset: an axis that introduces a size is both. */
export function occurrencesAt(module: ResolvedModule, offset: number): readonly Occurrence[] {
  const declaration = module.unit.declarations.find(({ span }) => span.start <= offset && offset <= span.end);
  if (declaration === undefined) return [];
  return occurrencesOf(module, declaration).filter(
    ({ name: { span } }) => span.start <= offset && offset <= span.end,
  );
}
