/** A tensor of float32, row-major. */
interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export function parseSafetensors(bytes: Uint8Array): {
  readonly tensors: Map<string, NamedTensor & { readonly dtype: string }>;
  readonly metadata: Readonly<Record<string, string>>;
};

export function formatSafetensors(
  tensors: Iterable<readonly [name: string, tensor: NamedTensor]>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer>;
