import { register } from 'node:module';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { TargetFile } from '../compiler/lower/tfjs/lower-tfjs.ts';

/**
 * Imports modules from memory: a program is run before anything of it is on the disk, so that nothing has to be taken
 * back when it fails, and its packages are ours whatever folder it will go to.
 *
 * The hooks below run in a thread of Node's own and know the files by number of the program.
 */
const hooks = `
const files = new Map();
let home;
export function initialize(data) {
  home = data.home;
  data.port.on('message', ({ base, texts, done }) => {
    for (const [name, text] of texts) files.set(base + name, text);
    Atomics.store(done, 0, 1);
    Atomics.notify(done, 0);
  });
  data.port.unref();
}
export function resolve(specifier, context, next) {
  if (specifier.startsWith('netc-program:')) return { url: specifier, shortCircuit: true };
  if (!context.parentURL?.startsWith('netc-program:')) return next(specifier, context);
  if (specifier.startsWith('.')) return { url: new URL(specifier, context.parentURL).href, shortCircuit: true };
  return next(specifier, { ...context, parentURL: home });
}
export function load(url, context, next) {
  const source = files.get(url);
  return source === undefined ? next(url, context) : { format: 'module', source, shortCircuit: true };
}
`;

let port: MessagePort | undefined;
let programs = 0;

/**
 * Makes files importable and returns the URL to import for each name. Those are `data:` URLs that only pass on, since
 * tools that run TypeScript resolve all others themselves.
 */
export function memoryModules(files: readonly TargetFile[]): (name: string) => string {
  port ??= startHooks();
  const base = `netc-program:///${programs++}/`;
  const done = new Int32Array(new SharedArrayBuffer(4));
  const texts = files.filter(({ path }) => path.endsWith('.mjs')).map(({ path, text }) => [path, text]);
  port.postMessage({ base, texts, done });
  Atomics.wait(done, 0, 0, 10_000);
  return (name) =>
    `data:text/javascript,${encodeURIComponent(`export * from ${JSON.stringify(base + name)};`)}`;
}

function startHooks(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  register(`data:text/javascript,${encodeURIComponent(hooks)}`, import.meta.url, {
    data: { port: port2, home: import.meta.url },
    transferList: [port2],
  });
  port1.unref();
  return port1;
}
