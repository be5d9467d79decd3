import type { Compilation } from '../compiler/compile.ts';
import type { ResolvedModule } from '../compiler/resolve/program.ts';
import type { SourceFile } from '../compiler/source/source-file.ts';
import type { Project } from './project.ts';

/** An open document as it was last checked: what every feature of the server works on. */
export interface CheckedDocument {
  /** As the client wrote it. */
  readonly uri: string;
  /** Of the text, as the client counts. */
  readonly version: number;
  /** The path of the file as the compiler knows it. */
  readonly path: string;
  readonly project: Project;
  readonly source: SourceFile;
  readonly compilation: Compilation;
  /** Undefined where the file could not be read at all. */
  readonly module: ResolvedModule | undefined;
}
