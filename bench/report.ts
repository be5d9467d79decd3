import type { Row } from './row.ts';

/** What `npm run bench -- NAME --save` keeps in bench/results/NAME.CPU.json. */
export interface Result {
  readonly bench: string;
  /** The claim in one line. */
  readonly title: string;
  /** ISO 8601 */
  readonly date: string;
  readonly commit: string;
  /** Of all the random numbers in the bench. */
  readonly seed: number;
  readonly machine: Machine;
  readonly rows: readonly Row[];
}

/** What bears on speed, and nothing that says whose machine it is. */
export interface Machine {
  readonly cores: number;
  /** Architecture and vector instructions. */
  readonly cpu: string;
  readonly platform: string;
  readonly node: string;
  /** Processes that were running or waiting to run, over the minute before the bench. */
  readonly load: number;
}

const START = '<!-- results: written by `npm run bench -- --save` -->';
const END = '<!-- end of results -->';

/** A document with the results between its two marks replaced. */
export function withResults(document: string, results: readonly Result[]): string {
  const [start, end] = [document.indexOf(START), document.indexOf(END)];
  if (start < 0 || end < start) throw new Error('the document has no marks between which the results belong');
  const sections = results.map(section).join('\n\n');
  return `${document.slice(0, start + START.length)}\n\n${sections}\n\n${document.slice(end)}`;
}

function section({ bench, title, date, commit, seed, machine, rows }: Result): string {
  const { cores, cpu, platform, node, load } = machine;
  return [
    `### ${bench}, ${cpu}`,
    '',
    `Claim: ${title}.`,
    '',
    '| | ours | peer | ratio | limit | holds |',
    '| --- | ---: | ---: | ---: | ---: | --- |',
    ...rows.map(tableRow),
    '',
    `${date.slice(0, 10)}, commit ${commit}, seed ${seed}; ${cores} cores (${cpu}), ${platform}, Node ${node}, load ${load}.`,
  ].join('\n');
}

function tableRow({ name, ours, peer, ratio, limit, holds }: Row): string {
  const numbers = [ours, peer, ratio, limit].map((value) =>
    value === null ? '' : String(Number(value.toPrecision(3))),
  );
  const verdict = limit === null ? '' : holds ? 'yes' : '**no**';
  return `| ${[name, ...numbers, verdict].join(' | ')} |`;
}
