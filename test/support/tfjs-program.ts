import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readWasmKernels } from '../../cli/assets.ts';
import type { Module } from '../../src/compiler/ir/module.ts';
import { lowerTfjs } from '../../src/compiler/lower/tfjs/lower-tfjs.ts';
import { readSafetensors, writeSafetensors } from '../../src/runtime/safetensors.ts';
import type { SafeTensor, Safetensors } from '../../src/runtime/safetensors.ts';
import { inRepository } from './repository.ts';
import { writeTargetFiles } from './target-files.ts';

const run = promisify(execFile);

/** Writes the training program of a module into a folder of its own and runs a task of `tfjs-runner.mjs` on tensors. */
export async function runProgram(
  module: Module,
  task: 'network' | 'loss',
  tensors: ReadonlyMap<string, SafeTensor>,
): Promise<Safetensors> {
  const folder = await mkdtemp(join(tmpdir(), 'netc-program-'));
  try {
    const read = (path: string) => readFile(inRepository(path), 'utf8');
    const files = await lowerTfjs(module, {
      sourceName: 'tested.net',
      sourceSha256: '0'.repeat(64),
      netcVersion: '0.0.0',
      format: false,
      assets: {
        generator: await read('src/compiler/random/generator.mjs'),
        wasmKernels: readWasmKernels(),
        safetensors: await read('src/compiler/lower/tfjs/assets/safetensors.mjs'),
        // Only `main`, which is not run here, reads data.
        runtime: '',
      },
    });
    await writeTargetFiles(folder, files);
    await symlink(inRepository('node_modules'), join(folder, 'node_modules'), 'dir');
    const input = join(folder, 'input.safetensors');
    const output = join(folder, 'output.safetensors');
    await writeSafetensors(input, tensors);
    const runner = inRepository('test/support/tfjs-runner.mjs');
    await run(process.execPath, [runner, folder, 'tested.train.mjs', task, input, output]);
    return await readSafetensors(output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
