import type { SourceFile } from '../source/source-file.ts';
import type { Span } from '../source/span.ts';
import { codeFrame, type Label } from './code-frame.ts';
import type { Diagnostic, Edit, Fix, Related } from './diagnostic.ts';
import { fixFrame } from './fix-frame.ts';
import { inSourceOrder } from './in-source-order.ts';
import { printable } from './printable.ts';
import { colourStyle, plainStyle, type Style } from './style.ts';

export interface RenderOptions {
  readonly sources: ReadonlyMap<string, SourceFile>;
  readonly colour?: boolean;
  /** How a path of the compiler is shown to the reader; as it is without it. */
  readonly display?: (path: string) => string;
}

/** More than these are counted, not shown. */
const maxShown = 50;

/**
 * All diagnostics for a terminal, in the order of the source, and a last line that counts them. An empty text where
 * there is nothing to say. No line break at the end.
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  if (diagnostics.length === 0) return '';
  const ordered = inSourceOrder(diagnostics, options.sources);
  const shown = ordered.slice(0, maxShown).map((diagnostic) => renderDiagnostic(diagnostic, options));
  return [...shown, summary(ordered)].join('\n\n');
}

/**
 * One diagnostic: what is wrong, where, the lines of the source with the places underlined, what else is to be known,
 * the remedy, the lines that a fix would change, and the calls that led here.
 */
export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions): string {
  const { code, severity, message, span, related, notes, help, fix } = diagnostic;
  const style = options.colour === true ? colourStyle : plainStyle;
  const head = `${style[severity](`${severity}[${code}]`)}${style.strong(`: ${printable(message)}`)}`;
  const labels: Label[] = [
    { span, message: '', primary: true },
    ...related.filter(({ role }) => role === undefined).map(label),
  ];
  const calls = related.filter(({ role }) => role !== undefined);
  const spans = [span, ...related.map((place) => place.span), ...(fix?.edits ?? []).map((edit) => edit.span)];
  const gutter = gutterWidth(spans, options.sources);
  const lines = [head];
  for (const [file, group] of groupByFile(labels)) lines.push(...frame(file, group, gutter, options, style));
  for (const note of notes) lines.push(...remark('note', note, gutter, style));
  if (help !== undefined) lines.push(...remark('help', help, gutter, style));
  if (fix !== undefined) {
    // A fix does what the help says; beside it, it would be said twice.
    if (help === undefined) lines.push(...remark('fix', fix.title, gutter, style));
    lines.push(...changes(fix, span.file, gutter, options, style));
  }
  for (const call of calls) lines.push(...callLines(call, gutter, options, style));
  // The bar under a frame leads to what follows; where nothing does, it goes.
  if (lines.at(-1) === bar(gutter, style)) lines.pop();
  return lines.join('\n');
}

function label({ span, message }: Related): Label {
  return { span, message, primary: false };
}

/** What a fix changes, under the remark that says what it does. */
function changes(
  fix: Fix,
  mainFile: string,
  gutter: number,
  { sources, display = (path) => path }: RenderOptions,
  style: Style,
): string[] {
  return [...groupByFile(fix.edits)].flatMap(([file, edits]: [string, readonly Edit[]]) => {
    const source = sources.get(file);
    if (source === undefined) return [];
    const place =
      file === mainFile ? [] : [`${style.gutter(`${' '.repeat(gutter)}:::`)} ${printable(display(file))}`];
    return [...place, ...fixFrame(source, edits, gutter, style)];
  });
}

/**
 * A call that led to the mistake, with its place on the line that says so: of a chain of calls in several files, each has
 * the same three lines, and their order is that of the calls.
 */
function callLines(
  call: Related,
  gutter: number,
  { sources, display = (path) => path }: RenderOptions,
  style: Style,
): string[] {
  const source = sources.get(call.span.file);
  if (call.role === 'omitted' || source === undefined) return remark('call', call.message, gutter, style);
  const { line, column } = source.position(call.span.start);
  const place = `${display(call.span.file)}:${line}:${column}`;
  return [
    ...remark('call', `${call.message}, ${place}`, gutter, style),
    ...codeFrame(source, [{ span: call.span, message: '', primary: false }], gutter, style),
  ];
}

/** The head `--> file:line:column` and the lines of one file; the first group of a diagnostic has its primary place. */
function frame(
  file: string,
  labels: readonly Label[],
  gutter: number,
  { sources, display = (path) => path }: RenderOptions,
  style: Style,
): string[] {
  const source = sources.get(file);
  const arrow = labels.some((label) => label.primary) ? '-->' : ':::';
  const [first] = labels;
  const place = `${style.gutter(`${' '.repeat(gutter)}${arrow}`)} ${printable(display(file))}`;
  if (source === undefined || first === undefined || source.text === '') return [place];
  const { line, column } = source.position(first.span.start);
  const empty = bar(gutter, style);
  return [`${place}:${line}:${column}`, empty, ...codeFrame(source, labels, gutter, style), empty];
}

function bar(gutter: number, style: Style): string {
  return style.gutter(`${' '.repeat(gutter)} |`);
}

/** `= note: ...`, further lines of the text indented under its first. */
function remark(kind: string, text: string, gutter: number, style: Style): string[] {
  const indent = ' '.repeat(gutter + kind.length + 5);
  const [first = '', ...rest] = text.split('\n').map(printable);
  const lead = `${style.gutter(`${' '.repeat(gutter)} =`)} ${style.strong(`${kind}:`)} `;
  return [`${lead}${first}`, ...rest.map((line) => `${indent}${line}`)];
}

function gutterWidth(spans: readonly Span[], sources: ReadonlyMap<string, SourceFile>): number {
  const numbers = spans.map((span) => sources.get(span.file)?.position(span.end).line ?? 1);
  return String(Math.max(...numbers)).length;
}

function groupByFile<Place extends { readonly span: Span }>(places: readonly Place[]): Map<string, Place[]> {
  const groups = new Map<string, Place[]>();
  for (const place of places) {
    const group = groups.get(place.span.file);
    if (group === undefined) groups.set(place.span.file, [place]);
    else group.push(place);
  }
  return groups;
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic['severity']): string[] => {
    const number = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    return number === 0 ? [] : [`${number} ${severity}${number === 1 ? '' : 's'}`];
  };
  const codes = [...new Set(diagnostics.map((diagnostic) => diagnostic.code))].sort();
  const hidden = diagnostics.length - maxShown;
  const rest = hidden > 0 ? ` (${hidden} more not shown)` : '';
  const which = codes.length > 6 ? 'CODE' : codes.join(' ');
  return `${[...count('error'), ...count('warning')].join(', ')}${rest}; \`netc explain ${which}\` tells more`;
}
