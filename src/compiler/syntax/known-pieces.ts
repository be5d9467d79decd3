import { tokenize } from '../../../grammar/tokenize.ts';
import { Piece } from '../source/piece.ts';
import type { Anchor } from '../source/span.ts';
import { commentsOf } from './comments.ts';
import type { Cut } from './cut.ts';
import type { ParsedPiece } from './parse-piece.ts';

/** The pieces of the version before, each to be taken once. */
export class KnownPieces {
  private readonly byMeaning = new Map<string, ParsedPiece[]>();
  private byHead: Map<string, Anchor> | undefined;

  constructor(pieces: readonly ParsedPiece[]) {
    for (const parsed of pieces.toReversed()) {
      const meaning = meaningOf(parsed.piece.text, parsed.piece.lead);
      const same = this.byMeaning.get(meaning);
      if (same === undefined) this.byMeaning.set(meaning, [parsed]);
      else same.push(parsed);
    }
  }

  /** The piece that stood for a text before, in its new place; undefined where there is none. */
  take(text: string, place: Cut, isLast: boolean): ParsedPiece | undefined {
    const own = text.slice(place.start, place.end);
    const lead = place.declaration - place.start;
    const same = this.byMeaning.get(meaningOf(own, lead));
    const parsed = same?.at(-1);
    // Whether something follows is told in messages about a piece that ends too soon.
    if (parsed === undefined || (parsed.piece.isLast !== isLast && parsed.diagnostics.length > 0))
      return undefined;
    same?.pop();
    parsed.piece.anchor.offset = place.declaration;
    return parsed.piece.text === own ? parsed : withLead(parsed, own, lead, isLast);
  }

  /** The anchor of a piece with this head that nothing has taken; asked once all that is unchanged has been. */
  anchorOf(head: string): Anchor | undefined {
    if (this.byHead === undefined) {
      const rest = [...this.byMeaning.values()].flat();
      this.byHead = new Map(rest.map(({ piece }) => [headOf(piece.text.slice(piece.lead)), piece.anchor]));
    }
    const anchor = this.byHead.get(head);
    this.byHead.delete(head);
    return anchor;
  }
}

/** `block SIM`: by which an edited piece is known again. */
export function headOf(text: string): string {
  return /^\w+[ \t]+\w+/.exec(text)?.[0] ?? '';
}

/** A piece without the comments before its declaration that are no documentation. */
function meaningOf(text: string, lead: number): string {
  if (lead === 0) return text;
  const docs = text.slice(0, lead).split('\n').filter((line) => line.trim().startsWith('///')); // prettier-ignore
  return `${docs.join('\n')}\0${text.slice(lead)}`;
}

/** A piece with other comments before its declaration. */
function withLead(parsed: ParsedPiece, text: string, lead: number, isLast: boolean): ParsedPiece {
  const piece = new Piece(text, parsed.piece.anchor, lead, isLast);
  const shift = lead - parsed.piece.lead;
  return {
    ...parsed,
    piece,
    comments: [
      ...commentsOf(piece, tokenize(text.slice(0, lead)).comments),
      ...parsed.comments.filter(({ span }) => span.from >= 0),
    ],
    statementEnds: parsed.statementEnds.map((end) => end + shift),
  };
}
