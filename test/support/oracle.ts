import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readSafetensors, writeSafetensors } from '../../src/runtime/safetensors.ts';
import type { SafeTensor, Safetensors } from '../../src/runtime/safetensors.ts';

/**
 * Independent references in Python, which live in `test/oracle`. They take Debian's `python3-torch` and
 * `python3-torchvision`, always through the system's interpreter; where these are absent, the tests that need them
 * are skipped and say so.
 */
const python = '/usr/bin/python3';
const scripts = fileURLToPath(new URL('../oracle/', import.meta.url));
const run = promisify(execFile);

const found = new Map<string, boolean>();

/** Why an oracle that imports these modules cannot run here; undefined when it can. */
export function oracleMissing(...modules: readonly string[]): string | undefined {
  if (!existsSync(python)) return `${python} is missing`;
  const absent = modules.filter((module) => !hasModule(module));
  return absent.length === 0 ? undefined : `${python} has no ${absent.join(', ')}`;
}

/** Asks for the module without importing it: torch alone would take a second. */
function hasModule(name: string): boolean {
  let has = found.get(name);
  if (has === undefined) {
    const question = `import importlib.util, sys; sys.exit(importlib.util.find_spec(${JSON.stringify(name)}) is None)`;
    has = spawnSync(python, ['-c', question]).status === 0;
    found.set(name, has);
  }
  return has;
}

/** What starts `test/oracle/<script>.py`. */
export function oracleCommand(script: string, ...args: readonly string[]): readonly [string, ...string[]] {
  return [python, join(scripts, `${script}.py`), ...args];
}

/**
 * Runs `test/oracle/<script>.py` on a request and tensors, and returns the tensors it answers with. The message of an
 * oracle that fails has its traceback.
 */
export async function askOracle(
  script: string,
  request: Readonly<Record<string, unknown>>,
  tensors: ReadonlyMap<string, SafeTensor> = new Map(),
): Promise<Safetensors> {
  const folder = await mkdtemp(join(tmpdir(), 'netc-oracle-'));
  try {
    const [asked, given, answered] = ['request.json', 'input.safetensors', 'output.safetensors'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    await writeFile(asked, JSON.stringify(request));
    await writeSafetensors(given, tensors);
    const [file, ...args] = oracleCommand(script, asked, given, answered);
    await run(file, args, { maxBuffer: 2 ** 24 });
    return await readSafetensors(answered);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The numbers of one tensor of an answer. */
export function numbersOf({ tensors }: Safetensors, name: string): Float64Array {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`the oracle gave no tensor ${name}`);
  if (tensor.dtype === 'I64' || tensor.dtype === 'U64') return Float64Array.from(tensor.data, Number);
  return new Float64Array(tensor.data);
}
