import type { Position, SourceFile } from '../source/source-file.ts';
import type { Span } from '../source/span.ts';
import { codes, type Code } from './codes.ts';
import type { Diagnostic, Severity } from './diagnostic.ts';
import { inSourceOrder } from './in-source-order.ts';
import type { RenderOptions } from './render-text.ts';

/** A range of a file. Lines and columns start at 1, columns count UTF-16 units; `end` is exclusive. */
export interface JsonPlace {
  readonly file: string;
  /** Missing where the file could not be read. */
  readonly start?: Position;
  readonly end?: Position;
}

/** A diagnostic as `--json` prints it: a shape that other programs may rely on; see docs/json.md. */
export interface JsonDiagnostic extends JsonPlace {
  readonly code: Code;
  /** What the code stands for, whatever the program. */
  readonly title: string;
  readonly severity: Severity;
  readonly message: string;
  readonly related: readonly (JsonPlace & { readonly message: string })[];
  readonly notes: readonly string[];
  readonly help: string | null;
  readonly fix: {
    readonly title: string;
    readonly edits: readonly (JsonPlace & { readonly text: string })[];
  } | null;
  /** The page that explains the code, relative to the package. */
  readonly documentation: string;
}

/** Diagnostics in the order of the source, as plain data. */
export function jsonDiagnostics(
  diagnostics: readonly Diagnostic[],
  options: Omit<RenderOptions, 'colour'>,
): readonly JsonDiagnostic[] {
  const { sources, display = (path: string) => path } = options;
  const place = (span: Span): JsonPlace => placeOf(span, sources.get(span.file), display(span.file));
  return inSourceOrder(diagnostics, sources).map(
    ({ code, severity, message, span, related, notes, help, fix }) => ({
      code,
      title: codes[code],
      severity,
      message,
      ...place(span),
      related: related.map((other) => ({ message: other.message, ...place(other.span) })),
      notes,
      help: help ?? null,
      fix:
        fix === undefined
          ? null
          : { title: fix.title, edits: fix.edits.map((edit) => ({ text: edit.text, ...place(edit.span) })) },
      documentation: `docs/errors/${code}.md`,
    }),
  );
}

function placeOf(span: Span, source: SourceFile | undefined, file: string): JsonPlace {
  if (source === undefined) return { file };
  return { file, start: source.position(span.start), end: source.position(span.end) };
}
