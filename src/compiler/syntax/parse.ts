import type { CstNode, IRecognitionException } from 'chevrotain';
import type { FileCstNode } from '../../../grammar/cst-types.ts';
import { parseCorrect } from '../../../grammar/correct-parser.ts';
import { netParser, TooManyErrors } from '../../../grammar/parser.ts';
import { readTokens, type TokenReading } from '../../../grammar/read-tokens.ts';
import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { firstErrors, maxErrors } from '../diagnostics/first-errors.ts';
import type { SourceFile } from '../source/source-file.ts';
import type { Span } from '../source/span.ts';
import type { Comment, SourceUnit } from './ast.ts';
import type { BuildContext } from './build/context.ts';
import { fileContents } from './build/declarations.ts';
import { commentsOf, documentation, looksLikeDivision } from './comments.ts';
import { damagedStatements } from './damage.ts';
import { refuseLength, refuseTokens } from './limits.ts';
import {
  bracketMessage,
  habitMessage,
  parserMessage,
  strayMessage,
  unexpectedCharacters,
} from './messages.ts';
import { onePerStatement } from './one-per-statement.ts';

export interface ParseResult {
  readonly unit: SourceUnit;
  readonly diagnostics: readonly Diagnostic[];
  /** Nothing was understood: the source is too large or too deep, or too much is wrong with it. The unit is empty. */
  readonly isRefused: boolean;
}

export interface TreeResult extends ParseResult {
  /** The concrete tree, which keeps parentheses and every token; undefined where the source was refused. */
  readonly tree: FileCstNode | undefined;
}

/**
 * Source text to syntax tree. Never throws: what is wrong with the text is said in the diagnostics, in the order of
 * the source, and the tree holds everything that could be understood. Where it could not, `ErrorExpr` stands in;
 * a declaration that lost its name is left out. Time is linear in the length of the text.
 */
export function parse(source: SourceFile): ParseResult {
  const { unit, diagnostics, isRefused } = parseWithTree(source);
  return { unit, diagnostics, isRefused };
}

/** As {@link parse}, for those who need the tokens too: the formatter. */
export function parseWithTree(source: SourceFile): TreeResult {
  const tooLong = refuseLength(source);
  if (tooLong !== undefined) return refused(source, [tooLong]);
  const reading = readTokens(source.text);
  const tooMuch = refuseTokens(source, reading);
  if (tooMuch !== undefined) return refused(source, [tooMuch]);
  // Where brackets nest too deep, nothing else that could be said would be true.
  const tooDeep = reading.brackets.filter(({ kind }) => kind === 'tooDeep');
  if (tooDeep.length > 0) {
    return refused(
      source,
      tooDeep.map((problem) => bracketMessage(source, problem)),
    );
  }

  const comments = commentsOf(source, reading.comments);
  // What is wrong with characters alone may be too much; the parser would be busy with the ruins.
  const isHopeless = reading.unexpected.length + reading.habits.length > maxErrors;
  const { tree, errors } = isHopeless ? { tree: undefined, errors: [] } : treeOf(reading);
  const losses = [
    ...firstOf(reading.unexpected).map((error) => unexpectedCharacters(source, error)),
    ...firstOf(reading.brackets).map((problem) => bracketMessage(source, problem)),
    ...firstOf(reading.strays).map((stray) => strayMessage(source, stray)),
    ...firstOf(errors).map((error) => parserMessage(source, error)),
    ...firstOf(comments.filter((comment) => looksLikeDivision(source, comment))).map((comment) =>
      divisionMessage(source, comment),
    ),
  ];
  let built = 0;
  const context: BuildContext = {
    file: source.path,
    docsBefore: documentation(source, comments),
    report: (diagnostic) => {
      if (++built <= maxErrors + 1) losses.push(diagnostic);
    },
    expressionDepth: 0,
  };
  const contents = tree === undefined ? undefined : fileContents(context, tree);
  const habits = firstOf(reading.habits).map((token) => habitMessage(source, token));
  const diagnostics = firstErrors(onePerStatement([...losses, ...habits], reading.statementEnds));
  if (contents === undefined || diagnostics.length > maxErrors) return refused(source, diagnostics);
  const damaged = damagedStatements(source, losses, reading.statementEnds);
  const unit: SourceUnit = { kind: 'SourceUnit', span: whole(source), ...contents, comments, damaged };
  return { unit, diagnostics, isRefused: false, tree };
}

/** The tree is undefined where there are too many errors to go on. */
function treeOf({ tokens }: TokenReading): {
  readonly tree: FileCstNode | undefined;
  readonly errors: readonly IRecognitionException[];
} {
  const correct = parseCorrect(tokens);
  if (isFile(correct)) return { tree: correct, errors: [] };
  const parser = netParser();
  parser.input = [...tokens];
  try {
    const root = parser.file();
    return { tree: isFile(root) ? root : undefined, errors: parser.errors };
  } catch (error) {
    if (!(error instanceof TooManyErrors)) throw error;
    return { tree: undefined, errors: parser.errors };
  }
}

/** Each kind of mistake comes in the order of the source, so that no more of one kind can be among the first of all. */
function firstOf<T>(mistakes: readonly T[]): readonly T[] {
  return mistakes.slice(0, maxErrors + 1);
}

function refused(source: SourceFile, diagnostics: readonly Diagnostic[]): TreeResult {
  const unit: SourceUnit = {
    kind: 'SourceUnit',
    span: whole(source),
    version: undefined,
    declarations: [],
    comments: [],
    damaged: [],
  };
  return { unit, diagnostics, isRefused: true, tree: undefined };
}

function whole(source: SourceFile): Span {
  return { file: source.path, start: 0, end: source.text.length };
}

function isFile(tree: CstNode | undefined): tree is FileCstNode {
  return tree?.name === 'file';
}

function divisionMessage(source: SourceFile, { span, text }: Comment): Diagnostic {
  const blanks = source.text[span.start - 1] === ' ' ? ' ' : '  ';
  const shown = text.length > 20 ? `${text.slice(0, 17)}...` : text;
  return errorAt('N1002', span, '`//` begins a comment here and does not divide', {
    help: `Write \`floordiv(a, b)\` to divide and round down; put two blanks before \`${shown}\` if it is a comment.`,
    fix: { title: 'Keep the comment', edits: [{ span: { ...span, end: span.start }, text: blanks }] },
  });
}
