import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readAssets } from '../../cli/assets.ts';
import { compile } from '../../src/compiler/compile.ts';
import type { Module } from '../../src/compiler/ir/module.ts';
import { lowerTfjs, programFile } from '../../src/compiler/lower/tfjs/lower-tfjs.ts';
import { memoryReader } from '../../src/compiler/source/reader.ts';
import { moduleOf as repositoryModule } from '../support/model-graph.ts';
import {
  verifyTargets,
  type Check,
  type Program,
  type Verification,
} from '../../src/verify/verify-targets.ts';

const text = readFileSync(new URL('../../models/lib/losses.net', import.meta.url), 'utf8');

const source = `language 1
import { BinaryCrossEntropy } from "./losses.net"

block Gate()(x: [N, C]) -> [N, C] {
  hidden = x |> linear(C -> C: C) |> relu
  return x * sigmoid(hidden)
}

block Layer(to: int)(x: [N, C, H, W]) -> [N, C: to, H, W] {
  return x |> conv(C -> C: to, over: [H: 3, W: 3], bias: false) |> batch_norm(C) |> relu
}

model Tiny(size: int = 40) {
  input image: [N, C: 1, H: size, W: size] from pixels(mean: [0.5], std: [0.25])
  first  = image |> Layer(4)
  second = first |> Layer(8)
  pooled = second |> mean(over: [H, W])
  gated  = Gate()(pooled)
  logits = gated |> linear(C -> K: 3)
  output logits
  output probability = sigmoid(logits)
}

train Tiny {
  target found: [N, K: 3]
  weight known: [N, K: 3]
  loss = BinaryCrossEntropy()(logits, found, known)
  optimizer sgd(lr: 0.1)
  schedule constant()
  batch 8
  epochs 1
}
`;

function moduleOf(set: Readonly<Record<string, string>> = {}): Module {
  const reader = memoryReader({ 'tiny.net': source, 'losses.net': text });
  const { module, diagnostics } = compile('tiny.net', { reader, set });
  expect(diagnostics).toEqual([]);
  if (module === undefined) throw new Error('the source was not compiled');
  return module;
}

const entry = programFile('tiny.net');

/** Writes programs one file of which is changed. */
const changing =
  (path: string, change: (text: string) => string) =>
  async (module: Module): Promise<Program> => {
    const files = await lowerTfjs(module, {
      sourceName: 'tiny.net',
      sourceSha256: '',
      netcVersion: '0',
      format: false,
      assets: readAssets(),
    });
    return {
      entry,
      files: files.map((file) => (file.path === path ? { ...file, text: change(file.text) } : file)),
    };
  };

/** Verifies the model with a program that was changed in some places. */
async function verified(
  change: (program: string) => string = (program) => program,
  options: { readonly targets?: readonly ('onnx' | 'tfjs')[]; readonly batch?: number } = {},
): Promise<Verification> {
  return verifyTargets({
    module: moduleOf(),
    targets: ['onnx', 'tfjs'],
    writeProgram: changing(entry, change),
    makeVariant: moduleOf,
    ...options,
  });
}

/** Replaces what must be there. */
const replacing =
  (from: string, to: string) =>
  (program: string): string => {
    expect(program).toContain(from);
    return program.replace(from, to);
  };

const named = ({ checks }: Verification, name: string): Check | undefined =>
  checks.find((check) => check.name.includes(name));

describe('verifyTargets', () => {
  test('finds that right targets agree', async () => {
    const verification = await verified();
    expect(verification).toMatchObject({ ok: true, diagnostics: [] });
    expect(verification.checks.map(({ name, state }) => [name.replace(/\(.*\) /, ''), state])).toEqual([
      ['deviation of the logits', 'passed'],
      ['tfjs against onnx, batch 1', 'passed'],
      ['tfjs against onnx, batch 2', 'passed'],
      ['tfjs against onnx, batch 7', 'passed'],
      ['onnx against the interpreter', 'passed'],
      ['tfjs against the interpreter', 'passed'],
      ['gradient of tfjs, fixed statistics', 'passed'],
      ['gradient of tfjs, training mode', 'passed'],
    ]);
    expect(named(verification, 'interpreter')?.note).toBe('with size = 32');
  });

  test('runs a program again whose output is a weight', async () => {
    const text = 'language 1\nmodel M() {\n  param scale: [K: 3] = ones\n  output scale_now = scale\n}\n';
    const { module } = compile('m.net', { reader: memoryReader({ 'm.net': text }) });
    if (module === undefined) throw new Error('the source was not compiled');
    const { diagnostics } = await verifyTargets({
      module,
      targets: ['onnx', 'tfjs'],
      writeProgram: changing(entry, (program) => program),
      makeVariant: () => module,
    });
    expect(diagnostics).toEqual([]);
  });

  test('names the first block that computes something else', async () => {
    const { ok, diagnostics } = await verified(replacing('tf.sigmoid(hidden)', 'tf.tanh(hidden)'));
    expect(ok).toBe(false);
    expect(diagnostics[0]).toMatchObject({ code: 'N8001' });
    expect(diagnostics[0]?.message).toContain('`gated`, a Gate');
  });

  test('sees batch norms that ignore their statistics', async () => {
    const { ok, diagnostics } = await verified((program) =>
      program.replaceAll(
        'running_mean, running_var, bias, weight',
        'tf.zerosLike(running_mean), running_var, bias, weight',
      ),
    );
    expect(ok).toBe(false);
    expect(diagnostics[0]?.message).toContain('`first`, a Layer');
  });

  test('sees a difference that no block is to blame for', async () => {
    const { ok, diagnostics } = await verified(
      replacing('probability: tf.sigmoid(logits)', 'probability: tf.tanh(logits)'),
    );
    expect(ok).toBe(false);
    expect(diagnostics[0]?.message).toContain('outside of any block');
  });

  test('sees a wrong gradient behind a right loss', async () => {
    const halved = replacing(
      'const hidden = ',
      'const half = tf.customGrad((x) => ({ value: tf.clone(x), gradFunc: (dy) => tf.mul(dy, 0.5) }));\n  x = half(x);\n  const hidden = ',
    );
    const verification = await verified(halved);
    expect(named(verification, 'tfjs against the interpreter')?.state).toBe('passed');
    expect(named(verification, 'fixed statistics')?.state).toBe('failed');
    expect(named(verification, 'training mode')?.state).toBe('failed');
    expect(verification.diagnostics).toMatchObject([{ code: 'N8001' }, { code: 'N8001' }]);
  });

  test('says in the words of the engine why a program does not run', async () => {
    const { ok, diagnostics } = await verified(replacing('tf.sigmoid(hidden)', 'tf.sigmoyd(hidden)'));
    expect(ok).toBe(false);
    expect(diagnostics).toMatchObject([{ code: 'N8002' }]);
    expect(diagnostics[0]?.message).toContain('sigmoyd');
  });

  test('holds one target against the interpreter alone', async () => {
    const onnx = await verified(undefined, { targets: ['onnx'] });
    expect(onnx.checks.map(({ name }) => name)).toEqual(['onnx against the interpreter']);
    const tfjs = await verified(undefined, { targets: ['tfjs'] });
    expect(tfjs.ok).toBe(true);
    expect(named(tfjs, 'onnx')).toBeUndefined();
  });

  test('runs a file with a fixed batch in that batch', async () => {
    const verification = await verified(undefined, { batch: 3 });
    expect(verification.checks.filter(({ name }) => name.includes('batch')).map(({ name }) => name)).toEqual([
      expect.stringContaining('batch 3'),
    ]);
  });
});

/** In training mode rounding hides mistakes of the gradient of a network as deep as this one. */
describe('the gradient of MAIR', () => {
  const make = (set: Readonly<Record<string, string>>): Module =>
    repositoryModule('models/mair.net', { set });
  const gradients = async (change: (ofBatchNorms: string) => string): Promise<readonly Check[]> => {
    const { checks } = await verifyTargets({
      module: make({}),
      targets: ['tfjs'],
      writeProgram: changing('wasm-kernels/gradients/batch-norm.mjs', change),
      makeVariant: make,
    });
    return checks.filter(({ name }) => name.startsWith('gradient'));
  };

  test('is held to a thousandth', async () => {
    const [fixed] = await gradients((ofBatchNorms) => ofBatchNorms);
    expect(fixed).toMatchObject({ name: 'gradient of tfjs, fixed statistics', state: 'passed', limit: 1e-3 });
  }, 240_000);

  test('is refused where that of the scales of batch norms is 5 % off', async () => {
    const [fixed] = await gradients(replacing('tf.mul(r, sumDyX())', 'tf.mul(tf.mul(r, 1.05), sumDyX())'));
    expect(fixed).toMatchObject({ name: 'gradient of tfjs, fixed statistics', state: 'failed' });
  }, 240_000);
});
