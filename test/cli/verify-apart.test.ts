import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyBy } from '../../cli/train/verify-apart.ts';

const netc = [
  '--import',
  import.meta.resolve('tsx'),
  fileURLToPath(new URL('../../cli/bin.ts', import.meta.url)),
];
const unstopped = new AbortController().signal;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netc-verify-apart-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function source(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `language 1\n${text}`);
  return path;
}

const line = `model Line(width: int = 3) {
  input x: [N, C: width]
  output y = linear(C -> K: 2)(x)
}
`;

describe('verifying in a process of its own', () => {
  it('says that the targets agree, of the variant that is asked for', async () => {
    const file = await source('line.net', line);
    const verdict = await verifyBy(netc, file, { set: { width: '5' } }, unstopped);
    expect(verdict).toMatchObject({ ok: true, problems: '' });
    expect(verdict.report).toMatch(/\nThe targets agree\.$/);
  });

  it('tells of a process that ends without a verdict', async () => {
    const file = await source('broken.net', 'model Broken() {}\n');
    const cause: unknown = expect.stringContaining('error');
    await expect(verifyBy(netc, file, { set: {} }, unstopped)).rejects.toMatchObject({
      code: 'R4010',
      cause,
    });
  });

  it('says why a process cannot be started', async () => {
    const { execPath } = process;
    process.execPath = join(folder, 'no-node');
    try {
      await expect(verifyBy(netc, 'line.net', { set: {} }, unstopped)).rejects.toMatchObject({
        code: 'R4008',
        message: expect.stringMatching(
          /^The system does not start another process: spawn .* ENOENT\.$/,
        ) as unknown,
        remedy: expect.stringContaining('no-node') as unknown,
      });
    } finally {
      process.execPath = execPath;
    }
  });

  it('is stopped by the signal', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped');
    const verdict = verifyBy(['-e', 'setInterval(() => {}, 1000)'], 'line.net', { set: {} }, stop.signal);
    stop.abort(reason);
    await expect(verdict).rejects.toBe(reason);
  });

  it('is not begun where the signal came first', async () => {
    const reason = new Error('stopped');
    const verdict = verifyBy(
      ['-e', 'setInterval(() => {}, 1000)'],
      'line.net',
      { set: {} },
      AbortSignal.abort(reason),
    );
    await expect(verdict).rejects.toBe(reason);
  });
});
