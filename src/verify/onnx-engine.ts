import '../runtime/training/no-telemetry.mjs';
import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-node';
import { plainTensor } from './plain-tensor.ts';
import type { Outputs, Tensors } from './tensors.ts';

/** Decoded images side by side: [N, H, W, C], row-major. */
export interface RawImages {
  readonly dims: readonly [n: number, height: number, width: number, channels: number];
  readonly data: Uint8Array;
}

/** An ONNX file in ONNX Runtime on the CPU. */
export interface OnnxEngine {
  /** `images` are inputs of decoded images. */
  run(inputs: Tensors, images?: ReadonlyMap<string, RawImages>): Promise<Outputs>;
  close(): Promise<void>;
}

/** The engine refused the file, or failed while it ran: its own words. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}

/** `file` is its bytes, or its path where its weights lie in another file beside it. */
export async function startOnnx(file: Uint8Array | string): Promise<OnnxEngine> {
  const ort = await import('onnxruntime-node');
  const session: InferenceSession = await engineError('ONNX Runtime refuses the file', () =>
    // Only errors are logged; ours are thrown.
    typeof file === 'string'
      ? ort.InferenceSession.create(file, { logSeverityLevel: 4 })
      : ort.InferenceSession.create(file, { logSeverityLevel: 4 }),
  );
  return {
    run: async (inputs, images = new Map<string, RawImages>()) => {
      const feeds: Record<string, Tensor> = {};
      for (const [name, array] of inputs) {
        const { type, data, dims } = plainTensor(array);
        feeds[name] = new ort.Tensor(type, data, dims);
      }
      for (const [name, { data, dims }] of images) feeds[name] = new ort.Tensor('uint8', data, dims);
      const results = await engineError('ONNX Runtime fails', () => session.run(feeds));
      return new Map(
        Object.entries(results).map(([name, { dims, data }]) => [name, { shape: dims, data: numbers(data) }]),
      );
    },
    close: () => session.release(),
  };
}

function numbers(data: TypedTensor<'string'>['data'] | ArrayLike<number | bigint>): ArrayLike<number> {
  return data instanceof Float32Array ? data : Float64Array.from(data, Number);
}

async function engineError<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new EngineError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
