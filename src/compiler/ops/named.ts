/**
 * Gives the values of a node their names by position: `const { x, weight } = named(inputs, ['x', 'weight'])`. Throws
 * where there are fewer values than names, because a node with too few is a bug of the compiler.
 */
export function named<T, const Names extends readonly string[]>(
  values: readonly T[],
  names: Names,
): { readonly [N in Names[number]]: T } {
  const byName: Partial<Record<Names[number], T>> = {};
  names.forEach((name: Names[number], position) => {
    const value = values[position];
    if (value === undefined)
      throw new Error(`a node has ${values.length} values where ${names.join(', ')} are needed`);
    byName[name] = value;
  });
  // Every name has been given its value above.
  return byName as { readonly [N in Names[number]]: T };
}

/** The only value of a node. */
export function only<T>(values: readonly T[]): T {
  return named(values, ['it']).it;
}
