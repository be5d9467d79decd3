import { UsageError } from './command.ts';

/** `--depth N`: how deep blocks in blocks are shown; 1 is the parts of the model itself. */
export const depthOption = {
  type: 'string',
  requiresArg: true,
  describe: 'How deep blocks in blocks are shown: 1 for the parts of the model itself',
  coerce: (text: string): number => {
    const depth = Number(text);
    if (/^\d+$/.test(text) && depth >= 1 && depth <= 1000) return depth;
    throw new UsageError(`--depth takes a whole number from 1 to 1000, not "${text}"`);
  },
} as const;
