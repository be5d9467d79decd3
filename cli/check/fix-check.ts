import { codes } from '../../src/compiler/diagnostics/codes.ts';
import { diagnosticsAsJson } from '../checked-source.ts';
import { jsonReport } from '../json.ts';
import type { ModelChoice } from '../source-options.ts';
import type { Terminal } from '../terminal.ts';
import { writeOutputs } from '../write-outputs.ts';
import { checkedAsJson, printChecked } from './check-report.ts';
import { fixSources, type AppliedFix, type FixedSources } from './fix-sources.ts';
import { unifiedDiff } from './unified-diff.ts';

export interface FixCheckOptions {
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** `netc check --fix`: whether all is well with the sources as they were made, or with `dryRun` would be. */
export async function fixCheck(
  files: readonly string[],
  choice: ModelChoice,
  { dryRun, json }: FixCheckOptions,
  terminal: Terminal,
): Promise<boolean> {
  const fixed = await fixSources(files, choice);
  if (!dryRun) await writeOutputs(fixed.files.map(({ path, after }) => ({ path, content: after })));
  const ok = fixed.results.every(({ failed }) => !failed);
  if (json) {
    const written = dryRun ? [] : fixed.files.map(({ shown }) => shown);
    const fixes = fixed.applied.map(fixAsJson);
    terminal.out(jsonReport('check', { ...checkedAsJson(fixed.results), fixes, written }));
    return ok;
  }
  if (dryRun) printDiff(fixed, terminal);
  else printFixes(fixed, terminal);
  printChecked(fixed.results, terminal);
  if (ok && !dryRun) terminal.out(fixed.results.map(({ file }) => `${file}: no errors`).join('\n'));
  return ok;
}

function fixAsJson({ diagnostic, fix, source }: AppliedFix): Readonly<Record<string, unknown>> {
  const [described] = diagnosticsAsJson([diagnostic], source);
  if (described === undefined) throw new Error('a diagnostic has no description');
  const { code, file, start, end } = described;
  return { code, title: fix.title, file, start, end };
}

function printFixes({ applied, files }: FixedSources, terminal: Terminal): void {
  for (const { diagnostic, fix, source } of applied) {
    const { code, span } = diagnostic;
    const place = source.sources.get(span.file)?.position(span.start);
    const where = `${source.display(span.file)}${place === undefined ? '' : `:${place.line}:${place.column}`}`;
    terminal.out(`${where}: ${fix.title} (${code}, ${codes[code]})`);
  }
  for (const { shown } of files) terminal.out(`${shown}: mended`);
}

/** The output is a patch and nothing else, so that it can be kept and applied. */
function printDiff({ applied, files }: FixedSources, terminal: Terminal): void {
  for (const { shown, before, after } of files) terminal.out(unifiedDiff(shown, before, after));
  const fixes = applied.length === 1 ? '1 fix' : `${applied.length} fixes`;
  terminal.err(`${fixes}; nothing was written.`);
}
