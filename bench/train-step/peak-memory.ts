import { readFileSync } from 'node:fs';

/**
 * The most memory that this process and those that it started have had resident, in bytes, as Linux counts it: what the others
 * had at most beside what this one has now, or what it had by itself before. Pages of a file that several of them have, such as the
 * program of Node, are there once.
 */
export function peakMemory(): number {
  const processes = [process.pid, ...children()];
  const together = processes.reduce(
    (sum, pid) => sum + statusOf(pid, pid === process.pid ? 'VmRSS' : 'VmHWM'),
    0,
  );
  return Math.max(statusOf(process.pid, 'VmHWM'), together - countedTwice(processes));
}

function children(): readonly number[] {
  const text = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

function statusOf(pid: number, field: 'VmHWM' | 'VmRSS'): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [, kilobytes = 'NaN'] = new RegExp(`${field}:\\s+(\\d+)`).exec(text) ?? [];
  return 1024 * Number(kilobytes);
}

/** What all but one of the processes have of files: of each file, the one is not counted that has most of it. */
function countedTwice(processes: readonly number[]): number {
  const shares = new Map<string, number[]>();
  for (const pid of processes) {
    for (const [file, bytes] of filePages(pid)) shares.set(file, [...(shares.get(file) ?? []), bytes]);
  }
  return [...shares.values()].reduce(
    (sum, bytes) => sum + bytes.reduce((all, one) => all + one, 0) - Math.max(...bytes),
    0,
  );
}

/** The bytes of each file that a process has resident and has not changed. */
function filePages(pid: number): ReadonlyMap<string, number> {
  const pages = new Map<string, number>();
  let file: string | undefined;
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
    // The head of a mapping: addresses, permissions, offset, device, inode, and what is mapped.
    const [, inode, path] = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ (\S+ \d+)\s*(.*)$/.exec(line) ?? [];
    if (inode !== undefined) file = path?.startsWith('/') ? inode : undefined;
    const [, field, kilobytes] = /^(Rss|Anonymous):\s+(\d+)/.exec(line) ?? [];
    if (file === undefined || field === undefined) continue;
    const bytes = 1024 * Number(kilobytes);
    pages.set(file, (pages.get(file) ?? 0) + (field === 'Rss' ? bytes : -bytes));
  }
  return pages;
}
