import { relative } from 'node:path';
import { UserError } from '../../src/runtime/errors.ts';
import { reportError } from '../report-error.ts';
import type { Terminal } from '../terminal.ts';
import { SourceWatcher, type Observation } from './source-watcher.ts';

/** One run of a watching command. */
export interface WatchedRun {
  /** False for the first run, which fails as it would without `--watch`: nothing is there to wait for. */
  readonly isAgain: boolean;
  /** What changed since the last run, as the user would write it. */
  readonly changed: readonly string[];
}

/**
 * Runs at once, and again whenever something changed of what the last run looked at. It never returns: a signal ends the
 * process as it ends every other, which is safe at any time since files are written whole or not at all.
 */
export async function watchSources(
  run: (run: WatchedRun) => Promise<void>,
  takeObservations: () => readonly Observation[],
  terminal: Terminal,
): Promise<never> {
  const watcher = new SourceWatcher();
  const folder = process.cwd();
  let changed: readonly string[] = [];
  for (let isAgain = false; ; isAgain = true) {
    try {
      await run({ isAgain, changed });
    } catch (error) {
      if (!isAgain || !(error instanceof UserError)) throw error;
      reportError(error, terminal);
    }
    const stale = await watcher.changed(takeObservations());
    changed = [...new Set(stale.map((path) => relative(folder, path)))];
  }
}

/** The line that ends a run: when it was, why, what came of it, how long it took. */
export function watchLine({ changed }: WatchedRun, result: string, milliseconds: number): string {
  const [first, ...others] = changed;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const why = first === undefined ? '' : `${first}${more} changed: `;
  const now = new Date().toTimeString().slice(0, 8);
  return `${now}  ${why}${result} (${Math.round(milliseconds)} ms); waiting for changes`;
}

/** The same for `--json`. */
export function watchFields(
  { changed }: WatchedRun,
  milliseconds: number,
): Readonly<Record<string, unknown>> {
  return { time: new Date().toISOString(), milliseconds: Math.round(milliseconds), changed };
}
