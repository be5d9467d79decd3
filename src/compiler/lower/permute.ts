/** Row-major data with its axes in another order: axis i of the result is axis `permutation[i]` of the source. */
export function permute(
  source: Float32Array,
  dims: readonly number[],
  permutation: readonly number[],
): Float32Array {
  const strides = new Array<number>(dims.length).fill(1);
  for (let i = dims.length - 2; i >= 0; i--) strides[i] = (strides[i + 1] ?? 1) * (dims[i + 1] ?? 1);
  const sizes = permutation.map((axis) => dims[axis] ?? 1);
  const steps = permutation.map((axis) => strides[axis] ?? 1);
  const result = new Float32Array(source.length);
  const innerSize = sizes.at(-1) ?? 1;
  const innerStep = steps.at(-1) ?? 1;
  const index = sizes.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length;) {
    for (let i = 0, at = from; i < innerSize; i++, at += innerStep) result[to++] = source[at] ?? 0;
    for (let d = sizes.length - 2; d >= 0; d--) {
      const [size, step] = [sizes[d] ?? 1, steps[d] ?? 1];
      from += step;
      index[d] = (index[d] ?? 0) + 1;
      if (index[d] !== size) break;
      index[d] = 0;
      from -= step * size;
    }
  }
  return result;
}
