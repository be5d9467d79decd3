import { resolve } from '../../compiler/resolve/resolve.ts';
import { ResolveMemory } from '../../compiler/resolve/resolve-memory.ts';
import type { SourceFile } from '../../compiler/source/source-file.ts';
import type { Project } from '../project.ts';
import type { Occurrence, Symbol } from './occurrence.ts';
import { occurrencesIn } from './occurrences.ts';

/** An occurrence in some file of a project. */
export interface PlacedOccurrence extends Occurrence {
  readonly source: SourceFile;
}

/**
 * Finds what a symbol is called everywhere in a project. Only blocks, models and labels, and what a call may name of a
 * block, are known in other files.
 */
export class ProjectNames {
  private readonly project: Project;
  private readonly memory = new ResolveMemory();

  constructor(project: Project) {
    this.project = project;
  }

  occurrencesOf(symbols: readonly Symbol[], path: string): readonly PlacedOccurrence[] {
    const keys = new Set(symbols.map(({ key }) => key));
    const paths = symbols.some(isKnownElsewhere) ? this.project.sources() : [path];
    return paths.flatMap((file) => this.inFile(file, keys));
  }

  private inFile(path: string, keys: ReadonlySet<string>): readonly PlacedOccurrence[] {
    const { program } = resolve(path, this.project.reader, this.memory);
    if (program === undefined) return [];
    const { root } = program;
    return occurrencesIn(root)
      .filter(({ symbol }) => keys.has(symbol.key))
      .map((occurrence) => ({ ...occurrence, source: root.source }));
  }
}

function isKnownElsewhere({ kind }: Symbol): boolean {
  return kind === 'block' || kind === 'model' || kind === 'labels' || kind === 'hyper' || kind === 'input';
}
