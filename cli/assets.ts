import { readdirSync, readFileSync } from 'node:fs';
import { sep } from 'node:path';
import type { TargetFile, TfjsAssets } from '../src/compiler/lower/tfjs/lower-tfjs.ts';

/** Where each module or folder of modules lies that a target copies: in the bundle, and in the sources. */
const places = {
  generator: ['./assets/generator.mjs', '../src/compiler/random/generator.mjs'],
  wasmKernels: ['./assets/wasm-kernels.mjs', '../src/compiler/lower/tfjs/assets/wasm-kernels.mjs'],
  wasmKernelsFolder: ['./assets/wasm-kernels/', '../src/compiler/lower/tfjs/assets/wasm-kernels/'],
  safetensors: ['./assets/safetensors.mjs', '../src/compiler/lower/tfjs/assets/safetensors.mjs'],
  runtime: ['./runtime.mjs', '../dist/runtime.mjs'],
  batchTensors: ['./assets/batch-tensors.mjs', '../src/runtime/training/batch-tensors.mjs'],
  intoArrays: ['./assets/into-arrays.mjs', '../src/runtime/training/into-arrays.mjs'],
  noTelemetry: ['./assets/no-telemetry.mjs', '../src/runtime/training/no-telemetry.mjs'],
  graphRunner: ['./assets/graph-runner.mjs', '../src/runtime/training/graph-runner.mjs'],
  stepTrainer: ['./assets/step-trainer.mjs', '../src/runtime/training/step-trainer.mjs'],
} as const satisfies Readonly<Record<string, readonly [bundled: string, source: string]>>;

function placeOf(asset: keyof typeof places): URL {
  const isBundled = !import.meta.url.endsWith('.ts');
  const [bundled, source] = places[asset];
  return new URL(isBundled ? bundled : source, import.meta.url);
}

function textOf(asset: keyof typeof places): string {
  return readFileSync(placeOf(asset), 'utf8');
}

/** The kernels of a tfjs program: the module that it imports, and the folder of those that this one imports. */
export function readWasmKernels(): readonly TargetFile[] {
  const folder = placeOf('wasmKernelsFolder');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => name.split(sep).join('/'))
    .sort();
  return [
    { path: 'wasm-kernels.mjs', text: textOf('wasmKernels') },
    ...names.map((name) => ({
      path: `wasm-kernels/${name}`,
      text: readFileSync(new URL(name, folder), 'utf8'),
    })),
  ];
}

/** The text of the modules beside a tfjs program. */
export function readAssets(): TfjsAssets {
  return {
    generator: textOf('generator'),
    wasmKernels: readWasmKernels(),
    safetensors: textOf('safetensors'),
    runtime: textOf('runtime'),
  };
}

/** The modules beside a driver of the target `onnx-train`. */
export function readDriverAssets(): readonly TargetFile[] {
  return [
    { path: 'batch-tensors.mjs', text: textOf('batchTensors') },
    { path: 'generator.mjs', text: textOf('generator') },
    { path: 'graph-runner.mjs', text: textOf('graphRunner') },
    { path: 'into-arrays.mjs', text: textOf('intoArrays') },
    { path: 'no-telemetry.mjs', text: textOf('noTelemetry') },
    { path: 'safetensors.mjs', text: textOf('safetensors') },
    { path: 'step-trainer.mjs', text: textOf('stepTrainer') },
  ];
}
