// Runs benches: `npm run bench -- NAME... [--json] [--save] [--seed N] [--count N]`; all of them where none is named.
// Ends with 1 where a claim does not hold. `--save` keeps the results in bench/results/ and writes them into
// docs/performance.md. `--count` is how many programs or sources are tried, for benches that try many.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import * as prettier from 'prettier';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    seed: { type: 'string', default: '0' },
    count: { type: 'string' },
  },
});
// What belongs to the data is printed alone: whoever asks for JSON reads the standard output.
const log = (line) => void process.stderr.write(`${line}\n`);

/** Of all the random numbers in a bench. */
const seed = wholeNumber('seed', options.seed);
const count = options.count === undefined ? undefined : wholeNumber('count', options.count);
const known = await benchNames();
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  log(`there is no bench ${unknown.join(', ')}; there are ${known.join(', ')}`);
  process.exit(2);
}

// The bin and the runtime as they are now: a bench of an older build would say nothing about the commit it names.
execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
const rows = [];
for (const name of positionals.length > 0 ? positionals : known) {
  const { title, run } = (await importBundled(name)).bench;
  log(`${name}: ${title}`);
  const load = Number(loadavg()[0].toFixed(1));
  const found = await run({ root, log, seed, count });
  if (!options.json) print(found);
  if (options.save) await save(name, title, found, load);
  rows.push(...found);
}
if (options.json) console.log(JSON.stringify(rows, undefined, 2));
process.exitCode = rows.every(({ holds }) => holds) ? 0 : 1;

function wholeNumber(name, text) {
  if (/^\d+$/.test(text)) return Number(text);
  log(`--${name} is a whole number, not ${text}`);
  process.exit(2);
}

/** The scripts of bench/ that export a `bench`. */
async function benchNames() {
  const names = [];
  for (const file of (await readdir(join(root, 'bench'))).sort()) {
    if (!file.endsWith('.ts')) continue;
    const text = await readFile(join(root, 'bench', file), 'utf8');
    if (text.includes('export const bench')) names.push(file.slice(0, -'.ts'.length));
  }
  return names;
}

/** A module of bench/, bundled as the bin is, so that what is measured is what ships. */
async function importBundled(name) {
  // Inside node_modules, where the packages that stay outside the bundle are found.
  const parent = join(root, 'node_modules', '.netc-bench');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, `${basename(name)}-`));
  try {
    const outfile = join(folder, `${basename(name)}.mjs`);
    await build({
      absWorkingDir: root,
      entryPoints: [`bench/${name}.ts`],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function print(found) {
  const cells = found.map(({ name, ours, peer, ratio, limit, holds }) => ({
    '': limit === null ? '' : holds ? 'holds' : 'FAILS',
    name,
    ours: rounded(ours),
    peer: rounded(peer),
    ratio: rounded(ratio),
    limit: limit === null ? '' : rounded(limit),
  }));
  console.table(Object.fromEntries(cells.map(({ name, ...cell }) => [name, cell])));
}

function rounded(value) {
  return Number(value.toPrecision(4));
}

async function save(name, title, found, load) {
  const folder = join(root, 'bench', 'results');
  await mkdir(folder, { recursive: true });
  const date = new Date().toISOString();
  const machine = await machineOf(load);
  const result = { bench: name, title, date, commit: commit(), seed, machine, rows: found };
  // What one kind of processor came to stays beside what another does.
  const file = `${name}.${machine.cpu.replaceAll(' ', '-')}.json`;
  await writeFile(join(folder, file), `${JSON.stringify(result, undefined, 2)}\n`);
  const document = join(root, 'docs', 'performance.md');
  const { withResults } = await importBundled('report');
  const results = [];
  for (const file of (await readdir(folder)).sort()) {
    if (file.endsWith('.json')) results.push(JSON.parse(await readFile(join(folder, file), 'utf8')));
  }
  const text = withResults(await readFile(document, 'utf8'), results);
  const options = { ...(await prettier.resolveConfig(document)), parser: 'markdown' };
  await writeFile(document, await prettier.format(text, options));
}

/** The commit, marked where sources differ from it. */
function commit() {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  try {
    const changed = git(
      'status',
      '--porcelain',
      '--',
      'src',
      'cli',
      'grammar',
      'models',
      'bench/*.ts',
      'scripts',
      'test',
    );
    return `${git('rev-parse', '--short=12', 'HEAD')}${changed === '' ? '' : ' with changes'}`;
  } catch {
    return 'unknown';
  }
}

async function machineOf(load) {
  const { platform, version: node } = process;
  const { cpuClass } = await importBundled('support/cpu');
  return { cores: availableParallelism(), cpu: await cpuClass(), platform, node, load };
}
