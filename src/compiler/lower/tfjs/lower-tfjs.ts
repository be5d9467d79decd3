import type { Module } from '../../ir/module.ts';
import { formatSections } from './format.ts';
import { layOut, type LayOut } from './lay-out.ts';
import { packageFile } from './package-file.ts';
import { writeProgram } from './program.ts';
import { joinSections } from './sections/section.ts';

/** The modules that a program imports, as text: the compiler itself reads no files. */
export interface TfjsAssets {
  /** `random/generator.mjs` */
  readonly generator: string;
  /** `wasm-kernels.mjs` of `lower/tfjs/assets`, and the modules of the folder of that name. */
  readonly wasmKernels: readonly TargetFile[];
  /** `lower/tfjs/assets/safetensors.mjs` */
  readonly safetensors: string;
  /** The runtime, bundled into one module: `dist/runtime.mjs`. */
  readonly runtime: string;
}

export interface TfjsOptions {
  /** The name of the source file, without folders: `mair.net` makes `mair.train.mjs`. */
  readonly sourceName: string;
  readonly sourceSha256: string;
  readonly netcVersion: string;
  /** Whether the program is laid out by prettier, which takes a few tenths of a second. */
  readonly format: boolean;
  /** What does that; in this thread where it is left out. */
  readonly layOut?: LayOut;
  readonly assets: TfjsAssets;
}

export interface TargetFile {
  /** Relative to the folder of the output, with `/` between folders. */
  readonly path: string;
  readonly text: string;
}

/**
 * The training program of a module for TensorFlow.js, and the files that lie beside it. The same module and options
 * give the same bytes.
 */
export async function lowerTfjs(module: Module, options: TfjsOptions): Promise<readonly TargetFile[]> {
  const { sourceName, sourceSha256, netcVersion, format, layOut: otherLayOut = layOut, assets } = options;
  const file = programFile(sourceName);
  const sections = writeProgram(module, { file, sourceName, sourceSha256, netcVersion });
  return [
    { path: file, text: format ? await formatSections(sections, otherLayOut) : joinSections(sections) },
    { path: 'generator.mjs', text: assets.generator },
    { path: 'safetensors.mjs', text: assets.safetensors },
    ...assets.wasmKernels,
    { path: 'netc-runtime.mjs', text: assets.runtime },
    { path: 'package.json', text: packageFile() },
  ];
}

/** `mair.net` -> `mair.train.mjs`; characters that mean something in a shell or in a comment become `_`. */
export function programFile(sourceName: string): string {
  const name = sourceName.replace(/\.net$/, '').replaceAll(/[^\w.-]/g, '_');
  return `${name}.train.mjs`;
}
