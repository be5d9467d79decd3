/** The versions that generated programs are written for. The WASM kernels read memory of this version of tfjs. */
const dependencies = {
  '@tensorflow/tfjs-backend-cpu': '4.22.0',
  '@tensorflow/tfjs-backend-wasm': '4.22.0',
  '@tensorflow/tfjs-core': '4.22.0',
  sharp: '0.35.5',
};

/** What runs in Node alone: bundlers for browsers put nothing in its place. */
const browser = {
  './netc-runtime.mjs': false,
  'node:fs': false,
  'node:fs/promises': false,
  'node:url': false,
  'node:util': false,
};

/** The package.json beside the programs of a folder: the same whatever the programs, so that several can share it. */
export function packageFile(): string {
  const content = {
    name: 'netc-programs',
    private: true,
    type: 'module',
    browser,
    dependencies,
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}
