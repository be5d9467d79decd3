import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The sample of ChestX-ray14 that lies beside the repository on some machines. */
export const chestXrayFolder = fileURLToPath(
  new URL('../../../shared/data/chestxray14-mini', import.meta.url),
);

/** Why tests on real radiographs are skipped on this machine, or undefined when they can run. */
export const chestXrayMissing: string | undefined = existsSync(chestXrayFolder)
  ? undefined
  : 'needs ../shared/data/chestxray14-mini';
