import { readFile } from 'node:fs/promises';

/** What the kernel says of this processor; nothing where it does not. */
export async function cpuFlags(): Promise<ReadonlySet<string>> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  return new Set(/^flags\s*:(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/));
}

/** Architecture and vector instructions. */
export async function cpuClass(): Promise<string> {
  const flags = await cpuFlags();
  const named = ['avx2', 'avx512f', 'avx512_vnni', 'amx_tile'].filter((flag) => flags.has(flag));
  return [process.arch, ...named].join(' ');
}
