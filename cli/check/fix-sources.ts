import { realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { applyEdits, textEdit } from '../../src/compiler/source/text-edit.ts';
import { chooseFixes, type ChosenFix } from '../../src/compiler/diagnostics/choose-fixes.ts';
import type { Diagnostic } from '../../src/compiler/diagnostics/diagnostic.ts';
import type { SourceReader } from '../../src/compiler/source/reader.ts';
import { compileSource, type CompiledSource, type ReadThrough } from '../compile-source.ts';
import type { ModelChoice } from '../source-options.ts';
import { AnsweredComplaints } from './answered-complaints.ts';

/** A fix that was applied, and the compilation that asked for it: places are those of its sources. */
export interface AppliedFix extends ChosenFix {
  readonly source: CompiledSource;
}

/** A file that fixes change. */
export interface FixedFile {
  /** Where it lies, links followed. */
  readonly path: string;
  /** The path as the user would write it. */
  readonly shown: string;
  readonly before: string;
  readonly after: string;
}

export interface FixedSources {
  /** What is left to be said of the sources as they would be. */
  readonly results: readonly CompiledSource[];
  readonly applied: readonly AppliedFix[];
  readonly files: readonly FixedFile[];
}

/** What one fix uncovers another may mend; fixes that undo each other must come to an end. */
const maxRounds = 10;

/** Applies the fixes of sources and of what they import, in memory, until there is none left. Writes nothing. */
export async function fixSources(files: readonly string[], choice: ModelChoice): Promise<FixedSources> {
  const texts = new ChangedTexts();
  const applied: AppliedFix[] = [];
  for (let round = 0; ; round++) {
    const results: CompiledSource[] = [];
    const before = applied.length;
    for (const file of files) {
      const source = await compileSource(file, choice, { readThrough: texts.readThrough });
      results.push(source);
      if (round === maxRounds) continue;
      const untried = source.diagnostics.filter((diagnostic) => !texts.hasTried(diagnostic, source));
      const fixes = chooseFixes(untried, source.sources).filter((chosen) => isOurs(chosen, source));
      texts.apply(fixes, source);
      applied.push(...fixes.map((chosen) => ({ ...chosen, source })));
    }
    if (applied.length === before) return { results, applied, files: texts.changed() };
  }
}

/** What lies among installed packages belongs to others, and is gone with the next installation. */
function isOurs({ fix }: ChosenFix, { onDisk }: CompiledSource): boolean {
  return fix.edits.every(({ span }) => !onDisk(span.file).split(sep).includes('node_modules'));
}

function realPathOf({ span }: Diagnostic, onDisk: (path: string) => string): string {
  return realpathSync(onDisk(span.file));
}

/** Files as they lie on the disk, and as the fixes so far would have them. */
class ChangedTexts {
  private readonly files = new Map<string, FixedFile>();
  private readonly answered = new AnsweredComplaints();

  readonly readThrough: ReadThrough = (reader: SourceReader, onDisk): SourceReader => ({
    read: (path) => {
      const result = reader.read(path);
      // What cannot be read was never changed.
      if (result.kind !== 'text') return result;
      const changed = this.files.get(realpathSync(onDisk(path)));
      return changed === undefined ? result : { kind: 'text', text: changed.after };
    },
  });

  /** Whether the fix of a complaint was applied before, to no effect. */
  hasTried(diagnostic: Diagnostic, { onDisk }: CompiledSource): boolean {
    return diagnostic.fix !== undefined && this.answered.includes(realPathOf(diagnostic, onDisk), diagnostic);
  }

  apply(fixes: readonly ChosenFix[], { sources, reader, display, onDisk }: CompiledSource): void {
    for (const { diagnostic } of fixes) this.answered.add(realPathOf(diagnostic, onDisk), diagnostic);
    const edits = fixes.flatMap(({ fix }) => fix.edits);
    for (const file of new Set(edits.map(({ span }) => span.file))) {
      const source = sources.get(file);
      const read = reader.read(file);
      if (source === undefined || read.kind !== 'text') throw new Error(`a fix edits ${file}, which was not read`); // prettier-ignore
      const mark = read.text.slice(0, read.text.length - source.text.length);
      const changes = edits.filter(({ span }) => span.file === file).map(textEdit);
      const after = mark + applyEdits(source.text, changes);
      const path = realpathSync(onDisk(file));
      this.answered.move(path, changes);
      const before = this.files.get(path)?.before ?? read.text;
      this.files.set(path, { path, shown: display(file), before, after });
    }
  }

  changed(): readonly FixedFile[] {
    return [...this.files.values()].filter(({ before, after }) => before !== after);
  }
}
