import { defineCommand, UsageError } from '../../command.ts';
import { exitCodes } from '../../exit-codes.ts';
import { jsonOption, jsonReport } from '../../json.ts';
import { LiveLine } from '../../live-line.ts';
import { listenForStop, wasStopped } from '../../train/stop-signals.ts';

export const dataPhantomCommand = defineCommand({
  command: 'phantom',
  summary: "Draw SYNTHETIC chest radiographs with all 14 findings, in ChestX-ray14's layout",
  examples: [
    [
      '$0 data phantom --out phantom -n 2000',
      'A data set to try everything with; docs/phantom.md describes it',
    ],
    [
      '$0 data phantom --out big -n 200 --size 1024 --seed 7',
      'In the size of the published images, other patients',
    ],
  ],
  options: (cli) =>
    cli
      .option('out', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'A folder that is not there yet, or empty',
      })
      .option('count', { alias: 'n', type: 'number', default: 2000, requiresArg: true, describe: 'Images' })
      .option('seed', {
        type: 'number',
        default: 1,
        requiresArg: true,
        describe: 'Equal seeds give equal files',
      })
      .option('size', {
        type: 'number',
        default: 256,
        requiresArg: true,
        describe: 'Side of the images in pixels, 16 to 2048',
      })
      .option('json', jsonOption),

  run: async ({ out, count, seed, size, json }, terminal) => {
    if (!Number.isSafeInteger(count) || count < 2)
      throw new UsageError('--count takes a whole number from 2 up');
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new UsageError('--seed takes a whole number from 0 up');
    if (!Number.isSafeInteger(size) || size < 16 || size > 2048)
      throw new UsageError('--size takes a whole number from 16 to 2048');
    const { writePhantom } = await import('../../../src/runtime/phantom/write-phantom.ts');
    const line = new LiveLine(terminal);
    const stop = listenForStop(() => line.clear());
    try {
      const report = await writePhantom(out, {
        count,
        seed,
        size,
        onProgress: (done) => line.update('drawing synthetic radiographs', done, count, 'images'),
        signal: stop.signal,
      });
      line.clear();
      const { images, patients, train, test } = report;
      if (json)
        terminal.out(
          jsonReport('data phantom', { ok: true, folder: out, synthetic: true, seed, size, ...report }),
        );
      else
        terminal.out(
          `wrote ${images} SYNTHETIC radiographs of ${patients} patients to ${out}: ${train} to train, ${test} to test (seed ${seed})`,
        );
      return exitCodes.ok;
    } catch (error) {
      if (!wasStopped(stop, error)) throw error;
      terminal.err('Stopped: nothing was written.');
      return exitCodes.ok;
    } finally {
      line.clear();
      stop.release();
    }
  },
});
