import { SemanticTokensBuilder, type SemanticTokens, type SemanticTokensLegend } from 'vscode-languageserver';
import type { CheckedDocument } from './checked-document.ts';
import type { Occurrence, Symbol } from './names/occurrence.ts';
import { occurrencesIn } from './names/occurrences.ts';
import { toPosition } from './positions.ts';

const types = [
  'function',
  'class',
  'enum',
  'parameter',
  'variable',
  'type',
  'property',
  'keyword',
  'macro',
] as const;
const modifiers = ['declaration', 'defaultLibrary'] as const;

export const semanticTokensLegend: SemanticTokensLegend = {
  tokenTypes: [...types],
  tokenModifiers: [...modifiers],
};

/** What the protocol's words mean here: axes are types, blocks and operations functions, models classes. */
const typeOf: Readonly<Record<Symbol['kind'], (typeof types)[number]>> = {
  block: 'function',
  model: 'class',
  labels: 'enum',
  alias: 'function',
  hyper: 'parameter',
  input: 'parameter',
  size: 'parameter',
  variable: 'variable',
  axis: 'type',
  operation: 'function',
  function: 'function',
  argument: 'property',
  setting: 'keyword',
  choice: 'macro',
};

/** What each name of a file stands for. Where one is an axis and a size, the axis is shown. */
export function semanticTokens({ module, source }: CheckedDocument): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  const byPlace = new Map<number, Occurrence>();
  for (const occurrence of module === undefined ? [] : occurrencesIn(module)) {
    const { start } = occurrence.name.span;
    if (!byPlace.has(start) || occurrence.symbol.kind === 'axis') byPlace.set(start, occurrence);
  }
  for (const [start, { name, symbol, isDefinition }] of [...byPlace].sort(([a], [b]) => a - b)) {
    const { line, character } = toPosition(source, start);
    const isBuiltIn = symbol.kind === 'operation' || symbol.kind === 'function';
    const bits = (isDefinition ? 1 : 0) | (isBuiltIn ? 2 : 0);
    builder.push(line, character, name.text.length, types.indexOf(typeOf[symbol.kind]), bits);
  }
  return builder.build();
}
