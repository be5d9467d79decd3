import { readFileSync } from 'node:fs';
import { readWasmKernels } from '../../../cli/assets.ts';
import { interpretGraph } from '../../../src/compiler/interpret/interpret-graph.ts';
import type { Graph } from '../../../src/compiler/ir/graph.ts';
import type { Module } from '../../../src/compiler/ir/module.ts';
import { encodeOnnx } from '../../../src/compiler/lower/onnx/encode.ts';
import { lowerTfjs, programFile, type TfjsAssets } from '../../../src/compiler/lower/tfjs/lower-tfjs.ts';
import { emitOnnx } from '../../../src/compiler/targets/onnx.ts';
import { startOnnx } from '../../../src/verify/onnx-engine.ts';
import { shapeOf, type Outputs, type Tensors, type Values } from '../../../src/verify/tensors.ts';
import { startTfjs } from '../../../src/verify/tfjs-engine.ts';
import { randomWeights } from '../../support/random-values.ts';
import { inRepository } from '../../support/repository.ts';

export type Target = 'onnx' | 'tfjs';

/** A model with weights, ready to be run in one way. */
export interface Runner {
  readonly name: string;
  run(inputs: Tensors): Promise<Outputs>;
  close(): Promise<void>;
}

/** @param graph the module, unfolded */
export function interpreter(graph: Graph): Runner {
  const weights = randomWeights(graph);
  return {
    name: 'the interpreter',
    run: (inputs) => {
      const { outputs } = interpretGraph(graph, inputs, weights);
      return Promise.resolve(
        new Map(
          [...outputs].map(([name, array]): [string, Values] => [
            name,
            { shape: shapeOf(array), data: array.data },
          ]),
        ),
      );
    },
    close: () => Promise.resolve(),
  };
}

/**
 * The same on a target, with the same weights; undefined where the target says that it cannot take the model.
 *
 * @param graph the module, unfolded
 */
export async function startTarget(target: Target, module: Module, graph: Graph): Promise<Runner | undefined> {
  const weights = randomWeights(graph);
  switch (target) {
    case 'onnx': {
      const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '' };
      const { model } = emitOnnx(module, { provenance, weights });
      if (model === undefined) return undefined;
      const engine = await startOnnx(await encodeOnnx(model));
      return { name: 'ONNX Runtime', run: (inputs) => engine.run(inputs), close: () => engine.close() };
    }
    case 'tfjs': {
      const engine = await startTfjs(await programFiles(module), programFile(sourceName));
      engine.setWeights(weights);
      return {
        name: 'TensorFlow.js',
        run: (inputs) => engine.run(inputs),
        close: () => {
          engine.close();
          return Promise.resolve();
        },
      };
    }
  }
}

const sourceName = 'promise.net';

function programFiles(module: Module): ReturnType<typeof lowerTfjs> {
  return lowerTfjs(module, {
    sourceName,
    sourceSha256: '',
    netcVersion: '',
    format: false,
    assets: readAssets(),
  });
}

let assets: TfjsAssets | undefined;

function readAssets(): TfjsAssets {
  const text = (path: string): string => readFileSync(inRepository(path), 'utf8');
  assets ??= {
    generator: text('src/compiler/random/generator.mjs'),
    wasmKernels: readWasmKernels(),
    safetensors: text('src/compiler/lower/tfjs/assets/safetensors.mjs'),
    // Only `main`, which is not run here, reads data.
    runtime: 'export {};\n',
  };
  return assets;
}
