import { join } from 'node:path';
import { compile } from '../../src/compiler/compile.ts';
import { hasErrors } from '../../src/compiler/diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../../src/compiler/diagnostics/render-text.ts';
import { misplaced } from '../../test/compiler/promise/break-mutant.ts';
import { writeCase } from '../../test/compiler/promise/case-file.ts';
import { thrown } from '../../test/compiler/promise/finding.ts';
import { repositoryReader } from '../../test/support/repository.ts';
import { corpusOf, hostileSource, type HostileSource } from './sources.ts';

export type Message =
  | { readonly kind: 'failure'; readonly index: number; readonly what: string }
  | { readonly kind: 'slow'; readonly index: number; readonly milliseconds: number }
  | {
      readonly kind: 'batch';
      readonly checked: number;
      readonly refused: number;
      /** Milliseconds of the slowest check. */
      readonly slowest: number;
      /** The most that the process had resident, in megabytes. */
      readonly memory: number;
    };

/** A check that seems to take longer is made again, and the least counts: the engine may have had something else to do. */
const SUSPICIOUS = 500;
const SLOW = 1_000;
/** The most checks of one source: what is slow is slow each time. */
const CHECKS = 4;

const [seed = 0, from = 0, to = 0] = process.argv.slice(2).map(Number);
const corpus = corpusOf(join(import.meta.dirname, '..', '..'));
let refused = 0;
let slowest = 0;

// The engine compiles our code while it runs; what that takes is no property of a source.
for (const source of corpus.slice(0, 20)) check(source);

for (let index = from; index < to; index++) {
  tell({ at: index });
  const source = hostileSource(corpus, seed, index);
  try {
    const first = check(source);
    if (first.isRefused) refused++;
    if (first.problem !== undefined) fail(index, source, first.problem);
    let { milliseconds } = first;
    for (let n = 1; n < CHECKS && milliseconds >= SUSPICIOUS; n++) {
      milliseconds = Math.min(milliseconds, check(source).milliseconds);
    }
    slowest = Math.max(slowest, milliseconds);
    if (milliseconds > SLOW) {
      tell({ kind: 'slow', index, milliseconds });
      writeCase({ source: source.text, what: `${source.path}: takes ${milliseconds.toFixed(0)} ms` });
    }
  } catch (error) {
    fail(index, source, thrown(error));
  }
}
const memory = process.resourceUsage().maxRSS / 1024;
tell({ kind: 'batch', checked: to - from, refused, slowest, memory });

interface Check {
  /** Of the processor: on a machine that does nothing else, that is the time by the clock. */
  readonly milliseconds: number;
  readonly isRefused: boolean;
  /** What is wrong with the diagnostics; undefined where nothing is. */
  readonly problem: string | undefined;
}

function check({ path, text }: HostileSource): Check {
  const reader = repositoryReader({ [path]: text });
  const start = process.cpuUsage();
  const { diagnostics, sources } = compile(path, { reader });
  const { user, system } = process.cpuUsage(start);
  renderDiagnostics(diagnostics, { sources });
  return {
    milliseconds: (user + system) / 1e3,
    isRefused: hasErrors(diagnostics),
    problem: misplaced(diagnostics, sources),
  };
}

function fail(index: number, { path, text }: HostileSource, problem: string): void {
  const file = writeCase({ source: text, what: `${path}: ${problem}` });
  tell({ kind: 'failure', index, what: `${problem}\n  ${file}` });
}

function tell(message: Message | { readonly at: number }): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
