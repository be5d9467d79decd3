import { UsageError } from './usage-error.ts';

const units: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, MiB: 2 ** 20, GiB: 2 ** 30 };

/** Bytes as the option takes them. */
export function writtenBudget(bytes: number): string {
  return bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20}MiB` : `${bytes / 1e6}MB`;
}

/** `--memory-budget 1GB`: the bytes that a step of training may hold; as it is fastest where it is left out. */
export const memoryBudgetOption = {
  type: 'string',
  requiresArg: true,
  describe: 'What a step of training may hold, such as 800MB or 1.5GB: computes again what it cannot keep',
  coerce: (text: string): number => {
    const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([MG]i?B)$/.exec(text) ?? [];
    const bytes = Math.floor(Number(number) * (units[unit] ?? NaN));
    if (bytes > 0) return bytes;
    throw new UsageError(
      `--memory-budget takes a number with MB, GB, MiB or GiB, such as 800MB, not "${text}"`,
    );
  },
} as const;
