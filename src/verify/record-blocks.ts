import type { TargetFile } from '../compiler/lower/tfjs/lower-tfjs.ts';

/** Hears what every call of a block function returns, while `calls` is set. */
export interface Recorder {
  calls: ((result: unknown) => void) | undefined;
}

/** Where the functions of recorded programs find their recorders, by number. */
const recorders: Recorder[] = [];
const registry = 'netcRecorders';

/**
 * The same files, with the program's block functions replaced by ones that tell the recorder what they return. The
 * bindings of function declarations can be set from inside their module, so a few lines at its end are enough and the
 * program itself stays as it was written.
 */
export function withRecording(
  files: readonly TargetFile[],
  entry: string,
  recorder: Recorder,
): readonly TargetFile[] {
  Object.defineProperty(globalThis, registry, { value: recorders, configurable: true });
  const number = recorders.push(recorder) - 1;
  return files.map((file) =>
    file.path === entry
      ? { ...file, text: file.text + recordingLines(blockFunctions(file.text), number) }
      : file,
  );
}

/** The functions between the headings `Blocks` and `The model`. */
function blockFunctions(program: string): readonly string[] {
  const from = /^\/\/ -+ Blocks -+$/m.exec(program)?.index;
  const to = /^\/\/ -+ The model -+$/m.exec(program)?.index;
  if (from === undefined || to === undefined) return [];
  return [...program.slice(from, to).matchAll(/^function ([\w$]+)\(/gm)].map(([, name = '']) => name);
}

function recordingLines(functions: readonly string[], number: number): string {
  const lines = functions.map(
    (name) => `${name} = ((plain) => (...args) => {
  const result = plain(...args);
  globalThis.${registry}[${number}].calls?.(result);
  return result;
})(${name});`,
  );
  return `\n${lines.join('\n')}\n`;
}
