import { errorCodes } from './error-codes.ts';
import type { ErrorCode } from './error-codes.ts';

export interface UserErrorDetails {
  /** What the user can do about it: one sentence in the imperative. */
  readonly remedy: string;
  /** The file or folder it is about, with `:line` where there is one. */
  readonly place?: string;
  /** The error underneath, for whoever debugs. */
  readonly cause?: unknown;
}

/**
 * Something outside the program is wrong: a file, a folder, an image, a disk. The message says what; `place` and
 * `remedy` say where and what to do. All other exceptions are bugs of ours and show their stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly place?: string;

  constructor(code: ErrorCode, message: string, { remedy, place, cause }: UserErrorDetails) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.remedy = remedy;
    if (place !== undefined) this.place = place;
  }
}

/** The error as several lines for a terminal. */
export function renderUserError(error: UserError): string {
  const head = `error ${error.code}: ${errorCodes[error.code]}`;
  const place = error.place === undefined ? [] : [`  at ${error.place}`];
  return [head, ...place, `  ${error.message}`, `  help: ${error.remedy}`].join('\n');
}
