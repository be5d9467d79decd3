import { resolve } from 'node:path';
import type { ReadResult, SourceReader } from '../../src/compiler/source/reader.ts';
import type { Workspace } from '../../src/compiler/workspace.ts';
import { UserError } from '../../src/runtime/errors.ts';
import { compileSource, type CompiledSource, type ReadThrough } from '../compile-source.ts';
import { openProject } from '../project.ts';
import type { ModelChoice } from '../source-options.ts';
import type { Observation } from './source-watcher.ts';

/**
 * Compiles sources again and again while they change, and keeps what the compiler asked of the disk. Everything that one
 * compilation may hand on to the next belongs in here.
 */
export class Recompiler {
  private readonly choice: ModelChoice;
  private readonly folder = process.cwd();
  private readonly workspaceOf: ((root: string) => Workspace) | undefined;
  private observed = new Map<string, Observation>();

  /** `workspaceOf` remembers; left out, each compilation starts from nothing, and gives the same bytes as any other. */
  constructor(choice: ModelChoice, workspaceOf?: (root: string) => Workspace) {
    this.choice = choice;
    this.workspaceOf = workspaceOf;
  }

  /** Like `compileSource`, and throws like it: what to wait for is known even then. */
  compileAgain(file: string): Promise<CompiledSource> {
    const found = this.find(file);
    const path = resolve(this.folder, file);
    // The file itself, under another key than its text: it may be a link, or not be there.
    this.observed.set(`${path} (found)`, { path, isStale: () => this.find(file) !== found });
    const { folder, remember: readThrough, workspaceOf } = this;
    const options = { folder, readThrough, ...(workspaceOf === undefined ? {} : { workspaceOf }) };
    return compileSource(file, this.choice, options);
  }

  /** Everything that was read or looked for since the last call. */
  takeObservations(): readonly Observation[] {
    const taken = [...this.observed.values()];
    this.observed = new Map();
    return taken;
  }

  private readonly remember: ReadThrough = (reader: SourceReader, onDisk): SourceReader => ({
    read: (path) => {
      const answer = reader.read(path);
      const place = onDisk(path);
      // Of two answers in one round the first counts: if the file changed in between, it is stale.
      if (!this.observed.has(place) && answer.kind !== 'outside') {
        this.observed.set(place, { path: place, isStale: () => !isSame(reader.read(path), answer) });
      }
      return answer;
    },
  });

  /** Where a file lies that the user named, or why it cannot be had. */
  private find(file: string): string {
    try {
      const { entry, onDisk } = openProject(file, this.folder);
      return onDisk(entry);
    } catch (error) {
      if (error instanceof UserError) return error.code;
      throw error;
    }
  }
}

function isSame(a: ReadResult, b: ReadResult): boolean {
  switch (a.kind) {
    case 'text':
      return b.kind === 'text' && a.text === b.text;
    case 'unreadable':
      return b.kind === 'unreadable' && a.reason === b.reason;
    case 'missing':
    case 'outside':
      return a.kind === b.kind;
  }
}
