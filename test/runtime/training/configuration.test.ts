import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  differences,
  readConfiguration,
  writeConfiguration,
  type RunConfiguration,
} from '../../../src/runtime/training/configuration.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { userErrorOf } from '../user-error.ts';

const folder = await temporaryFolder();
const configuration: RunConfiguration = {
  model: 'M',
  source: 'a',
  data: 'b',
  seed: 1,
  batch: 2,
  epochs: 3,
  maxSteps: undefined,
  validation: 0.1,
  augmentation: { flip: true, shift: 0.1, scale: [0.9, 1.1] },
  engine: 'ort',
};

describe('run.json', () => {
  it('is read as it was written', async () => {
    const path = join(folder, 'run.json');
    expect(await readConfiguration(path)).toBeUndefined();
    await writeConfiguration(path, configuration, '1');
    const read = await readConfiguration(path);
    expect(read).toEqual(configuration);
    expect(read && differences(read, configuration)).toEqual([]);
    expect(read && differences(read, { ...configuration, epochs: 4 })).toEqual(['the number of epochs']);
  });

  it('is refused when it is damaged or of another version, and never taken for none', async () => {
    const path = join(folder, 'damaged.json');
    await writeConfiguration(path, configuration, '1');
    const text = await readFile(path, 'utf8');
    const damages = [
      '',
      'null',
      '{}',
      '[]',
      '7',
      text.slice(0, -5),
      text.replace('"seed": 1', '"seed": "1"'),
    ];
    for (const damaged of [...damages, text.replace('"data"', '"date"')]) {
      await writeFile(path, damaged);
      await userErrorOf('R4001', readConfiguration(path));
    }
    await writeFile(path, text.replace('"format": 1', '"format": 2'));
    await userErrorOf('R4002', readConfiguration(path));
  });
});
