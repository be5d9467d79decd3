import type { Location, Position } from 'vscode-languageserver';
import type { CheckedDocument } from './checked-document.ts';
import { occurrencesAt } from './names/occurrences.ts';
import type { ProjectNames } from './names/project-names.ts';
import { toOffset, toRange } from './positions.ts';

/** Every place in the project that means what stands at a position. */
export function references(
  { module, source, path, project }: CheckedDocument,
  names: ProjectNames,
  position: Position,
  withDeclaration: boolean,
): Location[] {
  if (module === undefined) return [];
  const symbols = occurrencesAt(module, toOffset(source, position)).map(({ symbol }) => symbol);
  const found = new Map<string, Location>();
  for (const { name, source: file, isDefinition } of names.occurrencesOf(symbols, path)) {
    if (isDefinition && !withDeclaration) continue;
    const location = { uri: project.uriOf(file.path), range: toRange(file, name.span) };
    found.set(JSON.stringify(location), location);
  }
  return [...found.values()];
}
