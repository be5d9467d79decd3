import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readSafetensors, writeSafetensors, type SafeTensor } from '../../src/runtime/safetensors.ts';
import { oracleCommand } from './oracle.ts';

/** How far one tensor is from float64's after a step, in ours and in torch's float32 of either layout. */
export interface Errors {
  readonly ours: number;
  readonly nchw: number;
  readonly channels_last: number;
}

export interface StreamedRun {
  readonly network: string;
  readonly optimizer: string;
  /** Of torch's constructor. */
  readonly settings: Readonly<Record<string, number>>;
  readonly steps: number;
}

type Tensors = ReadonlyMap<string, SafeTensor>;

/**
 * Hands the state before each step of torch's training in float64 to `take`, and tells how far from torch's is what comes
 * back, by the oracle's names of tensors. `test/oracle/streamed_steps.py` says the rest.
 *
 * @param given `state/KEY` and batches, one behind the other
 */
export async function* streamedSteps(
  run: StreamedRun,
  given: Tensors,
  take: (before: Tensors, number: number) => Promise<Tensors>,
): AsyncGenerator<ReadonlyMap<string, Errors>> {
  const folder = await mkdtemp(join(tmpdir(), 'netc-steps-'));
  const inFolder = (name: string): string => join(folder, `${name}.safetensors`);
  await writeFile(join(folder, 'request.json'), JSON.stringify(run));
  await writeSafetensors(inFolder('given'), given);
  const [file, ...args] = oracleCommand('streamed_steps', folder);
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  try {
    const ended = endOf(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    for (let number = 0; number < run.steps; number++) {
      const { value: ready } = await lines.next();
      if (ready !== 'before') throw new Error(await ended);
      const { tensors } = await readSafetensors(inFolder('before'));
      await writeSafetensors(inFolder('after'), await take(tensors, number));
      child.stdin.write('\n');
      const { value: line, done } = await lines.next();
      if (done === true) throw new Error(await ended);
      yield new Map(Object.entries(JSON.parse(line) as Readonly<Record<string, Errors>>));
    }
  } finally {
    child.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the process complained of when it ended. */
async function endOf(child: ChildProcess): Promise<string> {
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return `the oracle ended with ${code}: ${complaint.trim()}`;
}
