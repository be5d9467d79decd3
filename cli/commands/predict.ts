import { UserError } from '../../src/runtime/errors.ts';
import { defineCommand, UsageError } from '../command.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { jsonOption, jsonReport } from '../json.ts';
import { labelMaps } from '../predict/label-maps.ts';
import { maskName } from '../../src/runtime/mask-file.ts';
import { loadModelFile } from '../predict/model-file.ts';
import type { Prediction, Predictor } from '../predict/predictor.ts';
import { ProblemReport } from '../problem-report.ts';
import { exitCodeOf, reportError } from '../report-error.ts';
import { modelChoice, sourceOptions } from '../source-options.ts';
import { table } from '../table.ts';

const notice = 'Not a medical device: for research and teaching only, not for decisions about patients.';

/** An image with what the model says of it, or why it could not be read. */
type Outcome =
  | { readonly image: string; readonly prediction: Prediction; readonly masks: readonly PredictedMask[] }
  | { readonly image: string; readonly error: UserError };

/** Where a label is in an image, for models that say so. */
interface PredictedMask {
  readonly label: string;
  /** Of the image. */
  readonly share: number;
  /** The mask; null where none was asked for. */
  readonly path: string | null;
}

export const predictCommand = defineCommand({
  command: 'predict <network> <images..>',
  summary: 'Run a model on image files',
  examples: [
    ['$0 predict out/mair.onnx chest.png', 'With a file that `netc build` has written'],
    ['$0 predict models/mair.net --weights mair.safetensors *.png', 'With a source and trained weights'],
    [
      '$0 predict out/unet-lungs.onnx *.png --masks found',
      'Write where the lungs are, to found/lungs/NAME.png',
    ],
    ['$0 predict out/mair.onnx chest.png --json', 'All numbers, for another program'],
  ],
  options: (cli) =>
    sourceOptions(cli)
      .positional('network', {
        type: 'string',
        demandOption: true,
        describe: 'An ONNX file of netc, or a source (.net) with --weights',
      })
      .positional('images', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'PNG, JPEG, TIFF, WebP',
      })
      .option('weights', {
        type: 'string',
        requiresArg: true,
        describe: 'Weights for a source (.safetensors)',
      })
      .option('masks', {
        type: 'string',
        requiresArg: true,
        describe: 'A folder for the masks of a model that segments, as LABEL/NAME.png',
      })
      .option('json', jsonOption),

  run: async (args, terminal) => {
    const names = args.images.map(maskName);
    const repeated = names.find((name, i) => names.indexOf(name) !== i);
    if (args.masks !== undefined && repeated !== undefined)
      throw new UsageError(
        `--masks would write ${repeated} for more than one image: run it for each of their folders`,
      );
    const problems = new ProblemReport(terminal, args.json);
    const file = await loadModelFile(args.network, args.weights, modelChoice(args), problems);
    if (file === undefined) {
      if (args.json)
        terminal.out(jsonReport('predict', { ok: false, images: [], diagnostics: problems.collected }));
      return exitCodes.source;
    }
    const { startPredictor } = await import('../predict/predictor.ts');
    const predictor = await startPredictor(file, args.network);
    const outcomes: Outcome[] = [];
    let code: ExitCode = exitCodes.ok;
    for (const image of args.images) {
      const outcome = await predictOne(predictor, image, args.masks);
      outcomes.push(outcome);
      if ('error' in outcome) code = exitCodeOf(outcome.error);
      if (args.json) continue;
      if ('error' in outcome) reportError(outcome.error, terminal);
      else terminal.out(`${render(predictor, outcome)}\n`);
    }
    await predictor.close();
    if (args.masks !== undefined && !segments(outcomes))
      terminal.err(`warning: no mask was written to ${args.masks}: the model says nothing about places`);
    const { note = notice, isUntrained } = predictor.description;
    if (args.json) {
      const images = outcomes.map((outcome) => jsonOutcome(predictor, outcome));
      terminal.out(
        jsonReport('predict', {
          ok: code === exitCodes.ok,
          untrained: isUntrained,
          notice: note,
          images,
          diagnostics: [],
        }),
      );
    } else {
      if (isUntrained) terminal.err('warning: the weights are untrained, so the numbers mean nothing');
      terminal.out(note);
    }
    return code;
  },
});

/** Whether some image has masks, or none could be read. */
function segments(outcomes: readonly Outcome[]): boolean {
  const read = outcomes.filter((outcome) => 'masks' in outcome);
  return read.length === 0 || read.some(({ masks }) => masks.length > 0);
}

async function predictOne(predictor: Predictor, image: string, folder: string | undefined): Promise<Outcome> {
  try {
    const prediction = await predictor.predict(image);
    const { description } = predictor;
    const maps = [...description.labels.keys()].flatMap(
      (name) => labelMaps(description, prediction, name) ?? [],
    );
    const paths =
      folder === undefined || maps.length === 0
        ? []
        : await (await import('../predict/write-masks.ts')).writeMasks(folder, image, maps);
    const masks = maps.map(({ label, share }, k) => ({ label, share, path: paths[k] ?? null }));
    return { image, prediction, masks };
  } catch (error) {
    if (error instanceof UserError) return { image, error };
    throw error;
  }
}

/**
 * The outputs that have labels, most probable first; where none has, the numbers of all. Of a model that segments, the
 * share of the image that each label takes.
 */
function render(
  { description: { labels } }: Predictor,
  { image, prediction: { outputs }, masks }: Exclude<Outcome, { readonly error: UserError }>,
): string {
  if (masks.length > 0) {
    const rows = masks.map(({ label, share }) => [label, share.toFixed(3)]);
    const written = masks.flatMap(({ path }) => (path === null ? [] : [`wrote ${path}`]));
    return [
      image,
      table([{ title: '' }, { title: 'share of the image', align: 'right' }], rows),
      ...written,
    ].join('\n');
  }
  const labelled = [...outputs].flatMap(([name, values]) => {
    const names = labels.get(name);
    return names === undefined
      ? []
      : [{ name, rows: names.map((label, i) => [label, values[i] ?? NaN] as const) }];
  });
  if (labelled.length === 0) {
    return [image, ...[...outputs].map(([name, values]) => `  ${name}: ${values.join(', ')}`)].join('\n');
  }
  const tables = labelled.map(({ name, rows }) =>
    table(
      [{ title: '' }, { title: name, align: 'right' }],
      [...rows].sort(([, a], [, b]) => b - a).map(([label, value]) => [label, value.toFixed(3)]),
    ),
  );
  return [image, ...tables].join('\n');
}

function jsonOutcome(
  { description: { labels } }: Predictor,
  outcome: Outcome,
): Readonly<Record<string, unknown>> {
  if ('error' in outcome) {
    const { code, message, place, remedy } = outcome.error;
    return { image: outcome.image, error: { code, message, place: place ?? null, help: remedy } };
  }
  const outputs = [...outcome.prediction.outputs].map(([name, values]) => ({
    name,
    labels: labels.get(name) ?? null,
    values,
  }));
  const { image, masks } = outcome;
  return masks.length === 0 ? { image, outputs } : { image, masks, outputs };
}
