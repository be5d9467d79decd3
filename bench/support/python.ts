import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

/** Debian's Python, for which PyTorch and torchvision are packages of the system. */
export const PYTHON = '/usr/bin/python3';

/** Why torchvision cannot be run here; undefined where it can. */
export function torchvisionMissing(): string | undefined {
  if (!existsSync(PYTHON)) return `${PYTHON} is missing`;
  const { status } = spawnSync(PYTHON, ['-c', 'import torch, torchvision']);
  return status === 0 ? undefined : `${PYTHON} has no torchvision`;
}
