import { version } from './version.ts';

/**
 * The result of a command for other programs: one JSON object, on one line where several may follow each other.
 * docs/json.md describes every field.
 */
export function jsonReport(
  command: string,
  fields: Readonly<Record<string, unknown>>,
  layout: 'readable' | 'line' = 'readable',
): string {
  return JSON.stringify({ format: 1, netc: version, command, ...fields }, null, layout === 'line' ? 0 : 2);
}

export const jsonOption = {
  type: 'boolean',
  default: false,
  describe: 'Print the result as JSON (docs/json.md)',
} as const;
