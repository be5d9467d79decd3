import { execFileSync } from 'node:child_process';

/** The interpreter that has Debian's Pillow. */
const python = '/usr/bin/python3';

/** Why tests against Pillow are skipped on this machine, or undefined when they can run. */
export const pillowMissing: string | undefined = (() => {
  try {
    execFileSync(python, ['-c', 'import PIL, numpy'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'needs python3 with Pillow and numpy';
  }
})();

/** The pixels, as bytes, of an image that Pillow opens as `image` and the script turns into another. */
export function pillowPixels(path: string, script: string): Uint8Array {
  const program = [
    'import sys',
    'import numpy as np',
    'from PIL import Image',
    'image = Image.open(sys.argv[1])',
    script,
    'sys.stdout.buffer.write(np.asarray(image).tobytes())',
  ].join('\n');
  return new Uint8Array(execFileSync(python, ['-c', program, path], { maxBuffer: 2 ** 28 }));
}
