import type { Compilation } from '../src/compiler/compile.ts';
import { hasErrors } from '../src/compiler/diagnostics/diagnostic.ts';
import type { SourceReader } from '../src/compiler/source/reader.ts';
import type { Workspace } from '../src/compiler/workspace.ts';
import type { CheckedSource } from './checked-source.ts';
import { openProject } from './project.ts';
import type { ModelChoice } from './source-options.ts';

/** A source from the disk, compiled as far as it goes. */
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
