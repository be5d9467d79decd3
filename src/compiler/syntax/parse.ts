import type { FileCstNode } from '../../../grammar/cst-types.ts';
import { errorAt, fixAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { firstErrors, maxErrors } from '../diagnostics/first-errors.ts';
import { lineEndOf } from '../source/line-end.ts';
import { Piece } from '../source/piece.ts';
import type { SourceFile } from '../source/source-file.ts';
import { Anchor, Span } from '../source/span.ts';
import type { Declaration, NumberLiteral, SourceUnit } from './ast.ts';
import { languageVersion } from './build/declarations.ts';
import { cut, type Cut } from './cut.ts';
import { headOf, KnownPieces } from './known-pieces.ts';
import { refuseLength, refuseSum, type PieceSize } from './limits.ts';
import { foreignCount, parsePiece, readPiece, type ParsedPiece, type PieceReading } from './parse-piece.ts';

export interface ParseResult {
  readonly unit: SourceUnit;
  readonly diagnostics: readonly Diagnostic[];
  /** Nothing was understood: the source is too large or too deep, or too much is wrong with it. The unit is empty. */
  readonly isRefused: boolean;
  /** To be handed in when the file has changed: what is the same is not read again. */
  readonly pieces: readonly ParsedPiece[];
}

/**
 * Source text to syntax tree. Never throws: what is wrong with the text is said in the diagnostics, in the order of
 * the source, and the tree holds everything that could be understood. Where it could not, `ErrorExpr` stands in;
 * a declaration that lost its name is left out. Time is linear in the length of the text.
 *
 * The text is read piece by piece, a declaration each. Pieces of an earlier version of the file that are still there are
 * taken over, nodes and all: their anchors move, and from then on the earlier version's places are no longer true.
 */
export function parse(source: SourceFile, before: readonly ParsedPiece[] = []): ParseResult {
  const tooLong = refuseLength(source);
  if (tooLong !== undefined) return refused(source, [tooLong]);
  const pieces = parsePieces(source, before);
  return 'refusal' in pieces ? refused(source, pieces.refusal) : assemble(source, pieces.parsed);
}

/** As {@link parse}, in one piece and with its tokens: for the formatter. */
export function parseWithTree(source: SourceFile): ParseResult & { readonly tree: FileCstNode | undefined } {
  const tooLong = refuseLength(source);
  const reading = readPiece(Piece.whole(source.path, source.text));
  const refusal = tooLong === undefined ? refusalOf([reading]) : [tooLong];
  if (refusal.length > 0) return { ...refused(source, refusal), tree: undefined };
  const { parsed, tree } = parsePiece(reading, foreignCount(reading) > maxErrors);
  const result = assemble(source, [parsed]);
  return { ...result, tree: result.isRefused ? undefined : tree };
}

function parsePieces(
  source: SourceFile,
  before: readonly ParsedPiece[],
): { readonly parsed: readonly ParsedPiece[] } | { readonly refusal: readonly Diagnostic[] } {
  const { text, path } = source;
  const known = new KnownPieces(before);
  const cuts = cut(text);
  const last = cuts.length - 1;
  const found = cuts.map((place, i) => known.take(text, place, i === last));
  const slots = cuts.map(
    (place, i) => found[i] ?? readPiece(makePiece(path, text, place, known, i === last)),
  );
  const refusal = refusalOf(slots);
  if (refusal.length > 0) return { refusal };

  // What is wrong with characters alone may be too much; the parser would be busy with the ruins.
  const isHopeless = slots.reduce((sum, slot) => sum + foreignCount(slot), 0) > maxErrors;
  const result: ParsedPiece[] = [];
  let errors = 0;
  for (const slot of slots) {
    const piece = 'lines' in slot ? slot : parsePiece(slot, isHopeless).parsed;
    result.push(piece);
    errors += piece.diagnostics.length;
    if (errors > maxErrors) return { refusal: firstErrors(result.flatMap(({ diagnostics }) => diagnostics)) };
  }
  return { parsed: result };
}

/** A piece that was edited keeps its anchor, so that what others know of its head is still found there. */
function makePiece(file: string, text: string, place: Cut, known: KnownPieces, isLast: boolean): Piece {
  const own = text.slice(place.start, place.end);
  const lead = place.declaration - place.start;
  const anchor = known.anchorOf(headOf(own.slice(lead))) ?? new Anchor(file);
  anchor.offset = place.declaration;
  return new Piece(own, anchor, lead, isLast);
}

function refusalOf(slots: readonly (ParsedPiece | PieceReading)[]): readonly Diagnostic[] {
  const single = slots.flatMap((slot) => ('refusal' in slot ? slot.refusal : []));
  if (single.length > 0) return single;
  const sum = refuseSum(slots.map(sizeOf));
  return sum === undefined ? [] : [sum];
}

function sizeOf(slot: ParsedPiece | PieceReading): PieceSize {
  if ('lines' in slot) return slot;
  const { piece, tokens } = slot;
  return { piece, tokenCount: tokens.tokens.length, statementEnds: tokens.statementEnds };
}

function assemble(source: SourceFile, pieces: readonly ParsedPiece[]): ParseResult {
  const { version, declarations, complaints } = contentsOf(source, pieces);
  const found = [...complaints, ...pieces.flatMap((parsed) => parsed.diagnostics)];
  const diagnostics = firstErrors(found.sort((a, b) => a.span.start - b.span.start));
  if (pieces.some(({ isLost }) => isLost) || diagnostics.length > maxErrors)
    return refused(source, diagnostics);
  const unit: SourceUnit = {
    kind: 'SourceUnit',
    span: Span.of(source.path, 0, source.text.length),
    version,
    declarations,
    comments: pieces.flatMap(({ comments }) => comments),
    damaged: pieces.flatMap(({ damaged }) => damaged),
  };
  return { unit, diagnostics, isRefused: false, pieces };
}

/** The declarations of all pieces, and what is wrong with where the version of the language stands. */
function contentsOf(
  source: SourceFile,
  pieces: readonly ParsedPiece[],
): {
  readonly version: NumberLiteral | undefined;
  readonly declarations: readonly Declaration[];
  readonly complaints: readonly Diagnostic[];
} {
  const declarations: Declaration[] = [];
  const complaints: Diagnostic[] = [];
  let first: NumberLiteral | undefined;
  let isStated = false;
  for (const line of pieces.flatMap(({ lines }) => lines)) {
    if (line.kind !== 'LanguageLine') {
      declarations.push(line);
    } else if (isStated || declarations.length > 0) {
      complaints.push(errorAt('N1003', line.span, '`language` stands once, before everything else'));
      isStated = true;
    } else {
      first = line.version;
      isStated = true;
      if (first !== undefined && (!first.integer || first.value !== languageVersion)) {
        complaints.push(
          errorAt('N1003', first.span, `language version ${first.text} is not supported`, {
            help: `This compiler reads \`language ${languageVersion}\`. A newer file needs a newer netc.`,
          }),
        );
      }
    }
  }
  if (!isStated) {
    const start = Span.startOf(source.path);
    const lineEnd = lineEndOf(source.text);
    complaints.push(
      errorAt('N1003', start, 'the file does not say its language version', {
        help: `Begin it with \`language ${languageVersion}\`.`,
        fix: fixAt(
          `Add \`language ${languageVersion}\``,
          start,
          `language ${languageVersion}${lineEnd}${lineEnd}`,
        ),
      }),
    );
  }
  return { version: first, declarations, complaints };
}

function refused(source: SourceFile, diagnostics: readonly Diagnostic[]): ParseResult {
  const unit: SourceUnit = {
    kind: 'SourceUnit',
    span: Span.of(source.path, 0, source.text.length),
    version: undefined,
    declarations: [],
    comments: [],
    damaged: [],
  };
  return { unit, diagnostics, isRefused: true, pieces: [] };
}
