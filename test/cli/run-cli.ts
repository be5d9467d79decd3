import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { main } from '../../cli/main.ts';

export interface CliResult {
  readonly code: number | null;
  readonly signal?: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, standing where it stands. */
export function runCli(...argv: readonly string[]): Promise<CliResult> {
  return runBy(main, argv);
}

/** The same, understood by yargs (`main`) or by whatever else. */
export async function runBy(start: typeof main, argv: readonly string[]): Promise<CliResult> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    out: (text: string) => out.push(text),
    err: (text: string) => err.push(text),
    colour: false,
  };
  const code = await start(argv, terminal);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const bin = fileURLToPath(new URL('../../cli/bin.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

/** Starts a command line as a process of its own, from the sources. */
export function startCli(argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
  return spawn(process.execPath, ['--import', tsx, bin, ...argv], options);
}

/** Runs a command line as a process of its own, from the sources. */
export function spawnCli(
  argv: readonly string[],
  { cwd = process.cwd(), env = {} }: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<CliResult> {
  const child = startCli(argv, { cwd, env: { ...process.env, ...env } });
  let [out, err] = ['', ''];
  child.stdout?.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (err += text.toString()));
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, out, err })));
}
