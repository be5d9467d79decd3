import { readFileSync } from 'node:fs';
import type { TfjsAssets } from '../src/compiler/lower/tfjs/lower-tfjs.ts';

/** Where each module lies that the tfjs target copies: in the bundle, and in the sources. */
const places: Readonly<Record<keyof TfjsAssets, readonly [bundled: string, source: string]>> = {
  generator: ['./assets/generator.mjs', '../src/compiler/random/generator.mjs'],
  wasmKernels: ['./assets/wasm-kernels.mjs', '../src/compiler/lower/tfjs/assets/wasm-kernels.mjs'],
  safetensors: ['./assets/safetensors.mjs', '../src/compiler/lower/tfjs/assets/safetensors.mjs'],
  runtime: ['./runtime.mjs', '../dist/runtime.mjs'],
};

/** The text of those modules. */
export function readAssets(): TfjsAssets {
  const isBundled = !import.meta.url.endsWith('.ts');
  const text = ([bundled, source]: readonly [string, string]): string =>
    readFileSync(new URL(isBundled ? bundled : source, import.meta.url), 'utf8');
  return {
    generator: text(places.generator),
    wasmKernels: text(places.wasmKernels),
    safetensors: text(places.safetensors),
    runtime: text(places.runtime),
  };
}
