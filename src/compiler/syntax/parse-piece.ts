import type { CstNode, IRecognitionException } from 'chevrotain';
import type { FileCstNode } from '../../../grammar/cst-types.ts';
import { parseCorrect } from '../../../grammar/correct-parser.ts';
import { netParser, TooManyErrors } from '../../../grammar/parser.ts';
import { readTokens, type TokenReading } from '../../../grammar/read-tokens.ts';
import { errorAt, fixAt, type Diagnostic, type Fix } from '../diagnostics/diagnostic.ts';
import { maxErrors } from '../diagnostics/first-errors.ts';
import type { Piece } from '../source/piece.ts';
import type { Span } from '../source/span.ts';
import type { Comment, Declaration } from './ast.ts';
import type { BuildContext } from './build/context.ts';
import { declarationLines, type LanguageLine } from './build/declarations.ts';
import { commentsOf, documentation, looksLikeDivision } from './comments.ts';
import { damagedStatements } from './damage.ts';
import { refuseTokens, type PieceSize } from './limits.ts';
import {
  bracketMessage,
  habitMessage,
  parserMessage,
  strayMessage,
  unexpectedCharacters,
} from './messages.ts';
import { onePerStatement } from './one-per-statement.ts';

/** The tokens of a piece; `refusal` where there is no sense in parsing them. */
export interface PieceReading {
  readonly piece: Piece;
  readonly tokens: TokenReading;
  readonly refusal: readonly Diagnostic[];
}

export interface ParsedPiece extends PieceSize {
  /** Its declarations, and where it says which version of the language it is in. */
  readonly lines: readonly (Declaration | LanguageLine)[];
  readonly comments: readonly Comment[];
  /** Statements and heads of bodies that could not be read in full. */
  readonly damaged: readonly Span[];
  /** In the order of the source. */
  readonly diagnostics: readonly Diagnostic[];
  /** Too much is wrong for a tree. */
  readonly isLost: boolean;
}

/** A piece with its concrete tree, which keeps parentheses and every token, and so is not kept itself. */
interface PieceWithTree {
  readonly parsed: ParsedPiece;
  readonly tree: FileCstNode | undefined;
}

export function readPiece(piece: Piece): PieceReading {
  const tokens = readTokens(piece.text);
  const tooMuch = refuseTokens(piece, tokens);
  if (tooMuch !== undefined) return { piece, tokens, refusal: [tooMuch] };
  // Where brackets nest too deep, nothing else that could be said would be true.
  const tooDeep = tokens.brackets.filter(({ kind }) => kind === 'tooDeep');
  return { piece, tokens, refusal: tooDeep.map((problem) => bracketMessage(piece, problem)) };
}

/** How many words and characters of a piece that is not parsed yet mean nothing in the language. */
export function foreignCount(slot: PieceReading | ParsedPiece): number {
  return 'tokens' in slot ? slot.tokens.unexpected.length + slot.tokens.habits.length : 0;
}

/** Builds the syntax of a piece; `isHopeless` leaves it at what is wrong with its characters. */
export function parsePiece({ piece, tokens: reading }: PieceReading, isHopeless: boolean): PieceWithTree {
  const comments = commentsOf(piece, reading.comments);
  const { tree, errors } = isHopeless ? { tree: undefined, errors: [] } : treeOf(reading);
  const losses = [
    ...firstOf(reading.unexpected).map((error) => unexpectedCharacters(piece, error)),
    ...firstOf(reading.brackets).map((problem) => bracketMessage(piece, problem)),
    ...firstOf(reading.strays).map((stray) => strayMessage(piece, stray)),
    ...firstOf(errors).map((error) => parserMessage(piece, error)),
    ...firstOf(comments.filter((comment) => looksLikeDivision(piece, comment))).map((comment) =>
      divisionMessage(piece, comment),
    ),
  ];
  let built = 0;
  const context: BuildContext = {
    piece,
    docsBefore: documentation(piece, comments),
    report: (diagnostic) => {
      if (++built <= maxErrors + 1) losses.push(diagnostic);
    },
    isLossIn: (place) => losses.some(({ span }) => place.encloses(span)),
    expressionDepth: 0,
  };
  const lines = tree === undefined ? [] : declarationLines(context, tree);
  const habits = firstOf(reading.habits).map((token) => habitMessage(piece, token));
  const { statementEnds } = reading;
  const parsed: ParsedPiece = {
    piece,
    lines,
    comments,
    damaged: damagedStatements(piece, losses, statementEnds),
    diagnostics: onePerStatement(
      [...losses, ...habits],
      statementEnds.map((end) => piece.at(end)),
    ),
    tokenCount: reading.tokens.length,
    statementEnds,
    isLost: tree === undefined,
  };
  return { parsed, tree };
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

function isFile(tree: CstNode | undefined): tree is FileCstNode {
  return tree?.name === 'file';
}

function divisionMessage(piece: Piece, { span, text }: Comment): Diagnostic {
  const blanks = piece.text[piece.offsetOf(span) - 1] === ' ' ? ' ' : '  ';
  const shown = text.length > 20 ? `${text.slice(0, 17)}...` : text;
  return errorAt('N1002', span, '`//` begins a comment here and does not divide', {
    help: `Write \`floordiv(a, b)\` to divide and round down; put two blanks before \`${shown}\` if it is a comment.`,
    fix: floorDivision(piece, span) ?? fixAt('Keep the comment', span.before, blanks),
  });
}

/**
 * The fix for what can only have been meant as a division: the line leaves a bracket open, and on both sides stand a name or
 * a number, the left of which no operator binds to what is before it; there may be parentheses instead.
 */
function floorDivision(piece: Piece, span: Span): Fix | undefined {
  const start = piece.offsetOf(span);
  const line = piece.lineUpTo(start);
  const left = /(?:^|[-+=,([:>]|\breturn)\s*(\w+|\([^()]*\))\s*$/.exec(line)?.[1];
  const right = /^\/\/\s*(\w+)(?=\s*[-+,)\]])/.exec(piece.slice(span));
  if (left === undefined || right?.[1] === undefined) return undefined;
  const from = line.lastIndexOf(left) - line.length + start;
  const dividend = left.replace(/^\(|\)$/g, '');
  return fixAt(
    'Divide with `floordiv`',
    piece.span(from, start + right[0].length),
    `floordiv(${dividend}, ${right[1]})`,
  );
}
