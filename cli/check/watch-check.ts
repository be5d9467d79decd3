import { Workspace } from '../../src/compiler/workspace.ts';
import { UserError } from '../../src/runtime/errors.ts';
import { jsonReport } from '../json.ts';
import type { ModelChoice } from '../source-options.ts';
import type { Terminal } from '../terminal.ts';
import { Recompiler } from '../watch/recompiler.ts';
import { watchFields, watchLine, watchSources } from '../watch/watch-sources.ts';
import { checkedAsJson, printChecked, wasCompiled, type Checked } from './check-report.ts';

/** `netc check --watch`. With `json` each run prints one line. */
export function watchCheck(
  files: readonly string[],
  choice: ModelChoice,
  json: boolean,
  terminal: Terminal,
): Promise<never> {
  const workspaces = new Map<string, Workspace>();
  const recompiler = new Recompiler(choice, (root) => {
    const known = workspaces.get(root) ?? new Workspace();
    workspaces.set(root, known);
    return known;
  });
  const check = async (file: string, isAgain: boolean): Promise<Checked> => {
    try {
      return await recompiler.compileAgain(file);
    } catch (error) {
      if (!isAgain || !(error instanceof UserError)) throw error;
      return { file, failed: true, error };
    }
  };
  return watchSources(
    async (run) => {
      const start = performance.now();
      const results: Checked[] = [];
      for (const file of files) results.push(await check(file, run.isAgain));
      const milliseconds = performance.now() - start;
      if (json) {
        const fields = { ...watchFields(run, milliseconds), ...checkedAsJson(results) };
        terminal.out(jsonReport('check', fields, 'line'));
      } else {
        printChecked(results, terminal);
        terminal.out(watchLine(run, resultOf(results), milliseconds));
      }
    },
    () => recompiler.takeObservations(),
    terminal,
  );
}

function resultOf(results: readonly Checked[]): string {
  const read = new Set(results.flatMap((result) => (wasCompiled(result) ? [...result.sources.keys()].map(result.onDisk) : []))); // prettier-ignore
  if (!results.some(wasCompiled)) return 'cannot be read';
  const failed = results.filter((result) => result.failed).length;
  const sources = read.size === 1 ? '1 source' : `${read.size} sources`;
  if (failed === 0) return `no errors in ${sources}`;
  return results.length === 1 ? `errors in ${sources}` : `errors in ${failed} of ${results.length} files`;
}
