import type { Compilation, Diagnosis } from '../src/compiler/compile.ts';
import { hasErrors, type Diagnostic } from '../src/compiler/diagnostics/diagnostic.ts';
import { jsonDiagnostics, type JsonDiagnostic } from '../src/compiler/diagnostics/render-json.ts';
import { renderDiagnostics } from '../src/compiler/diagnostics/render-text.ts';
import type { SourceReader } from '../src/compiler/source/reader.ts';
import type { Workspace } from '../src/compiler/workspace.ts';
import { openProject } from './project.ts';
import type { ModelChoice } from './source-options.ts';
import type { Terminal } from './terminal.ts';

/** A source from the disk of which it is known what is wrong with it, and the means to report on it. */
export interface CheckedSource extends Diagnosis {
  /** The path as the user wrote it. */
  readonly file: string;
  readonly failed: boolean;
  /** The path as the compiler knows it, and how it reads files: for compiling it again. */
  readonly entry: string;
  readonly reader: SourceReader;
  readonly display: (path: string) => string;
  readonly onDisk: (path: string) => string;
}

/** One that was compiled as far as it goes. */
export interface CompiledSource extends CheckedSource, Compilation {}

/** Stands between the compiler and the disk: `onDisk` says where a path of the compiler lies. */
export type ReadThrough = (reader: SourceReader, onDisk: (path: string) => string) => SourceReader;

export interface CompileSourceOptions {
  /** Where the user stands; left out: where the process does. */
  readonly folder?: string;
  readonly readThrough?: ReadThrough;
  /** What remembers earlier compilations of the project in a folder; left out: nothing is remembered. */
  readonly workspaceOf?: (root: string) => Workspace;
}

/** UserError where the file cannot be read; everything that is wrong with its text comes as diagnostics. */
export async function compileSource(
  file: string,
  choice: ModelChoice,
  { folder = process.cwd(), readThrough = (reader) => reader, workspaceOf }: CompileSourceOptions = {},
): Promise<CompiledSource> {
  const { compile } = await import('../src/compiler/compile.ts');
  const { entry, reader: disk, display, onDisk } = openProject(file, folder);
  const reader = readThrough(disk, onDisk);
  const options = { reader, ...choice };
  const compilation = workspaceOf?.(onDisk('')).compile(entry, options) ?? compile(entry, options);
  const failed = hasErrors(compilation.diagnostics);
  return { ...compilation, file, entry, reader, display, onDisk, failed };
}

/** As {@link compileSource}, for those who want to know of mistakes alone. */
export async function checkSource(file: string, choice: ModelChoice): Promise<CheckedSource> {
  const { diagnose } = await import('../src/compiler/compile.ts');
  const { entry, ...project } = openProject(file, process.cwd());
  const diagnosis = diagnose(entry, { reader: project.reader, ...choice });
  return { ...diagnosis, file, entry, ...project, failed: hasErrors(diagnosis.diagnostics) };
}

type Reported = Pick<CheckedSource, 'sources' | 'display'>;

/** Prints diagnostics for a person; nothing where there are none. */
export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  { sources, display }: Reported,
  terminal: Terminal,
): void {
  const text = renderDiagnostics(diagnostics, { sources, display, colour: terminal.colour });
  if (text !== '') terminal.err(text);
}

/** The same as data for `--json`. */
export function diagnosticsAsJson(
  diagnostics: readonly Diagnostic[],
  { sources, display }: Reported,
): readonly JsonDiagnostic[] {
  return jsonDiagnostics(diagnostics, { sources, display });
}
