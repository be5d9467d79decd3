import { assembleFillKernels, CHUNK, VALUES, type FillKernels } from './fill-kernels.ts';
import { distributionOf, fillInitial, keyOf, type InitialSpec } from './generator.mjs';

/** The part of the engine's interface that is used here; absent where an embedder has switched it off. */
declare const WebAssembly:
  | {
      validate(bytes: Uint8Array<ArrayBuffer>): boolean;
      readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
      readonly Instance: new (module: object) => { readonly exports: FillKernels };
    }
  | undefined;

/**
 * `fillInitial`, the same bytes in a fifth of the time: a model has tens of millions of weights, which is most of what a
 * build computes. Engines without WebAssembly and its SIMD instructions take `fillInitial` itself.
 */
export function fastFill(
  spec: InitialSpec,
  shape: readonly number[],
  fanIn: number,
  fanOut: number,
  seed: number,
  name: string,
): Float32Array<ArrayBuffer> {
  const distribution = distributionOf(spec, fanIn, fanOut);
  if (distribution.kind === 'constant') return fillInitial(spec, shape, fanIn, fanOut, seed, name);
  kernels ??= instantiate();
  if (kernels === 'unavailable') return fillInitial(spec, shape, fanIn, fanOut, seed, name);
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  const chunk = new Float32Array(kernels.memory.buffer, VALUES, CHUNK);
  const [keyLow, keyHigh] = keyOf(seed, name);
  for (let from = 0; from < values.length; from += CHUNK) {
    const count = Math.min(CHUNK, values.length - from);
    const end = 4 * count;
    const block = from / 4;
    kernels.words(end, keyLow, keyHigh, block >>> 0, Math.floor(block / 2 ** 32));
    if (distribution.kind === 'uniform') {
      kernels.uniform(end, distribution.low, distribution.high - distribution.low);
    } else {
      kernels.normal(end, distribution.mean, distribution.deviation, distribution.share);
    }
    values.set(count === CHUNK ? chunk : chunk.subarray(0, count), from);
  }
  return values;
}

/** Made at the first use, once for the process: nothing in its memory outlives a call. */
let kernels: FillKernels | 'unavailable' | undefined;

function instantiate(): FillKernels | 'unavailable' {
  if (typeof WebAssembly === 'undefined') return 'unavailable';
  const bytes = assembleFillKernels();
  if (!WebAssembly.validate(bytes)) return 'unavailable';
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
}
