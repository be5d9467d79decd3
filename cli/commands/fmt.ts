import { isUtf8 } from 'node:buffer';
import { realpathSync } from 'node:fs';
import { SourceFile } from '../../src/compiler/source/source-file.ts';
import type { Diagnostic } from '../../src/compiler/diagnostics/diagnostic.ts';
import { UserError } from '../../src/runtime/errors.ts';
import { fromSystem } from '../../src/runtime/system-errors.ts';
import { defineCommand } from '../command.ts';
import { diagnosticsAsJson, printDiagnostics } from '../compile-source.ts';
import { exitCodes } from '../exit-codes.ts';
import { jsonOption, jsonReport } from '../json.ts';

/** What became of a file. `unformatted` with --check, `formatted` without: it was not as the formatter writes it. */
type Outcome =
  | { readonly file: string; readonly state: 'unchanged' | 'formatted' | 'unformatted' }
  | {
      readonly file: string;
      readonly state: 'error';
      readonly text: string;
      readonly diagnostics: readonly Diagnostic[];
    };

export const fmtCommand = defineCommand({
  command: 'fmt <files..>',
  summary: 'Write sources in the one format',
  examples: [
    ['$0 fmt models/mair.net', 'Format a file in place'],
    ['$0 fmt --check models/*.net', 'Only say which files are not formatted; exit code 1 if any'],
  ],
  options: (cli) =>
    cli
      .positional('files', { type: 'string', array: true, demandOption: true, describe: 'Sources (.net)' })
      .option('check', { type: 'boolean', default: false, describe: 'Change nothing, only report' })
      .option('json', jsonOption),

  run: async (args, terminal) => {
    const outcomes: Outcome[] = [];
    for (const file of args.files) outcomes.push(await format(file, args.check));
    const good = outcomes.every(({ state }) => state === 'unchanged' || state === 'formatted');
    if (args.json) {
      const files = outcomes.map((outcome) => ({
        file: outcome.file,
        state: outcome.state,
        diagnostics:
          outcome.state === 'error' ? diagnosticsAsJson(outcome.diagnostics, sourceOf(outcome)) : [],
      }));
      terminal.out(jsonReport('fmt', { ok: good, files }));
    } else {
      for (const outcome of outcomes) {
        if (outcome.state === 'error') printDiagnostics(outcome.diagnostics, sourceOf(outcome), terminal);
        else if (outcome.state === 'formatted') terminal.out(`${outcome.file}: formatted`);
        else if (outcome.state === 'unformatted') terminal.err(`${outcome.file}: not formatted`);
      }
    }
    return good ? exitCodes.ok : exitCodes.source;
  },
});

async function format(file: string, onlyCheck: boolean): Promise<Outcome> {
  const [{ formatNet }, { UnformattableError }, { writeFileAtomic }] = await Promise.all([
    import('../../src/fmt/format.ts'),
    import('../../src/fmt/tree.ts'),
    import('../../src/runtime/atomic-file.ts'),
  ]);
  const text = await readText(file);
  try {
    const formatted = await formatNet(text, { path: file });
    if (formatted === text) return { file, state: 'unchanged' };
    if (onlyCheck) return { file, state: 'unformatted' };
    // A link stays a link: the file that it points to is written.
    await writeFileAtomic(realpathSync(file), formatted);
    return { file, state: 'formatted' };
  } catch (error) {
    if (!(error instanceof UnformattableError)) throw error;
    return { file, state: 'error', text, diagnostics: error.diagnostics };
  }
}

async function readText(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    const { readFile } = await import('node:fs/promises');
    bytes = await readFile(file);
  } catch (error) {
    throw fromSystem(error, file, 'read');
  }
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new UserError('R1002', 'This is not text in UTF-8.', {
    place: file,
    remedy: 'Give a source of netc, saved as UTF-8.',
  });
}

function sourceOf({ file, text }: { readonly file: string; readonly text: string }) {
  return { sources: new Map([[file, new SourceFile(file, text)]]), display: (path: string) => path };
}
