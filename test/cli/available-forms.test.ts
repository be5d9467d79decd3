import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { availableForms } from '../../cli/train/available-forms.ts';

vi.mock('onnxruntime-node', () => {
  throw new Error('the process that asks for forms has no need of ONNX Runtime');
});

const crashingKernels = fileURLToPath(new URL('./crashing-kernels.cjs', import.meta.url));

function crashOn(...sets: readonly string[]): void {
  vi.stubEnv('CRASHING_SIGNAL', 'SIGILL');
  vi.stubEnv('NODE_OPTIONS', `--require=${crashingKernels}`);
  vi.stubEnv('CRASHING_GRAPHS', sets.join(','));
}

afterEach(async () => {
  vi.unstubAllEnvs();
  if (process.platform === 'linux') expect(await children(process.pid)).toEqual([]);
});

test('forms are found, and the process that tried them is gone', async () => {
  // The products among them are for every CPU.
  expect(await availableForms()).not.toBe('plain');
});

test('a set that ends the process is passed over, and the next is tried in another one', async () => {
  const found = await availableForms();
  crashOn(found);
  // Blocks of the other size are wrong.
  expect(await availableForms()).toBe(found.startsWith('blocked') ? 'fused' : 'plain');
});

test('where all sets do so, plain forms are left', async () => {
  crashOn('blocked16', 'blocked8', 'fused');
  expect(await availableForms()).toBe('plain');
});

test('a process that is killed from outside is no answer: a run would go on by other forms', async () => {
  crashOn(await availableForms());
  vi.stubEnv('CRASHING_SIGNAL', 'SIGKILL');
  await expect(availableForms()).rejects.toMatchObject({ code: 'R4009' });
});

test('and where ONNX Runtime does not load', async () => {
  vi.stubEnv('NODE_OPTIONS', '--no-addons');
  expect(await availableForms()).toBe('plain');
});

async function children(pid: number): Promise<readonly string[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean);
}
