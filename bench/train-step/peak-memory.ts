import { readFileSync } from 'node:fs';

/**
 * The most memory that this process and those that it started have had resident, in bytes, as Linux counts it: what the others
 * had at most beside what this one has now, or what it had by itself before.
 */
export function peakMemory(): number {
  const others = children().map((child) => statusOf(child, 'VmHWM'));
  const together = others.reduce((sum, bytes) => sum + bytes, statusOf(process.pid, 'VmRSS'));
  return Math.max(statusOf(process.pid, 'VmHWM'), together);
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
