import { basename } from 'node:path';
import type { Module } from '../src/compiler/ir/module.ts';
import type { LayOut } from '../src/compiler/lower/tfjs/lay-out.ts';
import { lowerTfjs, programFile } from '../src/compiler/lower/tfjs/lower-tfjs.ts';
import type { Program } from '../src/verify/verify-targets.ts';
import { readAssets } from './assets.ts';
import { version } from './version.ts';

export interface ProgramOptions {
  readonly sourceSha256: string;
  readonly format: boolean;
  /** See `TfjsOptions`: has all it needs when `writeProgram` returns its promise. */
  readonly layOut?: LayOut;
}

/** The TensorFlow.js program of a module and the modules beside it. */
export async function writeProgram(module: Module, file: string, options: ProgramOptions): Promise<Program> {
  const sourceName = basename(file);
  const files = await lowerTfjs(module, {
    sourceName,
    netcVersion: version,
    assets: readAssets(),
    ...options,
  });
  return { files, entry: programFile(sourceName) };
}
