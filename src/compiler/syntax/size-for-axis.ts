import type { IToken } from 'chevrotain';
import * as t from '../../../grammar/tokens.ts';
import { fixAt, type DiagnosticDetails } from '../diagnostics/diagnostic.ts';
import type { Piece } from '../source/piece.ts';

/** What stands before a token: an arrow, the axis or axes on its left, and the beginning of a size on its right. */
const arrow = /(\w+|\])\s*->\s*([A-Za-z_]\w*)?\s*$/;
/** A size up to the end of its argument. */
const size = /^[^,()\n]*(?:\([^()\n]*\)[^,()\n]*)*/;

/** What to say of `C -> C / 2` and `C -> 64`, where a size stands behind the arrow and its axis has no name. */
export function sizeForAxis(piece: Piece, { tokenType, startOffset }: IToken): DiagnosticDetails | undefined {
  const isNumber = tokenType === t.NumberToken;
  if (!isNumber && !sizeGoesOn.has(tokenType)) return undefined;
  const before = piece.text.slice(Math.max(0, startOffset - 120), startOffset);
  const [whole, from, word] = arrow.exec(before) ?? [];
  if (whole === undefined || from === undefined || (word === undefined) !== isNumber) return undefined;
  const isAxis = /^[A-Za-z_]/.test(from);
  const start = word === undefined ? startOffset : startOffset - whole.length + whole.lastIndexOf(word);
  const [text = ''] = size.exec(piece.text.slice(start)) ?? [];
  const name = isAxis ? from : 'K';
  const help = `An axis has a name, and its size stands behind a colon: \`-> ${name}: ${text.trim()}\`.`;
  return isAxis ? { help, fix: fixAt(`Call the axis \`${name}\``, piece.at(start), `${name}: `) } : { help };
}

const sizeGoesOn = new Set([t.Divide, t.Times, t.Plus, t.Minus, t.Remainder, t.LParen]);
