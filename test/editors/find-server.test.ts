import { describe, expect, it } from 'vitest';
import { findServer, type Finding, type Request } from '../../editors/vscode/src/find-server.ts';
import { commandLine, languageServer } from '../../editors/vscode/src/invocation.ts';
import type { Machine } from '../../editors/vscode/src/machine.ts';

/** A machine with these files; those whose text is `program` can be run. */
function machine(files: Readonly<Record<string, string>>, more: Partial<Machine> = {}): Machine {
  return {
    platform: 'linux',
    home: '/home/ada',
    searchPath: '/usr/bin:/opt/bin',
    isFile: (path) => Object.hasOwn(files, path),
    isProgram: (path) => files[path] === 'program',
    read: (path) => files[path],
    ...more,
  };
}

function find(
  files: Readonly<Record<string, string>>,
  request: Partial<Request> = {},
  more?: Partial<Machine>,
): Finding {
  return findServer(
    { setting: '', folders: ['/home/ada/nets'], trusted: true, ...request },
    machine(files, more),
  );
}

const manifest = JSON.stringify({ name: 'netc', bin: { netc: 'dist/netc.cjs' } });
const found = (
  kind: 'script' | 'program',
  path: string,
  from: 'setting' | 'workspace' | 'path',
): Finding => ({
  kind: 'found',
  server: { kind, path, from },
});

describe('netc in the workspace', () => {
  const inModules = {
    '/home/ada/nets/node_modules/netc/package.json': manifest,
    '/home/ada/nets/node_modules/netc/dist/netc.cjs': '',
  };

  it('is the one that Node would resolve', () => {
    expect(find(inModules)).toEqual(
      found('script', '/home/ada/nets/node_modules/netc/dist/netc.cjs', 'workspace'),
    );
  });

  it('is looked for in the folders above', () => {
    const made = find(inModules, { folders: ['/home/ada/nets/packages/small'] });
    expect(made).toEqual(found('script', '/home/ada/nets/node_modules/netc/dist/netc.cjs', 'workspace'));
  });

  it('is looked for in each folder in turn', () => {
    const made = find(inModules, { folders: ['/elsewhere', '/home/ada/nets'] });
    expect(made).toEqual(found('script', '/home/ada/nets/node_modules/netc/dist/netc.cjs', 'workspace'));
  });

  it("may be the workspace itself, netc's repository", () => {
    const made = find({ '/home/ada/nets/package.json': manifest, '/home/ada/nets/dist/netc.cjs': '' });
    expect(made).toEqual(found('script', '/home/ada/nets/dist/netc.cjs', 'workspace'));
  });

  it('comes before the one on the PATH', () => {
    expect(find({ ...inModules, '/usr/bin/netc': 'program' })).toMatchObject({
      server: { from: 'workspace' },
    });
  });

  it.each([
    ['has not been built', { '/home/ada/nets/node_modules/netc/package.json': manifest }],
    [
      'is another package',
      {
        '/home/ada/nets/package.json': JSON.stringify({ name: 'nets', bin: { netc: 'dist/netc.cjs' } }),
        '/home/ada/nets/dist/netc.cjs': '',
      },
    ],
    ['has no readable manifest', { ...inModules, '/home/ada/nets/node_modules/netc/package.json': '{' }],
    [
      'has a manifest that is no object',
      { ...inModules, '/home/ada/nets/node_modules/netc/package.json': 'null' },
    ],
  ])('is passed over when it %s', (_why, files) => {
    expect(find({ ...files, '/opt/bin/netc': 'program' })).toEqual(found('program', '/opt/bin/netc', 'path'));
  });

  it('does not run in a workspace that is not trusted', () => {
    expect(find({ ...inModules, '/usr/bin/netc': 'program' }, { trusted: false })).toEqual(
      found('program', '/usr/bin/netc', 'path'),
    );
    expect(find(inModules, { trusted: false })).toEqual({
      kind: 'missing',
      message:
        'netc is not on the PATH, and the workspace is not trusted, so that its own netc may not run. Trust the workspace, or: Install netc into the project or globally, or say in the setting `netc.path` where its `netc.cjs` is.',
    });
  });
});

describe('netc on the PATH', () => {
  it('is the first that can be run', () => {
    expect(find({ '/usr/bin/netc': 'text', '/opt/bin/netc': 'program' })).toEqual(
      found('program', '/opt/bin/netc', 'path'),
    );
  });

  it('is never one of the current folder', () => {
    expect(find({ netc: 'program' }, {}, { searchPath: ':.' })).toMatchObject({ kind: 'missing' });
  });

  it('is on Windows the package beside the batch file of npm, or an .exe', () => {
    const windows: Partial<Machine> = { platform: 'win32', searchPath: 'C:\\npm;C:\\tools' };
    const npm = {
      'C:\\npm\\netc.cmd': '',
      'C:\\npm\\node_modules\\netc\\package.json': manifest,
      'C:\\npm\\node_modules\\netc\\dist\\netc.cjs': '',
    };
    const at = { folders: ['C:\\nets'] };
    expect(find(npm, at, windows)).toEqual(
      found('script', 'C:\\npm\\node_modules\\netc\\dist\\netc.cjs', 'path'),
    );
    expect(find({ 'C:\\tools\\netc.exe': '' }, at, windows)).toEqual(
      found('program', 'C:\\tools\\netc.exe', 'path'),
    );
  });

  it('is asked for in words when it is nowhere', () => {
    expect(find({})).toEqual({
      kind: 'missing',
      message:
        "netc was found neither in the workspace's node_modules nor on the PATH. Install netc into the project or globally, or say in the setting `netc.path` where its `netc.cjs` is.",
    });
  });
});

describe('the setting', () => {
  it.each([
    ['/opt/netc/dist/netc.cjs', 'script', '/opt/netc/dist/netc.cjs'],
    ['~/netc/netc.cjs', 'script', '/home/ada/netc/netc.cjs'],
    ['${workspaceFolder}/../netc', 'program', '/home/ada/nets/../netc'],
    ['tools/netc', 'program', '/home/ada/nets/tools/netc'],
    ['  /usr/bin/netc ', 'program', '/usr/bin/netc'],
  ] as const)('%s is a %s', (setting, kind, path) => {
    expect(find({ [path]: '' }, { setting })).toEqual(found(kind, path, 'setting'));
  });

  it('that names no file is a mistake, not a wish', () => {
    expect(find({ '/usr/bin/netc': 'program' }, { setting: 'tools/nteC' })).toEqual({
      kind: 'missing',
      message:
        "The setting `netc.path` is `tools/nteC`, but there is no file /home/ada/nets/tools/nteC. Correct it, or clear it so that the workspace's own netc is used.",
    });
    expect(find({}, { setting: 'netc', folders: [] })).toMatchObject({ kind: 'missing' });
  });
});

describe('what is started', () => {
  const script = { kind: 'script', path: '/w/netc.cjs', from: 'workspace' } as const;
  const program = { kind: 'program', path: '/usr/bin/netc', from: 'path' } as const;

  it("is a script in the editor's Node, or the program", () => {
    expect(languageServer(script, '/usr/share/code/code')).toEqual({
      command: '/usr/share/code/code',
      args: ['/w/netc.cjs', 'lsp', '--stdio'],
      env: { ELECTRON_RUN_AS_NODE: '1' },
    });
    expect(languageServer(program, '/usr/share/code/code')).toEqual({
      command: '/usr/bin/netc',
      args: ['lsp', '--stdio'],
      env: {},
    });
  });

  it("is in a terminal what the user would type, in the user's own Node", () => {
    expect(commandLine(script, ['check', '/w/a b.net'])).toMatchObject({
      command: 'node',
      args: ['/w/netc.cjs', 'check', '/w/a b.net'],
    });
    expect(commandLine(program, ['build', 'a.net'])).toMatchObject({
      command: '/usr/bin/netc',
      args: ['build', 'a.net'],
    });
  });
});
