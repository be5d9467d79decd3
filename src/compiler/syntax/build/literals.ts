import type { IToken } from 'chevrotain';
import type { BoolLiteral, NumberLiteral, StringLiteral } from '../ast.ts';
import { complain, tokenSpan, type BuildContext } from './context.ts';

const wellFormed = /^\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?(?:[eE][+-]?\d+)?$/;
const integral = /^[\d_]+$/;

/** A number; after a complaint its value is NaN, at which the checker stays silent. */
export function numberLiteral(context: BuildContext, token: IToken): NumberLiteral {
  const span = tokenSpan(context, token);
  const text = token.image;
  const integer = integral.test(text);
  let value = Number(text.replaceAll('_', ''));
  if (!wellFormed.test(text)) {
    complain(context, 'N1004', span, `\`${text}\` is not a number`, {
      help: 'Numbers look like `3`, `0.25`, `1e-4` or `1_000_000`; a name cannot begin with a digit.',
    });
    value = NaN;
  } else if (integer && !Number.isSafeInteger(value)) {
    complain(context, 'N1004', span, `\`${text}\` is larger than the largest integer, 9007199254740991`);
    value = NaN;
  } else if (!Number.isFinite(value)) {
    complain(context, 'N1004', span, `\`${text}\` is larger than any number that can be represented`);
    value = NaN;
  }
  return { kind: 'NumberLiteral', span, text, value, integer };
}

export function boolLiteral(context: BuildContext, token: IToken): BoolLiteral {
  return { kind: 'BoolLiteral', span: tokenSpan(context, token), value: token.image === 'true' };
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\' };
const escape = /\\(?:u\{([0-9A-Fa-f]{1,6})\}|([^]))/g;

/** The text between the quotes with its escapes resolved; `\u{1F600}` gives a code point. */
export function stringLiteral(context: BuildContext, token: IToken): StringLiteral {
  const span = tokenSpan(context, token);
  const quote = token.image.charAt(0);
  const closed = token.image.length > 1 && token.image.endsWith(quote);
  const inner = token.image.slice(1, closed ? -1 : undefined);
  if (!inner.includes('\\')) return { kind: 'StringLiteral', span, value: inner };
  const value = inner.replace(
    escape,
    (whole: string, code: string | undefined, letter: string | undefined, at: number) => {
      const resolved = code === undefined ? escapes[letter ?? ''] : codePoint(code);
      if (resolved !== undefined) return resolved;
      complain(context, 'N1004', span.part(1 + at, 1 + at + whole.length), `\`${whole}\` is not an escape`, {
        help: 'The escapes are `\\"`, `\\\\`, `\\n`, `\\r`, `\\t` and `\\u{...}` with a code point.',
      });
      return '';
    },
  );
  return { kind: 'StringLiteral', span, value };
}

function codePoint(hex: string): string | undefined {
  const code = Number.parseInt(hex, 16);
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  return code > 0x10ffff || surrogate ? undefined : String.fromCodePoint(code);
}
