import { posix, win32, type PlatformPath } from 'node:path';
import type { Machine } from './machine.ts';

/** netc, as a script for Node or as a program of its own, and by which of the three ways it was found. */
export interface Server {
  readonly kind: 'script' | 'program';
  readonly path: string;
  readonly from: 'setting' | 'workspace' | 'path';
}

export type Finding =
  | { readonly kind: 'found'; readonly server: Server }
  /** Why there is none, and what the user can do. */
  | { readonly kind: 'missing'; readonly message: string };

export interface Request {
  /** The setting `netc.path`; empty where it is not set. */
  readonly setting: string;
  /** The folders of the workspace, in its order. */
  readonly folders: readonly string[];
  /** Whether the user trusts the workspace: what lies in another's folder must not run because the folder was opened. */
  readonly trusted: boolean;
}

/** The setting, else the workspace's own netc, else the one on the PATH. */
export function findServer(request: Request, machine: Machine): Finding {
  const setting = request.setting.trim();
  if (setting !== '') return fromSetting(setting, request.folders, machine);
  const server = (request.trusted ? fromFolders(request.folders, machine) : undefined) ?? onPath(machine);
  return server === undefined ? { kind: 'missing', message: missing(request) } : { kind: 'found', server };
}

function missing({ trusted, folders }: Request): string {
  const remedy =
    'Install netc into the project or globally, or say in the setting `netc.path` where its `netc.cjs` is.';
  if (!trusted && folders.length > 0) {
    return `netc is not on the PATH, and the workspace is not trusted, so that its own netc may not run. Trust the workspace, or: ${remedy}`;
  }
  return `netc was found neither in the workspace's node_modules nor on the PATH. ${remedy}`;
}

function pathsOf(machine: Machine): PlatformPath {
  return machine.platform === 'win32' ? win32 : posix;
}

function fromSetting(setting: string, folders: readonly string[], machine: Machine): Finding {
  const paths = pathsOf(machine);
  const [first = ''] = folders;
  const written = setting
    .replace(/^~(?=$|[/\\])/, () => machine.home)
    .replaceAll('${workspaceFolder}', () => first);
  const candidates = paths.isAbsolute(written)
    ? [written]
    : folders.map((folder) => paths.join(folder, written));
  const path = candidates.find((candidate) => machine.isFile(candidate));
  if (path === undefined) {
    const where = candidates.length === 0 ? written : candidates.join(', ');
    return {
      kind: 'missing',
      message: `The setting \`netc.path\` is \`${setting}\`, but there is no file ${where}. Correct it, or clear it so that the workspace's own netc is used.`,
    };
  }
  return { kind: 'found', server: { kind: isScript(path) ? 'script' : 'program', path, from: 'setting' } };
}

function isScript(path: string): boolean {
  return /\.[cm]?js$/.test(path);
}

/** As Node would resolve the package, from each folder upwards; a folder may be netc's own repository. */
function fromFolders(folders: readonly string[], machine: Machine): Server | undefined {
  const paths = pathsOf(machine);
  for (const folder of folders) {
    for (const at of upwards(folder, paths)) {
      const script = scriptOf(at, machine) ?? scriptOf(paths.join(at, 'node_modules', 'netc'), machine);
      if (script !== undefined) return { kind: 'script', path: script, from: 'workspace' };
    }
  }
  return undefined;
}

function* upwards(folder: string, paths: PlatformPath): Generator<string> {
  for (let at = folder; ; at = paths.dirname(at)) {
    yield at;
    if (paths.dirname(at) === at) return;
  }
}

/** The script that the package in a folder calls `netc`, where the package is netc and has been built. */
function scriptOf(folder: string, machine: Machine): string | undefined {
  const paths = pathsOf(machine);
  const text = machine.read(paths.join(folder, 'package.json'));
  const bin = text === undefined ? undefined : binOf(text);
  const script = bin && paths.join(folder, bin);
  return script !== undefined && machine.isFile(script) ? script : undefined;
}

function binOf(packageJson: string): string | undefined {
  let content: unknown;
  try {
    content = JSON.parse(packageJson);
  } catch {
    return undefined; // Half written, or somebody else's: not a netc to start.
  }
  if (!isRecord(content) || content['name'] !== 'netc') return undefined;
  const { bin } = content;
  const netc = isRecord(bin) ? bin['netc'] : bin;
  return typeof netc === 'string' ? netc : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function onPath(machine: Machine): Server | undefined {
  const paths = pathsOf(machine);
  for (const folder of machine.searchPath.split(paths.delimiter)) {
    if (!paths.isAbsolute(folder)) continue;
    if (machine.platform !== 'win32') {
      const path = paths.join(folder, 'netc');
      if (machine.isProgram(path)) return { kind: 'program', path, from: 'path' };
      continue;
    }
    // What npm puts on the PATH there is a batch file, which Node does not start; the package lies beside it.
    const script = scriptOf(paths.join(folder, 'node_modules', 'netc'), machine);
    if (script !== undefined) return { kind: 'script', path: script, from: 'path' };
    const path = paths.join(folder, 'netc.exe');
    if (machine.isFile(path)) return { kind: 'program', path, from: 'path' };
  }
  return undefined;
}
