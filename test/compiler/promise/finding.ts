/** A source on which the compiler or a target does not keep its promise. */
export interface Finding {
  readonly source: string;
  /** What went wrong, beginning with a line that says it in short. */
  readonly what: string;
  /** The outputs that it should have, `y: [N, C: 4]`; undefined where it should be refused, or may be. */
  readonly outputs?: readonly string[];
}

/** What an exception says, with the place where it was thrown. */
export function thrown(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ +at /.test(line));
  return [`${error.name}: ${error.message}`, ...frames.slice(0, 6)].join('\n');
}
