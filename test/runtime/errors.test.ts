import { expect, it } from 'vitest';
import { errorCodes } from '../../src/runtime/error-codes.ts';
import { renderUserError, UserError } from '../../src/runtime/errors.ts';
import { fromSystem } from '../../src/runtime/system-errors.ts';

it('renders code, title, place, message and remedy', () => {
  const error = new UserError('R2004', 'The row has no Patient ID.', {
    place: 'a.csv:7',
    remedy: 'Mend it.',
  });
  expect(renderUserError(error)).toBe(
    [
      'error R2004: row of the label file is malformed',
      '  at a.csv:7',
      '  The row has no Patient ID.',
      '  help: Mend it.',
    ].join('\n'),
  );
});

it('renders without a place', () => {
  expect(renderUserError(new UserError('R1003', 'Full.', { remedy: 'Free some.' }))).not.toContain('at ');
});

it('gives every code one title of its own', () => {
  expect(new Set(Object.values(errorCodes)).size).toBe(Object.keys(errorCodes).length);
});

const failure = (code: string) => Object.assign(new Error(`${code}: it failed`), { code, syscall: 'write' });

it.each([
  ['ENOSPC', 'write', 'R1003'],
  ['EDQUOT', 'write', 'R1003'],
  ['EACCES', 'write', 'R1004'],
  ['EPERM', 'write', 'R1004'],
  ['EROFS', 'write', 'R1004'],
  ['ENOTDIR', 'write', 'R1005'],
  ['EIO', 'write', 'R1005'],
  ['ENOENT', 'read', 'R1001'],
  ['EISDIR', 'read', 'R1002'],
  ['EACCES', 'read', 'R1002'],
  ['EIO', 'read', 'R1002'],
] as const)('explains %s on %s as %s', (system, action, code) => {
  expect(fromSystem(failure(system), 'some/file', action)).toMatchObject({ code, place: 'some/file' });
});

it('hands bugs and its own errors through', () => {
  for (const error of [new TypeError('x'), new UserError('R2009', 'x', { remedy: 'y' }), 'text']) {
    expect(fromSystem(error, 'p', 'read')).toBe(error);
  }
});
