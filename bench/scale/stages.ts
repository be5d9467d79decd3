import { compile } from '../../src/compiler/compile.ts';
import type { Module } from '../../src/compiler/ir/module.ts';
import { encodeOnnx } from '../../src/compiler/lower/onnx/encode.ts';
import { lowerTfjs } from '../../src/compiler/lower/tfjs/lower-tfjs.ts';
import { memoryReader } from '../../src/compiler/source/reader.ts';
import { emitOnnx } from '../../src/compiler/targets/onnx.ts';

const PATH = 'deep.net';

/** From the text to the IR module. */
export function moduleOf(source: string): Module {
  const { module, diagnostics } = compile(PATH, { reader: memoryReader({ [PATH]: source }) });
  if (module === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return module;
}

/** The bytes of the ONNX file. */
export async function onnxFile(module: Module): Promise<Uint8Array> {
  const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '0' };
  const { model, diagnostics } = emitOnnx(module, { provenance });
  if (model === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return encodeOnnx(model);
}

/** The text of the training program, without the modules beside it, and not laid out by prettier. */
export async function tfjsProgram(module: Module): Promise<string> {
  const [program] = await lowerTfjs(module, {
    sourceName: PATH,
    sourceSha256: '',
    netcVersion: '0',
    format: false,
    assets: { generator: '', wasmKernels: [], safetensors: '', runtime: '' },
  });
  if (program === undefined) throw new Error('there is no program');
  return program.text;
}
