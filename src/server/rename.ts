import {
  ErrorCodes,
  ResponseError,
  type Position,
  type Range,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { reservedWords } from '../../grammar/tokens.ts';
import type { CheckedDocument } from './checked-document.ts';
import type { Occurrence, Symbol } from './names/occurrence.ts';
import { occurrencesAt, occurrencesIn } from './names/occurrences.ts';
import type { ProjectNames } from './names/project-names.ts';
import { toOffset, toRange } from './positions.ts';

/** What would be renamed at a position; an error that says why nothing can be. */
export function prepareRename(document: CheckedDocument, position: Position): Range | null {
  const occurrence = renamedAt(document, position);
  return occurrence === undefined ? null : toRange(document.source, occurrence.name.span);
}

/** Renames what stands at a position, in every file of the project that names it. */
export function rename(
  document: CheckedDocument,
  names: ProjectNames,
  position: Position,
  newName: string,
): WorkspaceEdit | null {
  const { module, project, path } = document;
  const occurrence = renamedAt(document, position);
  if (module === undefined || occurrence === undefined) return null;
  refuseName(newName);
  const { symbol } = occurrence;
  const taken = occurrencesIn(module).find(
    ({ name, symbol: other }) => name.text === newName && wouldClash(symbol, other),
  );
  if (taken !== undefined) refuse(`\`${newName}\` is taken here: it is the name of something else`);
  const edits = new Map<string, Map<number, TextEdit>>();
  for (const { name, source } of names.occurrencesOf([symbol], path)) {
    const uri = project.uriOf(source.path);
    const inFile = edits.get(uri) ?? new Map<number, TextEdit>();
    edits.set(uri, inFile);
    inFile.set(name.span.start, { range: toRange(source, name.span), newText: newName });
  }
  return { changes: Object.fromEntries([...edits].map(([uri, inFile]) => [uri, [...inFile.values()]])) };
}

function renamedAt({ module, source }: CheckedDocument, position: Position): Occurrence | undefined {
  if (module === undefined) return undefined;
  const found = occurrencesAt(module, toOffset(source, position));
  if (found.some(({ symbol }) => symbol.kind === 'axis')) {
    refuse('an axis keeps its name: calls match axes by name, so that another name means another axis');
  }
  const [occurrence] = found;
  switch (occurrence?.symbol.kind) {
    case 'operation':
    case 'argument':
    case 'function':
    case 'setting':
    case 'choice':
      return refuse(`\`${occurrence.name.text}\` is a word of the language`);
    case 'hyper':
    case 'input':
    case 'size':
    case 'variable':
    case 'block':
    case 'model':
    case 'labels':
    case 'alias':
    case 'axis':
    case undefined:
      return occurrence;
  }
}

/** Whether a name of another thing would be confused with the new one. */
function wouldClash(symbol: Symbol, other: Symbol): boolean {
  if (
    other.kind === 'axis' ||
    other.kind === 'argument' ||
    other.kind === 'setting' ||
    other.kind === 'choice'
  ) {
    return false;
  }
  if (!('owner' in symbol)) return true;
  return 'owner' in other ? other.owner === symbol.owner : true;
}

function refuseName(name: string): void {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    refuse(`\`${name}\` is no name: names have letters, digits and \`_\`, and begin with no digit`);
  }
  if (reservedWords.includes(name)) refuse(`\`${name}\` is a reserved word`);
}

function refuse(why: string): never {
  throw new ResponseError(ErrorCodes.InvalidRequest, why);
}
