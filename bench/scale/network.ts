/** A network of equal layers, as large as one likes. */
export interface Network {
  readonly name: string;
  /** Sizes of the input, N = 1, in the order in which it is declared. */
  readonly input: readonly number[];
  /** The source with this many layers. */
  source(layers: number, form: Form): string;
}

/** Each layer a statement of the source, or all of them the turns of one loop. */
export type Form = 'written out' | 'by loop';

/**
 * Residual layers with weights so small that what the network computes stays finite over 20,000 of them, and still
 * depends on every one.
 */
export const networks: readonly Network[] = [
  network('linear', '[N, D: 8]', [1, 8], 'linear(D -> D: 8, init: normal(std: 0.0001)) |> relu'),
  network(
    'convolution',
    '[N, C: 4, H: 8, W: 8]',
    [1, 4, 8, 8],
    'conv(C -> C: 4, over: [H: 3, W: 3], bias: false, init: normal(std: 0.0001)) |> batch_norm(C) |> relu',
  ),
];

function network(name: string, type: string, input: readonly number[], layer: string): Network {
  const statement = (to: string, from: string): string => `${to} = ${from} + (${from} |> ${layer})`;
  const body = (layers: number, form: Form): readonly string[] => {
    if (form === 'by loop') {
      return ['y = x', `for i in 0..${layers} {`, `  ${statement('y', 'y')}`, '}'];
    }
    const before = (i: number): string => (i === 0 ? 'x' : `h${i - 1}`);
    const statements = Array.from({ length: layers }, (_, i) => statement(`h${i}`, before(i)));
    return [...statements, `y = relu(${before(layers)})`];
  };
  return {
    name,
    input,
    source: (layers, form) =>
      [
        'language 1',
        'model Deep {',
        `  input x: ${type}`,
        ...body(layers, form).map((line) => `  ${line}`),
        '  output y',
        '}',
        '',
      ].join('\n'),
  };
}
