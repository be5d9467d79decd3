// Writes every generated file of the repository, or with --check tells whether each is fresh.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { tsImport } from 'tsx/esm/api';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const load = (path) => tsImport(join(root, path), import.meta.url);

/** Path of the generated file, and how its text is made; undefined where there should be no such file. Further generators join here. */
const generators = [
  {
    path: 'grammar/cst-types.ts',
    text: async () => (await load('grammar/generate/cst-types.ts')).cstTypes(),
  },
  {
    path: 'grammar/rule-table.ts',
    text: async () => (await load('grammar/generate/rule-table.ts')).ruleTable(),
  },
  { path: 'docs/syntax.md', text: syntaxReference },
  {
    path: 'docs/ops.md',
    text: async () => markdown((await load('src/compiler/reference/ops-reference.ts')).opsReference()),
  },
  { path: 'editors/vscode/syntaxes/net.tmLanguage.json', text: textMateGrammar },
  { path: 'docs/library.md', text: libraryReference },
];

/** A file for each rule of the grammar, and nothing for those that are gone. */
async function syntaxDiagrams() {
  const made = (await load('grammar/generate/syntax-reference.ts')).syntaxDiagrams();
  const folder = join(root, 'docs/img/syntax');
  const present = (await readdir(folder).catch(() => [])).map((name) => `img/syntax/${name}`);
  const paths = [...new Set([...made.keys(), ...present])];
  return paths.map((path) => ({ path: `docs/${path}`, text: () => made.get(path) }));
}

async function syntaxReference() {
  const { syntaxReference: text } = await load('grammar/generate/syntax-reference.ts');
  const { sourceLimits } = await load('src/compiler/syntax/limits.ts');
  const { maxExpressionDepth } = await load('src/compiler/syntax/build/expressions.ts');
  const { languageVersion } = await load('src/compiler/syntax/build/declarations.ts');
  return markdown(text({ source: sourceLimits, maxExpressionDepth, languageVersion }));
}

async function libraryReference() {
  const { libraryReference: text } = await load('src/compiler/reference/library-reference.ts');
  const names = (await readdir(join(root, 'models/lib'))).filter((name) => name.endsWith('.net'));
  const paths = names.toSorted().map((name) => `models/lib/${name}`);
  const sources = paths.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') }));
  return markdown(text(await Promise.all(sources)));
}

async function textMateGrammar() {
  const { textMateGrammar: grammar } = await load('grammar/generate/textmate/grammar.ts');
  const { vocabulary } = await load('src/compiler/reference/vocabulary.ts');
  return formatted(JSON.stringify(grammar(vocabulary())), 'json');
}

const markdown = (text) => formatted(text, 'markdown');

async function formatted(text, parser) {
  const config = await prettier.resolveConfig(join(root, 'package.json'));
  return prettier.format(text, { ...config, parser });
}

const check = process.argv.includes('--check');
let stale = 0;
for (const { path, text } of [...generators, ...(await syntaxDiagrams())]) {
  const file = join(root, path);
  const made = await text();
  const present = await readFile(file, 'utf8').catch(() => undefined);
  if (present === made) continue;
  if (check) {
    stale++;
    console.error(`${relative(root, file)} is not what its generator makes: run \`npm run generate\``);
  } else if (made === undefined) {
    await rm(file);
    console.log(`removed ${relative(root, file)}`);
  } else {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, made);
    console.log(`wrote ${relative(root, file)}`);
  }
}
process.exitCode = stale === 0 ? 0 : 1;
