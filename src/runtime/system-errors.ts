import type { ErrorCode } from './error-codes.ts';
import { UserError } from './errors.ts';

/**
 * Turns what the operating system reported about `path` into a UserError; any other error comes back as it is, so
 * that `throw fromSystem(...)` never hides a bug.
 */
export function fromSystem(error: unknown, path: string, action: 'read' | 'write'): unknown {
  if (!isSystemError(error)) return error;
  const { code, message, remedy } = explain(error, action);
  return new UserError(code, message, { place: path, remedy, cause: error });
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

function explain(
  error: NodeJS.ErrnoException & { code: string },
  action: 'read' | 'write',
): { code: ErrorCode; message: string; remedy: string } {
  if (action === 'read') {
    switch (error.code) {
      case 'ENOENT':
      case 'ENOTDIR':
        return {
          code: 'R1001',
          message: 'There is no such file.',
          remedy: 'Check the path for typing mistakes.',
        };
      case 'EISDIR':
        return {
          code: 'R1002',
          message: 'This is a folder, not a file.',
          remedy: 'Give the path of a file.',
        };
      case 'EACCES':
      case 'EPERM':
        return {
          code: 'R1002',
          message: 'The system does not let this user read it.',
          remedy: 'Change its permissions, or run as a user who may read it.',
        };
      default:
        return {
          code: 'R1002',
          message: `The system reports ${error.message}.`,
          remedy: 'Check the path and the device that it lies on.',
        };
    }
  }
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return {
        code: 'R1003',
        message: error.code === 'ENOSPC' ? 'The disk is full.' : "The user's quota on this disk is used up.",
        remedy:
          'Free some space, or write to a folder on another disk; nothing half-written was left behind.',
      };
    case 'EFBIG':
      return {
        code: 'R1003',
        message: 'The file would become larger than the system lets files of this user be.',
        remedy: 'Raise the limit (`ulimit -f`), or write to another file system.',
      };
    case 'EACCES':
    case 'EPERM':
      return {
        code: 'R1004',
        message: 'The system does not let this user write here.',
        remedy: 'Change the permissions of the folder, or write to another one.',
      };
    case 'EROFS':
      return {
        code: 'R1004',
        message: 'The file system is mounted read-only.',
        remedy: 'Write to a folder on another file system.',
      };
    case 'EISDIR':
      return {
        code: 'R1005',
        message: 'A folder of this name is in the way.',
        remedy: 'Remove or rename the folder, or write under another name.',
      };
    case 'ENOTDIR':
    case 'EEXIST':
      return {
        code: 'R1005',
        message: 'A file stands where a folder of the path should be.',
        remedy: 'Remove or rename that file, or write to another folder.',
      };
    default:
      return {
        code: 'R1005',
        message: `The system reports ${error.message}.`,
        remedy: 'Check the path and the device that it lies on.',
      };
  }
}
