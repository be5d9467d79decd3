import type { IRecognitionException, IToken } from 'chevrotain';
import { closingText, end, maxBracketDepth, type BracketProblem } from '../../../grammar/brackets.ts';
import type { Stray } from '../../../grammar/strays.ts';
import type { Unexpected } from '../../../grammar/tokenize.ts';
import * as t from '../../../grammar/tokens.ts';
import { closest } from '../diagnostics/closest.ts';
import {
  errorAt,
  fixAt,
  type Fix,
  type Diagnostic,
  type DiagnosticDetails,
} from '../diagnostics/diagnostic.ts';
import { replacement } from '../diagnostics/did-you-mean.ts';
import { remedyForLoop } from './loop-names.ts';
import { sizeForAxis } from './size-for-axis.ts';
import { allStatements } from './statement-words.ts';
import type { Piece } from '../source/piece.ts';
import type { Span } from '../source/span.ts';

/** Puts what lexer, token filters and parser complain of into words. */

export function tokenSpan(piece: Piece, token: IToken): Span {
  return piece.span(token.startOffset, end(token));
}

function quoted(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 37)}...` : text;
  return `\`${short}\``;
}

// ---------------------------------------------------------------- characters

const remedies: Readonly<Record<string, string>> = {
  '^': 'There is no operator for powers: write `pow(a, b)`.',
  '@': 'There is no operator for matrix products: use `contract` or `linear`.',
  '`': 'Strings stand in double quotes.',
  "'": 'Strings stand in double quotes.',
  '.': 'A number needs digits on both sides of its point; `..` makes a range.',
  '|': 'Write `or`, or `|>` for a pipe.',
  '&': 'Write `and`.',
  '?': 'There is no conditional operator: use `if`.',
  '\u201c': 'Strings stand in straight quotes.',
  '\u201d': 'Strings stand in straight quotes.',
  '\u00a0': 'It looks like a blank and is none: write an ordinary one.',
  '\\': 'A statement goes on in the next line after an operator or inside a bracket.',
};

export function unexpectedCharacters(piece: Piece, error: Unexpected): Diagnostic {
  const span = piece.span(error.offset, error.offset + error.length);
  const text = piece.slice(span);
  const [first = ''] = text;
  const help = memberRemedy(piece, span) ?? remedies[first];
  const fix = text === '\u00a0' ? { fix: fixAt('Write an ordinary blank', span, ' ') } : {};
  const code = first.codePointAt(0) ?? 0;
  const visible = /[\p{L}\p{N}\p{P}\p{S}]/u.test(first) ? quoted(text) : `U+${hex(code)}`;
  const details = help === undefined ? {} : { help };
  return errorAt('N1001', span, `${visible} has no meaning here`, { ...details, ...fix });
}

/** What modules and packages are called, whose members stand alone here. */
const owners = /^(?:self|this|super|nn|F|K|tf|np|jnp|torch|keras|layers|functional)$/;

/** What to write for a point between two names, as in `self.conv`, `x.mean(1)` and `list.append(x)`. */
function memberRemedy(piece: Piece, span: Span): string | undefined {
  const start = piece.offsetOf(span);
  const [, owner] = /([A-Za-z_]\w*)$/.exec(piece.text.slice(Math.max(0, start - 40), start)) ?? [];
  const [, member, call] = /^\.([A-Za-z_]\w*)(\s*\()?/.exec(piece.text.slice(start, start + 40)) ?? [];
  if (owner === undefined || member === undefined) return undefined;
  if (call === undefined || owners.test(owner))
    return 'Names stand alone: there is no `self.conv` and no `nn.Linear`. A binding, `conv = conv(...)`, is an instance with weights.';
  if (member === 'append') return `A list grows by another one: \`${owner} = ${owner} ++ [x]\`.`;
  return `What works on a tensor is no member of it, and is called by its name: \`${owner} |> ${member}(...)\`.`;
}

function hex(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, '0');
}

// ---------------------------------------------------------------- habits

export function habitMessage(piece: Piece, token: IToken): Diagnostic {
  const span = tokenSpan(piece, token);
  const replace = (text: string, help: string, title = help.replace(/\.$/, '')): DiagnosticDetails => ({
    help,
    fix: fixAt(title, span, text),
  });
  const word = (meant: string) =>
    errorAt(
      'N1001',
      span,
      `${quoted(token.image)} is not an operator`,
      replace(meant, `Write \`${meant.trim()}\`.`),
    );
  switch (token.tokenType) {
    case t.UnterminatedString:
      return errorAt('N1004', span, 'this string is not closed', {
        help: 'A string ends with `"` on the line it began; a line break inside is written `\\n`.',
      });
    case t.SingleQuoted: {
      const inner = token.image.slice(1, -1).replaceAll('"', '\\"');
      return errorAt(
        'N1001',
        span,
        'strings stand in double quotes',
        replace(`"${inner}"`, `Write ${quoted(`"${inner}"`)}.`),
      );
    }
    case t.Semicolon:
      return errorAt(
        'N1001',
        span,
        '`;` is not needed',
        replace('', 'A statement ends with its line.', 'Remove the `;`'),
      );
    case t.HashComment:
      return errorAt(
        'N1001',
        span.part(0, 1),
        'comments begin with `//`',
        replace(`//${token.image.slice(1)}`, 'Replace `#` by `//`.'),
      );
    case t.Ampersands:
      return word('and');
    case t.Bars:
      return word('or');
    case t.Bang:
      return word('not ');
    default:
      return word('->');
  }
}

// ---------------------------------------------------------------- brackets

export function bracketMessage(piece: Piece, problem: BracketProblem): Diagnostic {
  switch (problem.kind) {
    case 'unclosed': {
      const closing = closingText(problem.open);
      const span = problem.at === undefined ? piece.at(piece.text.length) : tokenSpan(piece, problem.at);
      const related = [
        { span: tokenSpan(piece, problem.open), message: `this \`${problem.open.image}\` is not closed` },
      ];
      if (problem.suspect !== undefined && problem.suspect !== problem.open) {
        related.push({
          span: tokenSpan(piece, problem.suspect),
          message: 'by the indentation, it is this one that lacks its end',
        });
      }
      return errorAt('N1002', span, `expected \`${closing}\` before ${foundText(piece, problem.at)}`, {
        related,
        help: `Close the \`${problem.open.image}\` with \`${closing}\`.`,
      });
    }
    case 'stray':
      return errorAt(
        'N1002',
        tokenSpan(piece, problem.token),
        `there is nothing open that \`${problem.token.image}\` could close`,
        { help: 'Remove it, or add the bracket that it closes.' },
      );
    case 'crossed': {
      const closing = closingText(problem.open);
      const span = tokenSpan(piece, problem.token);
      return errorAt('N1002', span, `expected \`${closing}\`, found \`${problem.token.image}\``, {
        related: [{ span: tokenSpan(piece, problem.open), message: 'opened here' }],
        help: `Write \`${closing}\`.`,
        fix: fixAt(`Replace it by \`${closing}\``, span, closing),
      });
    }
    case 'tooDeep':
      return errorAt(
        'N6003',
        tokenSpan(piece, problem.token),
        `brackets are nested more than ${maxBracketDepth} deep`,
        { help: 'Bind inner parts to names, or move inner bodies to blocks of their own.' },
      );
  }
}

// ---------------------------------------------------------------- strays

const declarationWords = ['language', 'import', 'labels', 'block', 'loss', 'model', 'train'];
/** Words of other languages, and what they are here. */
const foreign: Readonly<Record<string, string>> = {
  def: 'block',
  fn: 'block',
  func: 'block',
  function: 'block',
  class: 'block',
  module: 'block',
  layer: 'block',
  struct: 'block',
  net: 'model',
  network: 'model',
  include: 'import',
  use: 'import',
  require: 'import',
  classes: 'labels',
};

export function strayMessage(piece: Piece, stray: Stray): Diagnostic {
  const span = tokenSpan(piece, stray.token);
  const image = quoted(stray.token.image);
  if (stray.place === 'top') {
    const word = stray.token.image;
    const near = Object.hasOwn(foreign, word) ? foreign[word] : closest(word, declarationWords);
    const list = 'Declarations begin with `import`, `labels`, `block`, `loss`, `model` or `train`.';
    if (word === 'from') {
      const help = 'Names come first: `import { Name } from "./file.net"`.';
      return errorAt('N1002', span, `expected a declaration, found ${image}`, { help });
    }
    return errorAt('N1002', span, `expected a declaration, found ${image}`, {
      help: near === undefined ? list : `Did you mean \`${near}\`? ${list}`,
      ...(near === undefined ? {} : { fix: replacement(word, span, near) }),
    });
  }
  if (stray.place === 'train') {
    return errorAt('N1002', span, `expected a setting, found ${image}`, {
      help: 'In `train` stand `target`, `weight`, `name = value`, and settings such as `epochs 30`.',
    });
  }
  return errorAt('N1002', span, `expected a statement, found ${image}`, {
    help: allStatements,
  });
}

// ---------------------------------------------------------------- parser

/** Chevrotain's exceptions for mismatches carry the token before, though their common interface does not say so. */
type ParserError = IRecognitionException & { readonly previousToken?: IToken };

export function parserMessage(piece: Piece, error: ParserError): Diagnostic {
  const rules = error.context.ruleStack;
  const rule = rules.at(-1) ?? '';
  if (rule === 'forStmt' && loopBrackets.has(error.token.tokenType)) {
    const message = 'a `for` has one name, or two in parentheses: the number of the turn and the element';
    return errorAt('N1002', place(piece, error), message, remedyForLoop(piece, error.token.startOffset));
  }
  const expected = error.name === 'MismatchedTokenException' ? expectedToken(error, rule) : undefined;
  const what = expected ?? descriptions[rule] ?? 'something else';
  const sized = rules.includes('call') ? sizeForAxis(piece, error.token) : undefined;
  const help = sized?.help ?? unnamedOutput(piece, error) ?? remedy(error, rule, rules);
  const fix = sized?.fix ?? colonFor(piece, error, rules) ?? blankFor(piece, error, rule);
  const found = `expected ${what}, found ${foundText(piece, error.token)}`;
  return errorAt('N1002', place(piece, error), found, {
    ...(help === undefined ? {} : { help }),
    ...(fix === undefined ? {} : { fix }),
  });
}

/** `epochs: 30`, where a setting is followed by its value. */
function blankFor(piece: Piece, { token }: ParserError, rule: string): Fix | undefined {
  if (rule !== 'trainItem' || Number.isNaN(token.startOffset)) return undefined;
  const [colon] = /^[ \t]*:[ \t]*/.exec(piece.text.slice(end(token), end(token) + 40)) ?? [];
  return colon === undefined
    ? undefined
    : fixAt('Leave out the colon', piece.span(end(token), end(token) + colon.length), ' ');
}

/** What stands where the head of a loop has other names than it takes. */
const loopBrackets = new Set([t.Comma, t.LParen, t.RParen]);

/** `f(size = 3)`, where arguments are named with a colon. */
function colonFor(
  piece: Piece,
  { token, previousToken }: ParserError,
  rules: readonly string[],
): Fix | undefined {
  if (token.tokenType !== t.Equals || previousToken === undefined || !rules.includes('call'))
    return undefined;
  const colon = /\s/.test(piece.text[end(token)] ?? ' ') ? ':' : ': ';
  return fixAt('Replace `=` by `:`', piece.span(end(previousToken), end(token)), colon);
}

/** What to say of `output y |> softmax(C)` and `output softmax(y)`. */
function unnamedOutput(piece: Piece, { token }: ParserError): string | undefined {
  const isUnnamed = /^\s*output[ \t]+\w+[ \t]*$/.test(piece.lineUpTo(token.startOffset));
  return isUnnamed ? 'What an output is called stands first: `output logits = ...`.' : undefined;
}

/** The token found; where the line or file ends too soon, the place just after its last token. */
function place(piece: Piece, error: ParserError): Span {
  if (!Number.isNaN(error.token.startOffset)) return tokenSpan(piece, error.token);
  const { previousToken } = error;
  const known = previousToken !== undefined && !Number.isNaN(previousToken.startOffset);
  const at = known ? end(previousToken) : piece.text.length;
  return piece.at(at);
}

function foundText(piece: Piece, token: IToken | undefined): string {
  if (token === undefined || token.tokenType.name === 'EOF') {
    return piece.isLast ? 'the end of the file' : 'the next declaration';
  }
  if (token.tokenType === t.Terminator) return 'the end of the line';
  return token.tokenType === t.StringToken ? 'a string' : quoted(token.image);
}

/** What a place of the grammar wants, where no single token says it. */
const descriptions: Readonly<Record<string, string>> = {
  declaration: 'a declaration',
  blockDecl: '`block` or `loss`',
  trainItem: 'a setting with its value, as `epochs 30`',
  trainTensor: '`target` or `weight`',
  hyperType: 'a type',
  outputs: 'the type of the result, as `[N, C]` or `([N, C], [N])`',
  axis: 'an axis',
  statement: 'a statement',
  bind: 'a name to bind',
  forStmt: 'the name of the element',
  expression: 'a value',
  operation: 'an operator',
  primary: 'a value',
  suffix: '`(` or `[`',
  axisTarget: 'an axis, or axes in `[ ]`',
};

/** What the items of a bracket are called, by the rule that holds the bracket. */
const itemsOf: Readonly<Record<string, string>> = {
  importDecl: 'a name',
  hypers: 'a hyper-parameter',
  inputs: 'an input',
  blockType: 'a tensor type',
  outputs: 'a tensor type',
  tensorType: 'an axis',
  call: 'a value',
  group: 'a value',
  list: 'a value',
  axisTarget: 'an axis',
  bind: 'a name',
};

const closers = new Set([t.RParen, t.RSquare, t.RCurly]);
const beforeItems = new Set([t.LParen, t.LSquare, t.LCurly, t.Comma]);

function expectedToken(error: ParserError, rule: string): string {
  const type = t.tokens.find((token) => token.name === error.message);
  // What is no token of the grammar is the end of the file.
  if (type === undefined) return 'a declaration';
  const label = type.LABEL ?? type.name;
  const item = itemsOf[rule];
  if (!closers.has(type) || item === undefined) return label;
  const before = error.previousToken?.tokenType;
  return before !== undefined && beforeItems.has(before) ? `${item} or ${label}` : `\`,\` or ${label}`;
}

const twoGroups =
  'A block has two groups, its hyper-parameters, which may be empty, and its inputs: `block Name()(x: [N, C]) -> [N, C]`.';

/** What to write, by the rule that was not satisfied and the token it expected. */
const remediesByRule: Readonly<Record<string, string>> = {
  [`inputs ${t.LParen.name}`]: twoGroups,
  [`hypers ${t.LParen.name}`]: twoGroups,
  [`blockDecl ${t.Arrow.name}`]: 'Say what comes out: `-> [N, C]`.',
  [`blockType ${t.Arrow.name}`]: 'Say what comes out: `-> [N, C]`.',
  [`hyper ${t.Colon.name}`]: 'Every hyper-parameter has a type: `name: int = 4`.',
  [`tensorDecl ${t.Colon.name}`]: 'Every input has a type: `x: [N, C]`.',
  [`body ${t.LCurly.name}`]: 'A body stands in braces: `for x in list { ... }`.',
  [`paramStmt ${t.Equals.name}`]: 'Every parameter names its initialiser: `param scale: [C] = ones`.',
  [`listType ${t.RSquare.name}`]: twoGroups,
  [`paramStmt ${t.Colon.name}`]: 'Every parameter has a type: `param scale: [C] = ones`.',
  [`inputStmt ${t.Colon.name}`]: 'Every input has a type: `input image: [N, C: 3]`.',
  [`trainTensor ${t.Colon.name}`]: 'Say its type: `target findings: [N, K]`.',
  [`bind ${t.RParen.name}`]: 'A statement that begins with `(` binds a tuple of names: `(a, b) = f(x)`.',
  [`importDecl ${t.LCurly.name}`]: 'The names stand in braces: `import { A } from "./a.net"`.',
  [`importDecl ${t.From.name}`]: 'An import ends with the file: `import { A } from "./a.net"`.',
};

function remedy(error: ParserError, rule: string, rules: readonly string[]): string | undefined {
  const expected = error.name === 'MismatchedTokenException' ? error.message : '';
  const known = remediesByRule[`${rule} ${expected}`];
  if (known !== undefined) return known;
  const { token, previousToken } = error;
  if (token.tokenType === t.Equals && rules.includes('call'))
    return 'Arguments are named with a colon: `f(size: 3)`.';
  if (token.tokenType === t.Times && previousToken?.tokenType === t.Times) {
    return 'There is no operator for powers: write `pow(a, b)`.';
  }
  if (token.tokenType === t.If && expected !== t.Name.name) {
    return 'A value has no `if` in it: bind it in the branches of a statement, `if c { y = a } else { y = b }`.';
  }
  if (token.tokenType === t.Colon && rules.includes('index')) {
    return 'A list is cut by `..`, as in `list[1..3]`, a tensor along an axis by `slice(T, start: 1, stop: 3)`.';
  }
  if (token.tokenType === t.NumberToken && (rule === 'tensorType' || rule === 'axis'))
    return 'Axes have names: `[N, C: 3]`.';
  if (isReserved(token) && expected === t.Name.name) {
    return `\`${token.image}\` is a word of the language and cannot be a name.`;
  }
  return undefined;
}

function isReserved(token: IToken): boolean {
  return t.reservedWords.includes(token.image);
}
