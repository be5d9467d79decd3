import type { PhysicalGraph } from '../../ir/physical.ts';
import { axisNames } from '../../ir/tensor-type.ts';

/** Where a model comes from; goes into its file. */
export interface Provenance {
  /** SHA-256 of the sources, in hexadecimal. */
  readonly sourceSha256: string;
  readonly languageVersion: string;
  readonly compilerVersion: string;
  /** The model's `///` documentation. */
  readonly docs: readonly string[];
}

const NOTE =
  'Not a medical device. For research and teaching only; not to be used for diagnosis or for decisions about patients.';

/** The parts of an ONNX model that are for people and for programs that prepare its inputs and read its outputs. */
export function describeModel(
  graph: PhysicalGraph,
  { sourceSha256, languageVersion, compilerVersion, docs }: Provenance,
  { prepareImages = false }: { readonly prepareImages?: boolean } = {},
): {
  readonly doc: string;
  readonly producerVersion: string;
  readonly metadata: ReadonlyMap<string, string>;
} {
  const labels = graph.outputs.flatMap(({ name, labels }) =>
    labels === undefined ? [] : [[name, labels] as const],
  );
  const preprocessing = graph.inputs.flatMap(({ name, value, pixels }) => {
    if (pixels === undefined) return [];
    const { mean, std } = pixels;
    const layout = axisNames(value.type).join('');
    const taken = prepareImages ? { layout: 'NHWC', range: [0, 255] } : { layout, range: [0, 1], mean, std };
    return [[name, taken] as const];
  });
  const metadata = new Map([
    ['note', NOTE],
    ['netc_version', compilerVersion],
    ['netc_language', languageVersion],
    ['source_sha256', sourceSha256],
  ]);
  if (labels.length > 0) metadata.set('labels', JSON.stringify(Object.fromEntries(labels)));
  if (preprocessing.length > 0)
    metadata.set('preprocessing', JSON.stringify(Object.fromEntries(preprocessing)));
  return { doc: [...docs, NOTE].join('\n'), producerVersion: compilerVersion, metadata };
}
