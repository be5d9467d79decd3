import type { SymbolInformation } from 'vscode-languageserver';
import { SourceFile } from '../compiler/source/source-file.ts';
import { parse } from '../compiler/syntax/parse.ts';
import { declarationSymbol } from './document-symbols.ts';
import { toRange } from './positions.ts';
import type { Project } from './project.ts';

/** Blocks, losses, models and labels of all sources whose names hold the letters that are asked for, in their order. */
export function workspaceSymbols(projects: readonly Project[], query: string): SymbolInformation[] {
  return projects.flatMap((project) =>
    project.sources().flatMap((path) => {
      const answer = project.reader.read(path);
      if (answer.kind !== 'text') return [];
      const source = new SourceFile(path, answer.text);
      return parse(source).unit.declarations.flatMap((declaration): SymbolInformation[] => {
        const symbol = declarationSymbol(declaration);
        if (symbol === undefined || !holdsLetters(symbol.name.text, query)) return [];
        const location = { uri: project.uriOf(path), range: toRange(source, symbol.name.span) };
        return [{ name: symbol.name.text, kind: symbol.kind, location, containerName: path }];
      });
    }),
  );
}

/** Whether a name has the letters in this order, others between, as editors search. */
function holdsLetters(name: string, letters: string): boolean {
  const text = name.toLowerCase();
  let at = 0;
  for (const letter of letters.toLowerCase()) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
