import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SourceWatcher, type Observation } from '../../../cli/watch/source-watcher.ts';
import { temporaryFolder } from '../../runtime/temporary-folder.ts';

const folder = await temporaryFolder();
let project: string;
let count = 0;
let watcher: SourceWatcher;

const path = (name: string): string => join(project, name);
const textOf = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, 'utf8') : undefined;

/** A file as it is now. */
function observed(name: string): Observation {
  const text = textOf(path(name));
  return { path: path(name), isStale: () => textOf(path(name)) !== text };
}

/** What `changed` resolves to when something is done after it began to wait; no test waits for a time to pass. */
async function after(
  observations: readonly Observation[],
  act: () => Promise<void>,
): Promise<readonly string[]> {
  const changed = watcher.changed(observations);
  await act();
  return changed;
}

beforeEach(async () => {
  project = join(folder, `project-${count++}`);
  watcher = new SourceWatcher();
  await mkdir(path('lib'), { recursive: true });
  await writeFile(path('a.net'), 'a');
  await writeFile(path('lib/b.net'), 'b');
});
afterEach(() => watcher.close());

describe('SourceWatcher', () => {
  test('hears of a file that is written', async () => {
    const files = [observed('a.net'), observed('lib/b.net')];
    expect(await after(files, () => writeFile(path('lib/b.net'), 'B'))).toEqual([path('lib/b.net')]);
  });

  test('hears of each change, time after time', async () => {
    for (const text of ['1', '2', '3']) {
      expect(await after([observed('a.net')], () => writeFile(path('a.net'), text))).toEqual([path('a.net')]);
    }
  });

  test('hears of a file that another takes the place of, again and again', async () => {
    for (const text of ['1', '2', '3']) {
      const replaced = await after([observed('a.net')], async () => {
        await writeFile(path('a.net.tmp'), text);
        await rename(path('a.net.tmp'), path('a.net'));
      });
      expect(replaced).toEqual([path('a.net')]);
    }
  });

  test('hears of a file that goes and comes back', async () => {
    expect(await after([observed('a.net')], () => unlink(path('a.net')))).toEqual([path('a.net')]);
    expect(await after([observed('a.net')], () => writeFile(path('a.net'), 'a'))).toEqual([path('a.net')]);
  });

  test('hears of a file that was missing, and of its folders', async () => {
    const missing = [observed('new/deep/c.net')];
    const found = await after(missing, async () => {
      await mkdir(path('new/deep'), { recursive: true });
      await writeFile(path('new/deep/c.net'), 'c');
    });
    expect(found).toEqual([path('new/deep/c.net')]);
  });

  test('hears of files in a folder that was moved away, and made anew', async () => {
    const gone = await after([observed('lib/b.net')], () => rename(path('lib'), path('old')));
    expect(gone).toEqual([path('lib/b.net')]);
    const back = await after([observed('lib/b.net')], async () => {
      await mkdir(path('lib'));
      await writeFile(path('lib/b.net'), 'b again');
    });
    expect(back).toEqual([path('lib/b.net')]);
    const written = await after([observed('lib/b.net')], () => writeFile(path('lib/b.net'), 'and again'));
    expect(written).toEqual([path('lib/b.net')]);
  });

  test('hears of a folder that another takes the place of at once', async () => {
    const before = observed('lib/b.net');
    await after([before, observed('a.net')], () => writeFile(path('a.net'), 'A'));
    await rm(path('lib'), { recursive: true });
    await mkdir(path('lib'));
    await writeFile(path('lib/b.net'), 'b');
    expect(await after([before], () => writeFile(path('lib/b.net'), 'B'))).toEqual([path('lib/b.net')]);
  });

  test.skipIf(process.platform === 'win32')('hears of what a link leads to', async () => {
    await symlink(path('lib/b.net'), path('link.net'));
    expect(await after([observed('link.net')], () => writeFile(path('lib/b.net'), 'B'))).toEqual([
      path('link.net'),
    ]);
  });

  test('finds what changed before it began to wait', async () => {
    const file = observed('a.net');
    writeFileSync(path('a.net'), 'A');
    expect(await watcher.changed([file])).toEqual([path('a.net')]);
  });

  test('looks now and then where the system refuses to tell', async () => {
    watcher = new SourceWatcher(() => {
      throw Object.assign(new Error('ENOSPC: no more watches'), { code: 'ENOSPC' });
    });
    expect(await after([observed('a.net')], () => writeFile(path('a.net'), 'A'))).toEqual([path('a.net')]);
    expect(await after([observed('a.net')], () => unlink(path('a.net')))).toEqual([path('a.net')]);
  });

  test('does not mind a file that is touched, nor others in its folder', async () => {
    const changed = await after([observed('a.net'), observed('lib/b.net')], async () => {
      await utimes(path('a.net'), new Date(), new Date());
      await writeFile(path('other.txt'), 'x');
      await rename(path('other.txt'), path('another.txt'));
      await writeFile(path('lib/b.net'), 'B');
    });
    expect(changed).toEqual([path('lib/b.net')]);
  });
});
