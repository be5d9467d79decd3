import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../src/runtime/errors.ts';
import { startProcess } from '../../src/runtime/start-process.ts';
import type { CompiledModel } from '../compile-model.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ModelChoice } from '../source-options.ts';
import { renderChecks, verifyModel } from '../verify-model.ts';

/** What `netc verify` says of a model. */
export interface Verdict {
  readonly ok: boolean;
  /** Its table, and last the line that says whether the targets agree. */
  readonly report: string;
  /** What it says of the first block that differs, and what it warns of; empty where there is nothing. */
  readonly problems: string;
}

/**
 * Verifies a model before it is trained, in a process of its own: what that loads, ONNX Runtime and TensorFlow.js, takes
 * 0.15 GB, which this process would hold as long as it trains. Run from its sources, netc has no bundled program to start,
 * and verifies here.
 */
export function verifyApart(
  model: CompiledModel,
  choice: ModelChoice,
  signal: AbortSignal,
): Promise<Verdict> {
  if (import.meta.url.endsWith('.ts')) return verifyHere(model, choice);
  return verifyBy([fileURLToPath(new URL('./netc.cjs', import.meta.url))], model.file, choice, signal);
}

async function verifyHere(model: CompiledModel, choice: ModelChoice): Promise<Verdict> {
  const verification = await verifyModel(model, { targets: ['onnx', 'tfjs'], choice, batch: undefined });
  const problems = verification.diagnostics.map(({ message }) => message).join('\n');
  return { ok: verification.ok, report: renderChecks(verification), problems };
}

/**
 * The same by a program that takes netc's command line: Node's arguments before it. UserError R4008 where it cannot be
 * started and R4010 where it ends without a verdict, the signal's reason where that comes first.
 */
export async function verifyBy(
  program: readonly string[],
  file: string,
  { set, model }: ModelChoice,
  signal: AbortSignal,
): Promise<Verdict> {
  // A signal that came already is not heard of again.
  signal.throwIfAborted();
  const choice = Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  if (model !== undefined) choice.push('--model', model);
  const child = await startProcess(() =>
    spawn(process.execPath, [...program, 'verify', file, ...choice], {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    }),
  );
  const stop = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const ended = new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...end) => resolve(end));
  });
  try {
    const [report, problems, [code, killedBy]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      ended,
    ]);
    signal.throwIfAborted();
    if (code === exitCodes.ok || code === exitCodes.verification) {
      return { ok: code === exitCodes.ok, report: report.trimEnd(), problems: problems.trimEnd() };
    }
    throw new UserError(
      'R4010',
      `The process that verifies has ended (${killedBy ?? `exit code ${code}`}).`,
      {
        place: file,
        remedy: 'See what `netc verify` says of the model; with --no-verify it is trained as it is.',
        cause: problems,
      },
    );
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
