import { spawn } from 'node:child_process';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../runtime/temporary-folder.ts';

const folder = await temporaryFolder();

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s while files are written leaves all of them or none',
  async (signal) => {
    const out = join(folder, signal);
    const script = join(folder, `${signal}.mts`);
    const writer = pathToFileURL(join(import.meta.dirname, '../../cli/write-outputs.ts')).href;
    await writeFile(
      script,
      `import { writeOutputs } from ${JSON.stringify(writer)};
const files = [1, 2, 3].map((i) => ({ path: ${JSON.stringify(out)} + '/' + i, content: new Uint8Array(20_000_000) }));
setTimeout(() => process.kill(process.pid, ${JSON.stringify(signal)}), 5);
await writeOutputs(files);
await new Promise((resolve) => setTimeout(resolve, 10_000));
`,
    );
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script]);
    const ended = await new Promise((resolve) => child.on('close', (_, by) => resolve(by)));
    expect(ended).toBe(signal);
    expect((await readdir(out)).sort()).toEqual(['1', '2', '3']);
    for (const name of ['1', '2', '3']) expect((await stat(join(out, name))).size).toBe(20_000_000);
  },
);
