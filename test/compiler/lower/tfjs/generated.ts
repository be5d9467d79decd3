import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Tensor } from '@tensorflow/tfjs-core';
import { readWasmKernels } from '../../../../cli/assets.ts';
import type { Module } from '../../../../src/compiler/ir/module.ts';
import { lowerTfjs, type TargetFile } from '../../../../src/compiler/lower/tfjs/lower-tfjs.ts';
import { inRepository } from '../../../support/repository.ts';
import { writeTargetFiles } from '../../../support/target-files.ts';

/** What a generated program exports. */
export interface GeneratedProgram {
  readonly parameters: readonly {
    readonly path: string;
    readonly shape: readonly number[];
    readonly order?: readonly number[];
    readonly role?: 'state';
  }[];
  createWeights(seed?: number): WeightTree;
  exportWeights(w: WeightTree): Promise<Uint8Array>;
  importWeights(w: WeightTree, bytes: Uint8Array): void;
  saveWeights(w: WeightTree, file: string): Promise<void>;
  loadWeights(w: WeightTree, file: string): Promise<void>;
  model(inputs: Tensors, w: WeightTree, options?: { training: boolean; random?: RandomSource }): Tensors;
  loss(outputs: Tensors, batch: Tensors): Tensor;
  learningRate(step: number, steps?: number): number;
  createTrainer(w: WeightTree, options?: { steps?: number; seed?: number }): Trainer;
  exportTrainer(trainer: Trainer): Promise<Uint8Array>;
  importTrainer(trainer: Trainer, bytes: Uint8Array): void;
  trainStep(trainer: Trainer, batch: Tensors): Promise<number>;
  gradients(
    w: WeightTree,
    batch: Tensors,
    options?: { training: boolean },
  ): Promise<{ loss: number; gradients: Map<string, Float32Array> }>;
  evaluate(w: WeightTree, batch: Tensors): Promise<{ loss: number; outputs: Tensors }>;
}

export type Tensors = Record<string, Tensor>;
/** Variables by the parts of their paths. */
export type WeightTree = Readonly<Record<string, unknown>>;
/** Where a program's blocks have their random numbers from. */
export interface RandomSource {
  readonly seed: number;
  readonly step: number;
  readonly path: string;
}
export interface Trainer {
  readonly w: WeightTree;
  readonly averaged?: WeightTree;
  readonly step: number;
}

/** The files of a module's program. Only `main`, which is not run in-process, needs the runtime. */
export async function programFiles(
  module: Module,
  { format = false, sourceName = 'tested.net', runtime = 'export {};\n' } = {},
): Promise<readonly TargetFile[]> {
  const read = (path: string): Promise<string> => readFile(inRepository(path), 'utf8');
  return lowerTfjs(module, {
    sourceName,
    sourceSha256: '0'.repeat(64),
    netcVersion: '0.0.0',
    format,
    assets: {
      generator: await read('src/compiler/random/generator.mjs'),
      wasmKernels: readWasmKernels(),
      safetensors: await read('src/compiler/lower/tfjs/assets/safetensors.mjs'),
      runtime,
    },
  });
}

/** The text of a module's program. */
export async function programText(
  module: Module,
  options?: { readonly format?: boolean; readonly sourceName?: string },
): Promise<string> {
  const [program] = await programFiles(module, options);
  return program?.text ?? '';
}

/** Makes a folder from which the packages of the repository resolve, calls `use`, and removes it. */
export async function inProgramFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const parent = inRepository('node_modules/.netc-tests');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'program-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes the files of a program into a folder and imports it. */
export async function loadProgram(module: Module): Promise<GeneratedProgram> {
  return inProgramFolder(async (folder) => {
    const files = await programFiles(module);
    await writeTargetFiles(folder, files);
    return (await import(pathToFileURL(join(folder, files[0]?.path ?? '')).href)) as GeneratedProgram;
  });
}
