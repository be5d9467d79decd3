import type { CstNode } from 'chevrotain';
import type { FileCstNode } from '../../../grammar/cst-types.ts';
import { netParser } from '../../../grammar/parser.ts';
import { readTokens } from '../../../grammar/read-tokens.ts';
import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { SourceFile } from '../source/source-file.ts';
import type { Comment, SourceUnit } from './ast.ts';
import type { BuildContext } from './build/context.ts';
import { fileContents } from './build/declarations.ts';
import { commentsOf, documentation, looksLikeDivision } from './comments.ts';
import { damagedStatements } from './damage.ts';
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
}

export interface TreeResult extends ParseResult {
  /** The concrete tree, which keeps parentheses and every token; undefined where the source was refused. */
  readonly tree: FileCstNode | undefined;
}

/** Sources longer than this (in UTF-16 units) are refused. */
export const maxSourceLength = 4_000_000;

/**
 * Source text to syntax tree. Never throws: what is wrong with the text is said in the diagnostics, in the order of
 * the source, and the tree holds everything that could be understood. Where it could not, `ErrorExpr` stands in;
 * a declaration that lost its name is left out. Time is linear in the length of the text.
 */
export function parse(source: SourceFile): ParseResult {
  const { unit, diagnostics } = parseWithTree(source);
  return { unit, diagnostics };
}

/** As {@link parse}, for those who need the tokens too: the formatter. */
export function parseWithTree(source: SourceFile): TreeResult {
  const whole = { file: source.path, start: 0, end: source.text.length };
  if (source.text.length > maxSourceLength) {
    const message = `the file has more than ${maxSourceLength / 1_000_000} million characters`;
    const tooLong = errorAt('N6001', { ...whole, end: 0 }, message, { help: 'Split it into several files.' });
    const unit = {
      kind: 'SourceUnit',
      span: whole,
      version: undefined,
      declarations: [],
      comments: [],
      damaged: [],
    } as const;
    return { unit, diagnostics: [tooLong], tree: undefined };
  }

  const reading = readTokens(source.text);
  const comments = commentsOf(source, reading.comments);
  const parser = netParser();
  parser.input = [...reading.tokens];
  const root = parser.file();
  const tree = isFile(root) ? root : undefined;

  const losses = [
    ...reading.unexpected.map((error) => unexpectedCharacters(source, error)),
    ...reading.brackets.map((problem) => bracketMessage(source, problem)),
    ...reading.strays.map((stray) => strayMessage(source, stray)),
    ...parser.errors.map((error) => parserMessage(source, error)),
    ...comments
      .filter((comment) => looksLikeDivision(source, comment))
      .map((comment) => divisionMessage(source, comment)),
  ];
  const tooDeep = losses.filter((diagnostic) => diagnostic.code === 'N6003');
  const context: BuildContext = {
    file: source.path,
    docsBefore: documentation(source, comments),
    report: (diagnostic) => losses.push(diagnostic),
    expressionDepth: 0,
  };
  const contents =
    tree === undefined ? { version: undefined, declarations: [] } : fileContents(context, tree);
  const damaged = damagedStatements(source, losses, reading.statementEnds);
  const diagnostics = [...losses, ...reading.habits.map((token) => habitMessage(source, token))];
  return {
    unit: { kind: 'SourceUnit', span: whole, ...contents, comments, damaged },
    // Brackets nested too deep: nothing was parsed, so nothing else that is said would be true.
    diagnostics: tooDeep.length > 0 ? tooDeep : onePerStatement(diagnostics, reading.statementEnds),
    tree,
  };
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
