import type { CompletionItem, Position } from 'vscode-languageserver';
import type { IToken } from 'chevrotain';
import {
  Arrow,
  Colon,
  LCurly,
  LSquare,
  Name,
  Pipe,
  RCurly,
  UnterminatedString,
} from '../../grammar/tokens.ts';
import { tokenMatcher } from 'chevrotain';
import { surfaceOps } from '../compiler/ops/registry.ts';
import { joinPath } from '../compiler/resolve/resolve.ts';
import type { Declaration } from '../compiler/syntax/ast.ts';
import { callAt, type CallAt } from './call-at.ts';
import type { CheckedDocument } from './checked-document.ts';
import * as items from './completion-items.ts';
import { occurrencesOf } from './names/occurrences.ts';
import { toOffset } from './positions.ts';
import { openBracket, tokensBefore } from './tokens-before.ts';

/** What can stand at a position: of names, arguments and words those that mean something there. */
export function completion(document: CheckedDocument, position: Position): CompletionItem[] {
  const { source, module } = document;
  const offset = toOffset(source, position);
  const all = tokensBefore(source, offset);
  if (all === undefined) return [];
  const last = all.at(-1);
  const isTyping = last !== undefined && tokenMatcher(last, Name) && endsAt(source.text, offset, last);
  // The word that is being typed does not decide what can stand in its place; the editor filters by it.
  const kept = isTyping ? all.slice(0, -1) : all;
  const tokens = isOver(kept, source.text, offset) ? [] : kept;
  const declaration = declarationAt(document, offset);
  const place: Place = { document, offset, tokens, declaration };

  if (last?.tokenType === UnterminatedString) return first(tokens) === 'import' ? importPaths(document) : [];
  if (first(tokens) === 'import') return importNames(place);
  const call = callAt(module, tokens);
  if (call !== undefined) return inCall(place, call);
  if (isInType(tokens)) return [...axes(place), ...values(place)];
  const before = tokens.at(-1);
  if (before?.tokenType === Pipe) return [...items.operations(), ...blocks(place)];
  if (isAtStart(source.text, offset, isTyping ? last.image : '')) return atStart(place);
  const setting = first(tokens) === 'train' ? items.settingValues(before?.image ?? '') : undefined;
  return setting ?? values(place);
}

interface Place {
  readonly document: CheckedDocument;
  readonly offset: number;
  /** Of the declaration around, up to the word that is being typed. */
  readonly tokens: readonly IToken[];
  readonly declaration: Declaration | undefined;
}

function endsAt(text: string, offset: number, { image }: IToken): boolean {
  return text.slice(offset - image.length, offset) === image;
}

/** Whether the declaration that the tokens begin has ended before the offset, so that another can begin. */
function isOver(tokens: readonly IToken[], text: string, offset: number): boolean {
  const last = tokens.at(-1);
  if (last === undefined || openBracket(tokens) !== undefined) return false;
  if (last.tokenType === RCurly && first(tokens) !== 'import') return true;
  const isOneLine = ['language', 'import', 'labels'].includes(first(tokens) ?? '');
  return isOneLine && isAtStart(text, offset, wordBefore(text, offset));
}

function wordBefore(text: string, offset: number): string {
  return /\w*$/.exec(text.slice(Math.max(0, offset - 200), offset))?.[0] ?? '';
}

function first(tokens: readonly IToken[]): string | undefined {
  return tokens[0]?.image;
}

/** Also the one whose end was lost while it is typed: the last that begins before. */
function declarationAt({ module }: CheckedDocument, offset: number): Declaration | undefined {
  return module?.unit.declarations.findLast(({ span }) => span.start <= offset);
}

/** Whether nothing stands on the line before the word that is being typed. */
function isAtStart(text: string, offset: number, word: string): boolean {
  const end = offset - word.length;
  return text.slice(text.lastIndexOf('\n', end - 1) + 1, end).trim() === '';
}

/** Whether a bracket is open that can only be a tensor's type: behind `:` or `->`, or behind the `block(` of one. */
function isInType(tokens: readonly IToken[]): boolean {
  const open = openBracket(tokens);
  if (open === undefined || tokens[open.at]?.tokenType !== LSquare) return false;
  const before = tokens[open.at - 1]?.tokenType;
  return before === Colon || before === Arrow;
}

// ---------------------------------------------------------------- imports

function importPaths({ project, path }: CheckedDocument): CompletionItem[] {
  const here = path.split('/').slice(0, -1);
  return project
    .sources()
    .filter((source) => source !== path)
    .map((source) => items.path(relativePath(here, source.split('/'))));
}

function relativePath(from: readonly string[], to: readonly string[]): string {
  let common = 0;
  while (common < from.length && from[common] === to[common]) common++;
  const up = from.slice(common).map(() => '..');
  return [...(up.length === 0 ? ['.'] : up), ...to.slice(common)].join('/');
}

/** What the file of an import declares and the import does not name yet. */
function importNames({ document, declaration }: Place): CompletionItem[] {
  if (declaration?.kind !== 'ImportDecl') return [];
  const target = joinPath(document.path, declaration.from.value);
  const module = document.compilation.program?.modules.find(({ path }) => path === target);
  const named = new Set(declaration.names.map(({ name }) => name.text));
  return [...(module?.own.keys() ?? [])]
    .filter((name) => !named.has(name))
    .flatMap((name) => {
      const entity = module?.names.get(name);
      return entity === undefined ? [] : items.entity(name, entity);
    });
}

// ---------------------------------------------------------------- calls

function inCall(place: Place, { callee, name, given, index }: CallAt): CompletionItem[] {
  if (callee.kind === 'block') {
    const names = callee.block.decl[callee.group].map((parameter) => parameter.name.text);
    const left = names.slice(Math.min(index, names.length)).filter((other) => !given.includes(other));
    return [...(name === undefined ? left.map((other) => items.argument(other)) : []), ...values(place)];
  }
  const { arguments: specs } = callee.op;
  if (name === undefined) {
    const left = Object.entries(specs).filter(([other]) => !given.includes(other));
    const isAxis = left.some(([, spec]) => spec.positional === true && items.isAboutAxes(spec.kind));
    const named = left.map(([other, spec]) => items.argument(other, spec));
    return [...named, ...(isAxis || isInList(place) ? axes(place) : []), ...values(place)];
  }
  const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
  if (spec === undefined) return values(place);
  const words = items.wordsOf(spec);
  if (words.length > 0) return words;
  return [...(items.isAboutAxes(spec.kind) ? axes(place) : []), ...values(place)];
}

function isInList({ tokens }: Place): boolean {
  const open = openBracket(tokens);
  return open !== undefined && tokens[open.at]?.tokenType === LSquare;
}

// ---------------------------------------------------------------- names

function atStart(place: Place): CompletionItem[] {
  const { tokens } = place;
  const open = openBracket(tokens);
  if (open === undefined) return items.declarationWords();
  if (tokens[open.at]?.tokenType !== LCurly) return values(place);
  if (first(tokens) === 'train') return [...items.settings(), ...locals(place)];
  return [...items.statementWords(first(tokens) === 'model'), ...locals(place)];
}

function values(place: Place): CompletionItem[] {
  return [...locals(place), ...blocks(place), ...items.operations(), ...items.functions()];
}

/** The names that the declaration binds before the offset. */
function locals({ document: { module }, declaration, offset }: Place): CompletionItem[] {
  if (module === undefined || declaration === undefined) return [];
  const known = new Map<string, CompletionItem>();
  for (const { name, symbol, isDefinition } of occurrencesOf(module, declaration)) {
    if (!isDefinition || name.span.end >= offset || !('owner' in symbol) || symbol.kind === 'axis') continue;
    known.set(name.text, items.local(name.text, symbol.kind));
  }
  return [...known.values()];
}

/** The axes that the declaration names anywhere. */
function axes({ document: { module }, declaration }: Place): CompletionItem[] {
  if (module === undefined || declaration === undefined) return [];
  const names = occurrencesOf(module, declaration)
    .filter(({ symbol }) => symbol.kind === 'axis')
    .map(({ name }) => name.text);
  return [...new Set(names)].map((name) => items.axis(name));
}

/** Blocks, labels and models of the file and its imports. */
function blocks({ document: { module } }: Place): CompletionItem[] {
  return [...(module?.names ?? [])]
    .filter(([name]) => !surfaceOps.has(name) || module?.own.has(name) === true)
    .flatMap(([name, entity]) => items.entity(name, entity));
}
