import { version } from './version.ts';

/** Prints the result of a command for other programs: one JSON object. docs/json.md describes every field. */
export function jsonReport(command: string, fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ format: 1, netc: version, command, ...fields }, null, 2);
}

export const jsonOption = {
  type: 'boolean',
  default: false,
  describe: 'Print the result as JSON (docs/json.md)',
} as const;
