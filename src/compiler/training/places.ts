/** Where a parameter is kept: as `size` elements of a vector of the step graph, from `at`. */
export interface Place {
  /** The path of the vector. */
  readonly vector: string;
  readonly at: number;
  readonly size: number;
}

/** By the path of the parameter. What has no place is kept for itself. */
export type Places = ReadonlyMap<string, Place>;

/** Values by path as a step graph takes them: vectors, with zeros for members that are not there, and the rest. */
export function packValues(
  places: Places,
  values: ReadonlyMap<string, Float32Array>,
): ReadonlyMap<string, Float32Array> {
  const lengths = new Map<string, number>();
  for (const { vector, at, size } of places.values())
    lengths.set(vector, Math.max(lengths.get(vector) ?? 0, at + size));
  const packed = new Map(
    Array.from(lengths, ([vector, length]): [string, Float32Array] => [vector, new Float32Array(length)]),
  );
  for (const [path, data] of values) {
    const place = places.get(path);
    if (place === undefined) packed.set(path, data);
    else packed.get(place.vector)?.set(data, place.at);
  }
  return packed;
}

/** The values of all parameters that are in `vectors`, or in a vector of it, by their own paths: views. */
export function unpackValues<T extends { subarray(from: number, to: number): T }>(
  places: Places,
  vectors: ReadonlyMap<string, T>,
): ReadonlyMap<string, T> {
  const members = [...places].flatMap(([path, { vector, at, size }]): [string, T][] => {
    const whole = vectors.get(vector);
    return whole === undefined ? [] : [[path, whole.subarray(at, at + size)]];
  });
  const packed = new Set(Array.from(places.values(), ({ vector }) => vector));
  return new Map([...[...vectors].filter(([path]) => !packed.has(path)), ...members]);
}
