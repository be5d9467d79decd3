import { isUtf8 } from 'node:buffer';
import { realpathSync } from 'node:fs';
import { SourceFile } from '../../src/compiler/source/source-file.ts';
import type { Diagnostic } from '../../src/compiler/diagnostics/diagnostic.ts';
import { UserError } from '../../src/runtime/errors.ts';
import { fromSystem } from '../../src/runtime/system-errors.ts';
import { defineCommand, UsageError } from '../command.ts';
import { diagnosticsAsJson, printDiagnostics } from '../checked-source.ts';
import { exitCodes } from '../exit-codes.ts';
import { jsonOption, jsonReport } from '../json.ts';

interface LineRange {
  readonly first: number;
  readonly last: number;
}

const rangeOption = {
  type: 'string',
  requiresArg: true,
  describe: 'Format the statements on these lines alone, FIRST:LAST',
  coerce: (text: string): LineRange => {
    const [, first, last] = /^(\d{1,9}):(\d{1,9})$/.exec(text) ?? [];
    const range = { first: Number(first), last: Number(last) };
    if (range.first >= 1 && range.first <= range.last) return range;
    throw new UsageError(`--range takes two line numbers, such as 12:20, not "${text}"`);
  },
} as const;

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
    ['$0 fmt --range 12:20 models/mair.net', 'Format the statements on lines 12 to 20 alone'],
    ['$0 fmt --check models/*.net', 'Only say which files are not formatted; exit code 1 if any'],
  ],
  options: (cli) =>
    cli
      .positional('files', { type: 'string', array: true, demandOption: true, describe: 'Sources (.net)' })
      .option('range', rangeOption)
      .option('check', { type: 'boolean', default: false, describe: 'Change nothing, only report' })
      .option('json', jsonOption),

  run: async (args, terminal) => {
    if (args.range !== undefined && args.files.length > 1) {
      throw new UsageError('--range is of one file; give the lines of each in a run of its own');
    }
    const outcomes: Outcome[] = [];
    for (const file of args.files) outcomes.push(await format(file, args));
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

async function format(
  file: string,
  { check, range }: { readonly check: boolean; readonly range: LineRange | undefined },
): Promise<Outcome> {
  const [{ formatNet }, { formatLines }, { UnformattableError }, { writeFileAtomic }] = await Promise.all([
    import('../../src/fmt/format.ts'),
    import('../../src/fmt/format-range.ts'),
    import('../../src/fmt/tree.ts'),
    import('../../src/runtime/atomic-file.ts'),
  ]);
  const text = await readText(file);
  try {
    const formatted =
      range === undefined
        ? await formatNet(text, { path: file })
        : await formatLines(text, range.first, range.last, { path: file });
    if (formatted === text) return { file, state: 'unchanged' };
    if (check) return { file, state: 'unformatted' };
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
