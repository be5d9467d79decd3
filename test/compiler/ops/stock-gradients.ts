import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { build } from 'esbuild';

/**
 * Registers TensorFlow.js' own gradients. Users of `@tensorflow/tfjs` and of tfjs-node have them; the build of
 * `@tensorflow/tfjs-core` for Node leaves them out, and the file that holds them is written for bundlers.
 */
export async function registerStockGradients(): Promise<void> {
  const core = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-core/package.json'));
  const { outputFiles } = await build({
    entryPoints: [join(core, 'dist/register_all_gradients.js')],
    bundle: true,
    format: 'iife',
    platform: 'browser',
    write: false,
    logLevel: 'error',
  });
  // The bundle finds engine and registry where every copy of the library finds them: in the global object.
  runInThisContext(outputFiles[0]?.text ?? '');
}
