import type { ImageCheck } from '../../../src/runtime/check-images.ts';
import type { ChestXray14 } from '../../../src/runtime/chestxray14.ts';
import { defineCommand, UsageError } from '../../command.ts';
import { exitCodes } from '../../exit-codes.ts';
import { jsonOption, jsonReport } from '../../json.ts';
import type { Terminal } from '../../terminal.ts';

/** How many damaged images are shown to a person; `--json` has all. */
const shownImages = 20;

export const dataInspectCommand = defineCommand({
  command: 'inspect <folder>',
  summary: 'Show what a data set holds: images, patients, positives, what is missing or damaged',
  examples: [
    ['$0 data inspect chestxray14', 'Count what the lists and the label file say of the images here'],
    [
      '$0 data inspect chestxray14 --check-images',
      'Decode every image, too, and list those that are damaged',
    ],
    ['$0 data inspect chestxray14 --labels Effusion,Mass', 'For a model with these labels'],
  ],
  options: (cli) =>
    cli
      .positional('folder', {
        type: 'string',
        demandOption: true,
        describe: 'A folder in the layout of ChestX-ray14',
      })
      .option('labels', {
        type: 'string',
        requiresArg: true,
        describe: 'Labels of a model, with commas between them (default: all of the data set)',
      })
      .option('check-images', {
        type: 'boolean',
        default: false,
        describe: 'Decode every image of the lists',
      })
      .option('masks', {
        type: 'string',
        requiresArg: true,
        describe: 'Labels of a model that learns from masks, with commas: decode all masks of them',
      })
      .option('json', jsonOption),

  run: async (args, terminal) => {
    const [{ chestXray14Labels, readChestXray14 }, { dataWarnings, renderDataReport }] = await Promise.all([
      import('../../../src/runtime/chestxray14.ts'),
      import('../../../src/runtime/render-data-report.ts'),
    ]);
    const labels = args.labels === undefined ? chestXray14Labels : labelsOf('labels', args.labels);
    const masked = args.masks === undefined ? undefined : labelsOf('masks', args.masks);
    const data = await readChestXray14(args.folder, labels);
    if (!args.json) terminal.out(renderDataReport(data.report));
    const check = args.checkImages ? await decodeAll(data, args.json ? undefined : terminal) : undefined;
    const masks = masked && { labels: masked, images: await readAllMasks(args.folder, masked, data) };
    const ok = check === undefined || check.unreadable.length === 0;
    if (args.json) {
      const warnings = dataWarnings(data.report);
      terminal.out(
        jsonReport('data inspect', {
          ok,
          folder: args.folder,
          report: data.report,
          warnings,
          check: check ?? null,
          masks: masks ?? null,
        }),
      );
    } else {
      if (check !== undefined) terminal.out(renderCheck(check));
      if (masks !== undefined)
        terminal.out(`all ${masks.images} images have masks that fit: ${masks.labels.join(', ')}`);
    }
    return ok ? exitCodes.ok : exitCodes.data;
  },
});

function labelsOf(option: string, text: string): readonly string[] {
  const labels = text.split(',').map((label) => label.trim());
  if (labels.includes('')) throw new UsageError(`--${option} takes names with commas between them`);
  const repeated = labels.find((label, i) => labels.indexOf(label) !== i);
  if (repeated !== undefined) throw new UsageError(`--${option} has "${repeated}" twice`);
  return labels;
}

/** How many images there are, all with masks as a training wants them. UserError for the first fault. */
async function readAllMasks(
  folder: string,
  labels: readonly string[],
  { train, validation = [], test }: ChestXray14,
): Promise<number> {
  const { readMasks } = await import('../../../src/runtime/masks.ts');
  return (await readMasks(folder, labels, [...train, ...validation, ...test])).length;
}

/** Tells whoever waits at each tenth how far it is. */
async function decodeAll(
  { train, validation = [], test }: ChestXray14,
  terminal?: Terminal,
): Promise<ImageCheck> {
  const { checkImages } = await import('../../../src/runtime/check-images.ts');
  return checkImages([...train, ...validation, ...test], {
    onProgress: (done, all) => {
      if (Math.floor((10 * done) / all) > Math.floor((10 * (done - 1)) / all))
        terminal?.err(`${done} of ${all} images decoded`);
    },
  });
}

function renderCheck({ checked, kinds, unreadable }: ImageCheck): string {
  const shown = unreadable.slice(0, shownImages);
  const rest = unreadable.length - shown.length;
  return [
    `${checked - unreadable.length} of ${checked} images can be decoded`,
    ...Object.entries(kinds).map(([kind, count]) => `  ${String(count).padStart(6)}  ${kind}`),
    ...shown.map(({ path, code, reason }) => `error[${code}]: ${path}: ${reason}`),
    ...(rest === 0 ? [] : [`and ${rest} more; --json lists all of them`]),
  ].join('\n');
}
