import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { inRepository } from '../support/repository.ts';
import { standInServer } from './stand-in-server.ts';

const files = inRepository('editors/neovim');
const folder = await realpath(await temporaryFolder());
const source = join(folder, 'models', 'open.net');
const missing = spawnSync('nvim', ['--version']).status === 0 ? '' : ': Neovim is not installed';

beforeAll(async () => {
  await mkdir(join(folder, 'models'));
  await writeFile(source, 'language 1\n\nblock F()(x: [N]) -> [N] {\n  return y\n}\n');
  await writeFile(join(folder, 'package.json'), '{}');
  await writeFile(join(folder, 'server.mjs'), standInServer);
});

/** Opens the source in a Neovim without settings but these files, runs Lua before and after, and reads what that returns. */
async function inNeovim(before: string, after: string): Promise<unknown> {
  const out = join(folder, 'out.json');
  const init = join(folder, 'init.lua');
  await writeFile(init, `vim.cmd('filetype plugin on')\n${before}\n`);
  const write = `vim.fn.writefile({ vim.fn.json_encode((function() ${after} end)()) }, ${JSON.stringify(out)})`;
  const args = ['--headless', '-n', '-i', 'NONE', '--noplugin', '-u', init, '--cmd', `set rtp^=${files}`];
  await promisify(execFile)('nvim', [...args, source, '-c', `lua ${write}`, '-c', 'qall!'], {
    cwd: folder,
    env: { ...process.env, XDG_STATE_HOME: folder, XDG_CACHE_HOME: folder, XDG_CONFIG_HOME: folder },
    timeout: 30_000,
  });
  return JSON.parse(await readFile(out, 'utf8'));
}

/** Starts a server for the sources, as a user's settings would. */
function withServer(script: string): string {
  const cmd = [process.execPath, script, 'lsp', '--stdio'].map((part) => JSON.stringify(part)).join(', ');
  return `require('netc').setup({ cmd = { ${cmd} } })`;
}

const untilDiagnosed = `
  vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end, 20)
  local client = (vim.lsp.get_clients or vim.lsp.get_active_clients)()[1]
  return { root = client.config.root_dir, said = vim.diagnostic.get(0) }
`;

describe.skipIf(missing !== '')(`the files for Neovim${missing}`, () => {
  it('know a source and how it is written', async () => {
    const options = await inNeovim(
      '',
      'return { vim.bo.filetype, vim.bo.commentstring, vim.bo.comments, vim.bo.shiftwidth, vim.bo.expandtab }',
    );
    expect(options).toEqual(['netc', '// %s', ':///,://', 2, true]);
  });

  it('start the same server before Neovim 0.11 and from then on', async () => {
    const config = await inNeovim('', `return dofile(${JSON.stringify(join(files, 'lsp/netc.lua'))})`);
    expect(config).toEqual({
      cmd: ['netc', 'lsp', '--stdio'],
      filetypes: ['netc'],
      root_markers: ['package.json', '.git'],
    });
    const started = await inNeovim(
      `vim.lsp.start_client = function(config) Started = config end\nrequire('netc').setup()`,
      'return Started',
    );
    expect(started).toEqual({ name: 'netc', cmd: ['netc', 'lsp', '--stdio'], root_dir: folder });
  });

  it('show what a server says of the source', async () => {
    const shown = await inNeovim(withServer(join(folder, 'server.mjs')), untilDiagnosed);
    expect(shown).toMatchObject({ root: folder, said: [{ message: 'netc', lnum: 0, col: 0 }] });
  });

  it.skipIf(!existsSync(inRepository('cli/commands/lsp.ts')))(
    "show what netc's own server says",
    async () => {
      const shown = await inNeovim(withServer(inRepository('dist/netc.cjs')), untilDiagnosed);
      expect(shown).toMatchObject({ said: [{ code: 'N2001', lnum: 3, col: 9 }] });
    },
  );
});
