import { displayWidth } from '../../src/compiler/diagnostics/display-width.ts';
import { printable } from '../../src/compiler/diagnostics/printable.ts';
import { colourStyle, plainStyle, type Style } from '../../src/compiler/diagnostics/style.ts';
import { table } from '../table.ts';

export interface MarkdownOptions {
  readonly columns: number;
  readonly colour: boolean;
}

/** Longer lines are tiring to read, however wide the terminal is. */
const maxColumns = 100;

/** What Markdown our pages use, as blocks: no lists in lists, no quotations, no pictures. */
type MarkdownBlock =
  | { readonly kind: 'heading'; readonly depth: number; readonly text: string }
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'table'; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'item'; readonly mark: string; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string };

/** Markdown for a person at a terminal: headings and code set off, paragraphs as wide as fits. No line break at the end. */
export function renderMarkdown(markdown: string, { columns, colour }: MarkdownOptions): string {
  const style = colour ? colourStyle : plainStyle;
  const width = Math.max(20, Math.min(columns, maxColumns));
  let out = '';
  let last: MarkdownBlock['kind'] | undefined;
  for (const block of blocksOf(markdown)) {
    if (last !== undefined) out += last === 'item' && block.kind === 'item' ? '\n' : '\n\n';
    out += renderBlock(block, width, style, colour);
    last = block.kind;
  }
  return out;
}

function renderBlock(block: MarkdownBlock, width: number, style: Style, colour: boolean): string {
  switch (block.kind) {
    case 'heading': {
      const text = plainText(block.text);
      // Where nothing can be bold, a rule tells the title of the page.
      const rule = !colour && block.depth === 1 ? `\n${'='.repeat(displayWidth(text))}` : '';
      return `${style.strong(text)}${rule}`;
    }
    case 'code':
      return block.lines.map((line) => (line === '' ? '' : `    ${printable(line)}`)).join('\n');
    case 'table': {
      const [head = [], ...rows] = block.rows.map((row) => row.map(plainText));
      return table(head.map((title) => ({ title })), rows); // prettier-ignore
    }
    case 'item': {
      const indent = ' '.repeat(block.mark.length + 1);
      return `${block.mark} ${wrap(block.text, width - indent.length, style).join(`\n${indent}`)}`;
    }
    case 'paragraph':
      return wrap(block.text, width, style).join('\n');
  }
}

function blocksOf(markdown: string): readonly MarkdownBlock[] {
  const blocks: MarkdownBlock[] = [];
  const lines = markdown.split(/\r?\n/);
  for (let i = 0; i < lines.length;) {
    const line = lines[i] ?? '';
    const [, fence] = /^(```+)/.exec(line) ?? [];
    const [, marks, heading] = /^(#{1,6}) +(.*)$/.exec(line) ?? [];
    const [, mark, item] = /^([-*]|\d+\.) +(.*)$/.exec(line) ?? [];
    if (fence !== undefined) {
      const end = lines.indexOf(fence, i + 1);
      const code = lines.slice(i + 1, end < 0 ? undefined : end);
      blocks.push({ kind: 'code', lines: code });
      i += code.length + 2;
    } else if (marks !== undefined && heading !== undefined) {
      blocks.push({ kind: 'heading', depth: marks.length, text: heading });
      i++;
    } else if (line.startsWith('|')) {
      const rows = takeWhile(lines, i, (next) => next.startsWith('|'));
      const cells = rows.map((row) => row.split('|').slice(1, -1).map((cell) => cell.trim())); // prettier-ignore
      blocks.push({
        kind: 'table',
        rows: cells.filter((row) => !row.every((cell) => /^:?-+:?$/.test(cell))),
      });
      i += rows.length;
    } else if (line.trim() === '') i++;
    else {
      const text = [line, ...takeWhile(lines, i + 1, continues)];
      if (mark === undefined || item === undefined) blocks.push({ kind: 'paragraph', text: text.join(' ') });
      else blocks.push({ kind: 'item', mark: mark === '*' ? '-' : mark, text: [item, ...text.slice(1)].join(' ') }); // prettier-ignore
      i += text.length;
    }
  }
  return blocks;
}

function takeWhile(
  lines: readonly string[],
  from: number,
  holds: (line: string) => boolean,
): readonly string[] {
  const end = lines.findIndex((line, i) => i >= from && !holds(line));
  return lines.slice(from, end < 0 ? undefined : end);
}

/** Whether a line goes on with the paragraph above it. */
function continues(line: string): boolean {
  return line.trim() !== '' && !/^(#{1,6} |```|\||[-*] |\d+\. )/.test(line);
}

/** A part of a line of text that is shown in one way. */
interface Piece {
  readonly text: string;
  readonly show: (text: string) => string;
}

/** Code, strong text and links; everything else stands for itself. */
const inline = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)|<\/?[a-z][^>]*>|<!--.*?-->/gi;

function piecesOf(text: string, style: Style): readonly Piece[] {
  const plain = (part: string): Piece => ({ text: part, show: (shown) => shown });
  const pieces: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(inline)) {
    const [whole, code, strong, label, target = ''] = match;
    pieces.push(plain(text.slice(done, match.index)));
    done = match.index + whole.length;
    // Without colours the marks of code stay: they tell a name from a word.
    if (code !== undefined)
      pieces.push(style === plainStyle ? plain(whole) : { text: code, show: style.secondary });
    else if (strong !== undefined) pieces.push({ text: strong, show: style.strong });
    else if (label !== undefined)
      pieces.push(plain(/^https?:/.test(target) ? `${label} (${target})` : label));
  }
  return [...pieces, plain(text.slice(done))];
}

function plainText(text: string): string {
  return piecesOf(text, plainStyle).map((piece) => printable(piece.text)).join(''); // prettier-ignore
}

/** The text in lines of at most `width` columns; a longer word has a line of its own. */
function wrap(text: string, width: number, style: Style): readonly string[] {
  const lines: string[] = [];
  let [line, used] = ['', 0];
  let [word, wordWidth] = ['', 0];
  const place = (): void => {
    if (word === '') return;
    if (used > 0 && used + 1 + wordWidth > width) {
      lines.push(line);
      [line, used] = ['', 0];
    }
    line += `${used > 0 ? ' ' : ''}${word}`;
    used += wordWidth + (used > 0 ? 1 : 0);
    [word, wordWidth] = ['', 0];
  };
  for (const piece of piecesOf(text, style)) {
    // Blanks part words; without one between them, pieces are one word.
    for (const [i, part] of piece.text.split(/\s+/).entries()) {
      if (i > 0) place();
      if (part === '') continue;
      word += piece.show(printable(part));
      wordWidth += displayWidth(printable(part));
    }
  }
  place();
  return line === '' ? lines : [...lines, line];
}
