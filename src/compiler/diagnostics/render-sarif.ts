import type { SourceFile } from '../source/source-file.ts';
import type { Span } from '../source/span.ts';
import { codes, type Code } from './codes.ts';
import type { Diagnostic, Edit, Fix, Related, Severity } from './diagnostic.ts';
import { inSourceOrder } from './in-source-order.ts';
import { printable } from './printable.ts';

/*
 * The part of SARIF 2.1.0 that we write: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. Code hosts
 * show the results of such a log beside the lines of a change.
 */

export interface SarifLog {
  readonly $schema: string;
  readonly version: '2.1.0';
  readonly runs: readonly [SarifRun];
}

export interface SarifRun {
  readonly tool: { readonly driver: SarifDriver };
  readonly invocations: readonly [{ readonly executionSuccessful: boolean }];
  /** The folder that `uri`s with its `uriBaseId` are relative to. */
  readonly originalUriBaseIds: Readonly<Record<string, { readonly uri: string }>>;
  readonly columnKind: 'utf16CodeUnits';
  readonly results: readonly SarifResult[];
}

export interface SarifDriver {
  readonly name: 'netc';
  readonly version: string;
  readonly rules: readonly SarifRule[];
}

export interface SarifRule {
  readonly id: Code;
  readonly shortDescription: SarifText;
  readonly fullDescription: SarifText;
  readonly help: SarifText & { readonly markdown: string };
}

export interface SarifResult {
  readonly ruleId: Code;
  readonly ruleIndex: number;
  readonly level: Severity;
  readonly message: SarifText;
  readonly locations: readonly [SarifLocation];
  readonly relatedLocations?: readonly SarifLocation[];
  readonly fixes?: readonly SarifFix[];
}

export interface SarifText {
  readonly text: string;
}

export interface SarifLocation {
  readonly id?: number;
  readonly physicalLocation: {
    readonly artifactLocation: SarifArtifactLocation;
    /** Missing where the file could not be read. */
    readonly region?: SarifRegion;
  };
  readonly message?: SarifText;
}

export interface SarifArtifactLocation {
  readonly uri: string;
  readonly uriBaseId?: string;
}

/** Lines and columns from 1; the end is exclusive. */
export interface SarifRegion {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface SarifFix {
  readonly description: SarifText;
  readonly artifactChanges: readonly {
    readonly artifactLocation: SarifArtifactLocation;
    readonly replacements: readonly {
      readonly deletedRegion: SarifRegion;
      readonly insertedContent: SarifText;
    }[];
  }[];
}

/** What one compilation said; a place lies in its sources. */
export interface SarifInput {
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, SourceFile>;
  readonly locate: (path: string) => SarifArtifactLocation;
}

export interface SarifOptions {
  readonly version: string;
  readonly uriBaseIds: SarifRun['originalUriBaseIds'];
  /** The page that explains a code, in Markdown. */
  readonly page: (code: Code) => string;
}

/** A log of one run over several files. What is said of a file that several of them import is said once. */
export function sarifLog(inputs: readonly SarifInput[], options: SarifOptions): SarifLog {
  const { version, uriBaseIds, page } = options;
  const said = inputs.flatMap((input) =>
    inSourceOrder(input.diagnostics, input.sources).map((diagnostic) => ({ diagnostic, input })),
  );
  const used = [...new Set(said.map(({ diagnostic }) => diagnostic.code))].sort();
  const distinct = new Map<string, SarifResult>();
  for (const { diagnostic, input } of said) {
    const result = resultOf(diagnostic, used.indexOf(diagnostic.code), input);
    const key = JSON.stringify([result.ruleId, result.locations, diagnostic.message]);
    if (!distinct.has(key)) distinct.set(key, result);
  }
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'netc', version, rules: used.map((code) => ruleOf(code, page(code))) } },
        // Mistakes in the sources are results; nothing went wrong with the run.
        invocations: [{ executionSuccessful: true }],
        originalUriBaseIds: uriBaseIds,
        columnKind: 'utf16CodeUnits',
        results: [...distinct.values()],
      },
    ],
  };
}

function ruleOf(code: Code, page: string): SarifRule {
  // A page is its heading, a paragraph that explains, and examples.
  const explanation = page.split('\n\n')[1]?.replaceAll('\n', ' ') ?? codes[code];
  return {
    id: code,
    shortDescription: { text: codes[code] },
    fullDescription: { text: explanation },
    help: { text: page, markdown: page },
  };
}

function resultOf(diagnostic: Diagnostic, ruleIndex: number, input: SarifInput): SarifResult {
  const { code, severity, message, span, related, notes, help, fix } = diagnostic;
  const sentences = [message, ...notes, ...(help === undefined ? [] : [`help: ${help}`])];
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: sentences.flatMap((sentence) => sentence.split('\n').map(printable)).join('\n') },
    locations: [locationOf(span, input)],
    ...(related.length === 0 ? {} : { relatedLocations: related.map((at, i) => relatedAt(at, i, input)) }),
    ...(fix === undefined ? {} : { fixes: [fixOf(fix, input)] }),
  };
}

function relatedAt({ span, message }: Related, index: number, input: SarifInput): SarifLocation {
  return { id: index + 1, ...locationOf(span, input), message: { text: printable(message) } };
}

function locationOf(span: Span, { sources, locate }: SarifInput): SarifLocation {
  const source = sources.get(span.file);
  const artifactLocation = locate(span.file);
  return {
    physicalLocation:
      source === undefined ? { artifactLocation } : { artifactLocation, region: regionOf(span, source) },
  };
}

function regionOf({ start, end }: Span, source: SourceFile): SarifRegion {
  const [first, last] = [source.position(start), source.position(end)];
  return { startLine: first.line, startColumn: first.column, endLine: last.line, endColumn: last.column };
}

function fixOf({ title, edits }: Fix, { sources, locate }: SarifInput): SarifFix {
  const files = [...new Set(edits.map(({ span }) => span.file))];
  return {
    description: { text: printable(title) },
    artifactChanges: files.map((file) => ({
      artifactLocation: locate(file),
      replacements: edits.filter(({ span }) => span.file === file).map((edit) => replacement(edit, sources)),
    })),
  };
}

function replacement({ span, text }: Edit, sources: ReadonlyMap<string, SourceFile>) {
  const source = sources.get(span.file);
  if (source === undefined) throw new Error(`a fix edits ${span.file}, which was not read`);
  return { deletedRegion: regionOf(span, source), insertedContent: { text } };
}
