import { UsageError } from './command.ts';

/** `--batch N`: how many samples a run of the ONNX file takes; any number where it is left out. */
export const batchOption = {
  type: 'string',
  requiresArg: true,
  describe: 'Fix how many samples a run of the ONNX file takes',
  coerce: (text: string): number => {
    const batch = Number(text);
    if (/^\d+$/.test(text) && batch >= 1 && batch <= 65_536) return batch;
    throw new UsageError(`--batch takes a whole number from 1 to 65536, not "${text}"`);
  },
} as const;
