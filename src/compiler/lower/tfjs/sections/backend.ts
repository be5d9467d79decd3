import { laidOut } from './section.ts';

/** The choice of a backend. */
export const backendSection = laidOut(`
/** Starts the fastest backend that is installed: tfjs-node-gpu, tfjs-node, WASM, CPU. Returns its name. */
export async function chooseBackend() {
  const isNode = typeof process !== 'undefined';
  for (const name of isNode ? ['tfjs-node-gpu', 'tfjs-node'] : []) {
    try {
      await import(\`@tensorflow/\${name}\`);
      if (await tf.setBackend('tensorflow')) return name;
    } catch (error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') console.warn(\`\${name} does not start: \${error.message}\`);
    }
  }
  if (await useWasm()) return 'WASM';
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  return 'CPU';
}
`);
