import type { Location, Position } from 'vscode-languageserver';
import type { CheckedDocument } from './checked-document.ts';
import { toLocation } from './locations.ts';
import { definitionOf } from './names/definitions.ts';
import { occurrencesAt } from './names/occurrences.ts';
import { toOffset } from './positions.ts';

/** Where what stands at a position is declared; of an import's path, the file. */
export function definition(
  { module, source, compilation, project }: CheckedDocument,
  position: Position,
): Location | null {
  if (module === undefined) return null;
  const offset = toOffset(source, position);
  for (const declaration of module.unit.declarations) {
    if (declaration.kind !== 'ImportDecl') continue;
    const { span } = declaration.from;
    if (offset < span.start || offset > span.end) continue;
    const [entity] = declaration.names.flatMap(
      ({ name, alias }) => module.names.get((alias ?? name).text) ?? [],
    );
    if (entity === undefined || entity.kind === 'poison') return null;
    return { uri: project.uriOf(entity.module.path), range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } } }; // prettier-ignore
  }
  for (const occurrence of occurrencesAt(module, offset)) {
    const span = definitionOf(module, occurrence);
    const location = span && toLocation(project, compilation.sources, span);
    if (location !== undefined) return location;
  }
  return null;
}
