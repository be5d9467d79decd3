// Lists what is in a .vsix and fails unless it is just what the extension needs.
import { readFileSync } from 'node:fs';

const expected = [
  '[Content_Types].xml',
  'extension.vsixmanifest',
  'extension/LICENSE.txt',
  'extension/changelog.md',
  'extension/dist/extension.cjs',
  'extension/dist/third-party-licenses.txt',
  'extension/images/icon.png',
  'extension/language-configuration.json',
  'extension/package.json',
  'extension/readme.md',
  'extension/snippets/net.json',
  'extension/syntaxes/net-in-markdown.tmLanguage.json',
  'extension/syntaxes/net.tmLanguage.json',
];
const most = 500_000;

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: node check-package.mjs FILE.vsix');
const zip = readFileSync(path);
const files = entries(zip);
for (const { name, size } of files) console.log(`${String(size).padStart(8)}  ${name}`);
console.log(`${String(zip.length).padStart(8)}  ${path}`);

const names = files.map(({ name }) => name);
const problems = [
  ...expected.filter((name) => !names.includes(name)).map((name) => `${name} is missing`),
  ...names.filter((name) => !expected.includes(name)).map((name) => `${name} does not belong there`),
  ...(zip.length > most ? [`it is larger than ${most} bytes`] : []),
];
for (const problem of problems) console.error(`${path}: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** The central directory of a zip file: names and sizes of what is in it. */
function entries(buffer) {
  const end = buffer.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error(`${path} is no zip file`);
  let at = buffer.readUInt32LE(end + 16);
  return Array.from({ length: buffer.readUInt16LE(end + 10) }, () => {
    const [name, extra, comment] = [28, 30, 32].map((field) => buffer.readUInt16LE(at + field));
    const entry = {
      name: buffer.toString('utf8', at + 46, at + 46 + name),
      size: buffer.readUInt32LE(at + 24),
    };
    at += 46 + name + extra + comment;
    return entry;
  });
}
