import { closest } from '../../src/compiler/diagnostics/closest.ts';
import { defineCommand, UsageError } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { jsonOption, jsonReport } from '../json.ts';

export const explainCommand = defineCommand({
  command: 'explain [codes..]',
  summary: 'Explain what the code of an error means, with an example that fails and one that is mended',
  examples: [
    ['$0 explain N4004', 'What error[N4004] means'],
    ['$0 explain N4004 r2009', 'Several codes; small letters will do'],
    ['$0 explain', 'List all codes'],
  ],
  options: (cli) =>
    cli
      .positional('codes', {
        type: 'string',
        array: true,
        default: [],
        describe: 'Codes, as in error[N4004]; left out: a list of all',
      })
      .option('json', jsonOption),

  run: async (args, terminal) => {
    const { errorPage, explainedCodes } = await import('../explain/error-pages.ts');
    const known = explainedCodes();
    const asked = [...new Set(args.codes.map((code) => knownCode(code, known)))];
    if (args.json) {
      const pages = asked.length > 0 ? asked.map(errorPage) : [...known.keys()].map(errorPage);
      terminal.out(jsonReport('explain', { ok: true, codes: pages }));
    } else if (asked.length === 0) {
      for (const [code, title] of known) terminal.out(`${code}  ${title}`);
      terminal.out('\n`netc explain CODE` tells more.');
    } else {
      const pages = asked.map((code) => errorPage(code).markdown.trimEnd());
      terminal.out((await renderer(terminal.screen))(pages));
    }
    return exitCodes.ok;
  },
});

/** A program, which a pipe leads to, gets the pages as they are. */
async function renderer(
  screen: { readonly columns: number; readonly colour: boolean } | undefined,
): Promise<(pages: readonly string[]) => string> {
  if (screen === undefined) return (pages) => pages.join('\n\n');
  const { renderMarkdown } = await import('../explain/render-markdown.ts');
  return (pages) => pages.map((page) => renderMarkdown(page, screen)).join('\n\n\n');
}

/** The code that was meant by `N4004`, `n4004` or `error[N4004]`. */
function knownCode(given: string, known: ReadonlyMap<string, string>): string {
  const code = given.replace(/^\w+\[(.*)\]$/, '$1').toUpperCase();
  if (known.has(code)) return code;
  const near = closest(code, known.keys());
  throw new UsageError(
    `there is no code "${given}"; ${near === undefined ? '`netc explain` lists all' : `did you mean ${near}?`}`,
  );
}
