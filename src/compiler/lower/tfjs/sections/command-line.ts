import { laidOut, type Section } from './section.ts';

/** What the command line needs to know of the model and the recipe. Names are literals or keys of JavaScript. */
export interface CommandLineFacts {
  readonly file: string;
  /** What the images come with. */
  readonly learnsFrom: 'labels' | 'masks';
  readonly seed: number;
  readonly batch: number;
  readonly epochs: number;
  /** Whether the program has an `augmentation`. */
  readonly isAugmented: boolean;
  /** Whether the weights that are kept are an average. */
  readonly isAveraged: boolean;
  /** Whether the model draws random numbers while training. */
  readonly isRandom: boolean;
}

const entryPoint = `/** Whether this file is what \`node\` was started with; not so when it is imported, or in a browser. */
async function isEntryPoint() {
  const file = typeof process === 'undefined' ? undefined : process.argv?.[1];
  if (file === undefined) return false;
  const { existsSync, realpathSync } = await import('node:fs');
  const { pathToFileURL } = await import('node:url');
  return existsSync(file) && import.meta.url === pathToFileURL(realpathSync(file)).href;
}`;

/** Says what a program is for that has no data set to read, to whoever starts it. */
export const importSection: Section = laidOut(`
${entryPoint}

if (await isEntryPoint()) {
  console.error('This program reads no data by itself: import it, and give batches to what it exports.');
  process.exitCode = 2;
}
`);

/** `main`: reads its options and the data, trains, and writes the weights. */
export function commandLineSection({
  file,
  learnsFrom,
  seed,
  batch,
  epochs,
  isAugmented,
  isAveraged,
  isRandom,
}: CommandLineFacts): Section {
  const masked = learnsFrom === 'masks';
  return laidOut(`
const usage = \`Trains on ${masked ? "images with masks, in ChestX-ray14's layout" : 'ChestX-ray14'}.

  node ${file} --data DIR [options]

  --data DIR      the data set: images, labels and lists as they are downloaded
  --steps N       steps to take            (default: ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'})
  --batch N       samples in a step        (default: ${batch})
  --seed N        of weights and order     (default: ${seed})
  --weights FILE  weights to start from, safetensors
  --out FILE      where the weights go at the end
  --help          this text\`;

class UsageError extends Error {}

function readOptions(args, parseArgs) {
  const names = ['data', 'steps', 'batch', 'seed', 'weights', 'out'];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  let values;
  try {
    ({ values } = parseArgs({ args, options: { ...options, help: { type: 'boolean' } } }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  const whole = (name, minimum) => {
    const text = values[name];
    if (text === undefined) return undefined;
    const number = Number(text);
    if (/^\\d+$/.test(text) && Number.isSafeInteger(number) && number >= minimum) return number;
    throw new UsageError(\`--\${name} takes a whole number from \${minimum} up, not "\${text}"\`);
  };
  if (values.data === undefined && !values.help) {
    throw new UsageError('--data is missing: the folder of the data set');
  }
  const numbers = { steps: whole('steps', 1), batch: whole('batch', 1) ?? ${batch}, seed: whole('seed', 0) ?? ${seed} };
  return { ...values, ...numbers };
}

async function main(args) {
  const { parseArgs } = await import('node:util');
  const { batchRanges, batches, readChestXray14${masked ? ', readMasks' : ''} } = await import('./netc-runtime.mjs');
  const options = readOptions(args, parseArgs);
  if (options.help) {
    console.log(usage);
    return;
  }
${
  masked
    ? `  const listed = await readChestXray14(options.data, []);
  const train = await readMasks(options.data, labels, listed.train);`
    : '  const { train } = await readChestXray14(options.data, labels);'
}
  console.log(\`backend \${await chooseBackend()}\`);
  const w = createWeights(options.seed);
  if (options.weights !== undefined) await loadWeights(w, options.weights);

  const steps = options.steps ?? ${epochs} * batchRanges(train.length, options.batch).length;
  const trainer = createTrainer(w, { steps${isRandom ? ', seed: options.seed' : ''} });
  for (let epoch = 0; trainer.step < steps; epoch++) {
    const shuffle = { seed: options.seed, epoch };
${isAugmented ? '    const augment = { ...shuffle, by: augmentation };\n' : ''}    for await (const read of batches(train, { size: options.batch, pixels, shuffle${isAugmented ? ', augment' : ''} })) {
      const batch = toTensors(read);
      const start = performance.now();
      const value = await trainStep(trainer, batch);
      const rate = (1000 * read.size) / (performance.now() - start);
      tf.dispose(batch);
      console.log(\`step \${trainer.step}/\${steps}  loss \${value.toFixed(6)}  \${rate.toFixed(2)} images/s\`);
      if (!Number.isFinite(value)) throw new Error('the loss is no number any more: lower the learning rate');
      if (trainer.step === steps) break;
    }
  }
  if (options.out !== undefined) {
    await saveWeights(${isAveraged ? 'trainer.averaged' : 'w'}, options.out);
    console.log(\`weights in \${options.out}\`);
  }
}

${entryPoint}

if (await isEntryPoint()) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    const { renderUserError, UserError } = await import('./netc-runtime.mjs');
    if (error instanceof UsageError) {
      console.error(\`\${error.message}\\n\\n\${usage}\`);
      process.exitCode = 2;
    } else if (error instanceof UserError) {
      console.error(renderUserError(error));
      process.exitCode = error.code.startsWith('R1') ? 3 : 5;
    } else {
      console.error(error);
      process.exitCode = 1;
    }
  }
}
`);
}
