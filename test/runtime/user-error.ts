import { expect } from 'vitest';
import type { ErrorCode } from '../../src/runtime/error-codes.ts';
import { UserError } from '../../src/runtime/errors.ts';

/** The UserError of this code that `action` ends in; fails the test when it ends otherwise or lacks a remedy. */
export async function userErrorOf(code: ErrorCode, action: Promise<unknown>): Promise<UserError> {
  const error: unknown = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UserError)) throw new Error(`expected UserError ${code}, got ${String(error)}`);
  expect(error.code).toBe(code);
  expect(error.remedy).toMatch(/\.$|\?$/);
  return error;
}
