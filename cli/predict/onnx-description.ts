import { UserError } from '../../src/runtime/errors.ts';

/** What an ONNX file of ours says of itself, beside its graph. */
export interface OnnxDescription {
  readonly inputs: readonly TensorDescription[];
  readonly outputs: readonly TensorDescription[];
  /** Names of the classes of an output, by its name. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** How pixels become an input, by its name. */
  readonly pixels: ReadonlyMap<string, PixelInput>;
  /** The output by which samples are ranked for each label; undefined where the file does not say. */
  readonly scores: string | undefined;
  /** What users are to be told. */
  readonly note: string | undefined;
  /** Whether weights lie in another file beside it. */
  readonly hasExternalData: boolean;
  /** Whether the weights are those of the initialisers: nothing has been learned. */
  readonly isUntrained: boolean;
}

export interface TensorDescription {
  readonly name: string;
  /** Sizes of the axes; undefined where any number will do. */
  readonly dims: readonly (number | undefined)[];
}

/** Images that the caller resizes and normalises by these numbers, or images as they are decoded. */
export type PixelInput =
  | { readonly kind: 'prepared'; readonly mean: readonly number[]; readonly std: readonly number[] }
  | { readonly kind: 'decoded' };

/** Reads the description of an ONNX file. UserError R3004 where it is none, or not one that says how to use it. */
export async function describeOnnx(file: Uint8Array, path: string): Promise<OnnxDescription> {
  const { onnx } = (await import('onnx-proto')).default;
  let model: InstanceType<typeof onnx.ModelProto>;
  try {
    model = onnx.ModelProto.decode(file);
  } catch (cause) {
    throw unusable(path, 'The file is not an ONNX model, or a damaged one.', cause);
  }
  const metadata = new Map(model.metadataProps.map(({ key, value }) => [key ?? '', value ?? '']));
  const preprocessing = metadata.get('preprocessing');
  if (preprocessing === undefined) {
    throw unusable(
      path,
      'The file does not say how an image becomes its input (no `preprocessing` in its metadata).',
    );
  }
  return {
    inputs: (model.graph?.input ?? []).map(tensorDescription),
    outputs: (model.graph?.output ?? []).map(tensorDescription),
    labels: parsedTable(metadata.get('labels') ?? '{}', path, isStrings),
    pixels: new Map(
      [...parsedTable(preprocessing, path, isPreprocessing)].map(([name, given]) => [
        name,
        pixelInput(given),
      ]),
    ),
    scores: metadata.get('scores'),
    note: metadata.get('note'),
    hasExternalData: (model.graph?.initializer ?? []).some(
      ({ externalData }) => (externalData?.length ?? 0) > 0,
    ),
    isUntrained: metadata.get('weights') === 'initial',
  };
}

/** The parts of `onnx.IValueInfoProto` that are read. */
interface ValueInfo {
  readonly name?: string | null;
  readonly type?: {
    readonly tensorType?: {
      readonly shape?: {
        readonly dim?: readonly { readonly dimValue?: unknown; readonly dimParam?: string | null }[] | null;
      } | null;
    } | null;
  } | null;
}

function tensorDescription({ name, type }: ValueInfo): TensorDescription {
  const dims = type?.tensorType?.shape?.dim ?? [];
  return {
    name: name ?? '',
    dims: dims.map(({ dimValue, dimParam }) => {
      const size = Number(dimValue ?? 0);
      return size > 0 && (dimParam ?? '') === '' ? size : undefined;
    }),
  };
}

function parsedTable<T>(
  text: string,
  path: string,
  isValid: (value: unknown) => value is T,
): ReadonlyMap<string, T> {
  let table: unknown;
  try {
    table = JSON.parse(text);
  } catch (cause) {
    throw unusable(path, 'Its metadata is not JSON.', cause);
  }
  const entries: (readonly [string, T])[] = [];
  for (const [name, value] of Object.entries(table ?? {})) {
    if (!isValid(value))
      throw unusable(path, `Its metadata describes \`${name}\` in a way that is not understood.`);
    entries.push([name, value]);
  }
  return new Map(entries);
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** What the metadata say of an image input; without `mean` and `std` where the file prepares images itself. */
interface Preprocessing {
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

function isPreprocessing(value: unknown): value is Preprocessing {
  if (typeof value !== 'object' || value === null) return false;
  const isNumbers = (list: unknown): boolean =>
    Array.isArray(list) && list.every((item) => Number.isFinite(item));
  if (!('mean' in value) && !('std' in value)) return true;
  return 'mean' in value && 'std' in value && isNumbers(value.mean) && isNumbers(value.std);
}

function pixelInput({ mean, std }: Preprocessing): PixelInput {
  return mean === undefined || std === undefined ? { kind: 'decoded' } : { kind: 'prepared', mean, std };
}

/** A model file that `netc predict` cannot use. */
export function unusable(path: string, message: string, cause?: unknown): UserError {
  return new UserError('R3004', message, {
    place: path,
    remedy: 'Give an ONNX file that `netc build` has written, or a source (.net) with --weights.',
    cause,
  });
}
