/** Where a piece of the text begins, where its declaration does, and where it ends. */
export interface Cut {
  readonly start: number;
  readonly declaration: number;
  readonly end: number;
}

/**
 * What begins a declaration wherever it stands at the start of a line: no bracket reaches across it (`beginsDeclaration` in
 * grammar/brackets.ts says the same of tokens).
 */
const beginning =
  /(?<=^|\n)(?:(?:block|loss|model|train)[ \t]+[A-Za-z_]|labels[ \t]+[A-Za-z_]\w*[ \t]*=|import[ \t]*\{|language[ \t]+\d)/g;

/**
 * Cuts a text before each declaration, so that pieces can be read one by one. Comments directly before a declaration
 * belong to it; blank lines between pieces belong to none. Strings and comments end with their line, so that no piece
 * ends inside of one.
 */
export function cut(text: string): readonly Cut[] {
  const declarations = Array.from(text.matchAll(beginning), ({ index }) => index);
  const starts = declarations.map((offset) => firstCommentBefore(text, offset));
  const cuts = declarations.map((declaration, i): Cut => {
    const start = starts[i] ?? declaration;
    return { start, declaration, end: lastInk(text, starts[i + 1] ?? text.length, start) };
  });
  const [first] = cuts;
  const rest = lastInk(text, first?.start ?? text.length, 0);
  return rest === 0 ? cuts : [{ start: 0, declaration: 0, end: rest }, ...cuts];
}

function firstCommentBefore(text: string, declaration: number): number {
  let start = declaration;
  let line = declaration;
  while (line > 0) {
    const from = line === 1 ? 0 : text.lastIndexOf('\n', line - 2) + 1;
    const content = text.slice(from, line).trim();
    if (content.startsWith('//')) start = from;
    else if (content !== '') break;
    line = from;
  }
  return start;
}

/** The offset after the last character before `end` that is not blank. */
function lastInk(text: string, end: number, least: number): number {
  let at = end;
  while (at > least && isBlank(text.charCodeAt(at - 1))) at--;
  return at;
}

function isBlank(character: number): boolean {
  return character === 32 || (character >= 9 && character <= 13);
}
