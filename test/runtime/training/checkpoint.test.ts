import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatSafetensors, parseSafetensors } from '../../../src/compiler/lower/tfjs/assets/safetensors.mjs';
import { readSafetensors } from '../../../src/runtime/safetensors.ts';
import {
  isFiniteState,
  readCheckpoint,
  writeCheckpoint,
  type Checkpoint,
} from '../../../src/runtime/training/checkpoint.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { userErrorOf } from '../user-error.ts';
import { toyIdentity } from './toy-engine.ts';

const folder = await temporaryFolder();

const data = Float32Array.of(1, -2.5, 1e-40, 3);
const checkpoint: Checkpoint = {
  progress: {
    step: 7,
    epoch: 1,
    batch: 3,
    lossSum: 0.1 + 0.2,
    lossCount: 24,
    best: { epoch: 0, step: 4, measure: 'auc', value: 1 / 3 },
    logs: { steps: 120, epochs: 40 },
    seed: 5,
  },
  identity: toyIdentity,
  netc: '0.1.0',
  configuration: {
    model: 'M',
    source: 's',
    data: 'd',
    seed: 5,
    batch: 8,
    epochs: 2,
    maxSteps: undefined,
    validation: 0.1,
    augmentation: undefined,
    engine: undefined,
  },
  state: formatSafetensors([['w', { shape: [4], data }]], { format: 'test', step: '7' }),
};

async function written(name: string): Promise<string> {
  const path = join(folder, name);
  await writeCheckpoint(path, checkpoint);
  return path;
}

describe('a checkpoint', () => {
  it('comes back as it was, tensors bit for bit', async () => {
    const back = await readCheckpoint(await written('whole'));
    const { state, ...rest } = back ?? checkpoint;
    expect({ ...rest, state: checkpoint.state }).toEqual(checkpoint);
    const { tensors, metadata } = parseSafetensors(state);
    expect(tensors.get('w')?.data).toEqual(data);
    expect(metadata['step']).toBe('7');
  });

  it('is a safetensors file that others can read', async () => {
    const { tensors } = await readSafetensors(await written('open'));
    expect(tensors.get('w')?.data).toEqual(data);
  });

  it('is undefined where there is none', async () => {
    expect(await readCheckpoint(join(folder, 'nothing'))).toBeUndefined();
  });

  it('is refused when any byte of it has changed', async () => {
    const path = await written('changed');
    const bytes = await readFile(path);
    const damagedPath = join(folder, 'damaged');
    for (let at = 0; at < bytes.length; at += at < 8 ? 1 : 13) {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 1;
      await writeFile(damagedPath, copy);
      await userErrorOf('R4001', readCheckpoint(damagedPath));
    }
  });

  it('is refused when it was cut off, wherever', async () => {
    const bytes = await readFile(await written('cut'));
    const path = join(folder, 'cut-off');
    for (const length of [0, 4, 8, 100, bytes.length - 1]) {
      await writeFile(path, bytes.subarray(0, length));
      await userErrorOf('R4001', readCheckpoint(path));
    }
  });
});

describe('isFiniteState', () => {
  it.each([NaN, Infinity, -Infinity])('sees one %d among many numbers', (value) => {
    const values = new Float32Array(1000).fill(3e38);
    const state = () => formatSafetensors([['w', { shape: [1000], data: values }]], {});
    expect(isFiniteState(state())).toBe(true);
    values[637] = value;
    expect(isFiniteState(state())).toBe(false);
  });
});
