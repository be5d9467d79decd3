import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { flatten } from '../../src/compiler/ir/inline.ts';
import { memoryReader } from '../../src/compiler/source/reader.ts';
import { initialWeights } from '../../src/compiler/targets/initial-weights.ts';
import { writeSafetensors, type SafeTensor } from '../../src/runtime/safetensors.ts';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { runCli } from './run-cli.ts';

const folder = await temporaryFolder();
const path = (...names: readonly string[]): string => join(folder, ...names);
const mlp = fileURLToPath(new URL('../../models/mlp.net', import.meta.url));

const text = `language 1

labels Sides = ["left", "right"]

model Side(classes: labels = Sides, size: int = 8) {
  input image: [N, C: 3, H: size, W: size] from pixels(mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25])
  logits = image |> merge([C, H, W] -> D) |> linear(D -> K: classes)
  output logits
  output probability = softmax(logits, K) labels classes
}
`;
await writeFile(path('side.net'), text);

/** Paths of the files in a folder and in those that it holds. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => relative(folder, join(parentPath, name))).sort();
}

describe('netc build', () => {
  test('writes both targets, verified, and nothing else', async () => {
    const { code, out, err } = await runCli('build', mlp, '--out', path('both'));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('The targets agree.');
    expect(out).toMatch(/^wrote .*wasm-kernels\.mjs \([\d.]+ kB\)$/m);
    expect(out).toMatch(/^wrote .*wasm-kernels[/\\] \(\d+ files, [\d.]+ kB\)$/m);
    expect((await readdir(path('both'))).sort()).toEqual([
      'generator.mjs',
      'mlp.onnx',
      'mlp.train.mjs',
      'netc-runtime.mjs',
      'package.json',
      'safetensors.mjs',
      'wasm-kernels',
      'wasm-kernels.mjs',
    ]);
    const kernels = fileURLToPath(
      new URL('../../src/compiler/lower/tfjs/assets/wasm-kernels', import.meta.url),
    );
    expect(await filesIn(path('both', 'wasm-kernels'))).toEqual(await filesIn(kernels));
  });

  test('writes the same bytes for the same source', async () => {
    for (const out of ['once', 'twice', 'twice'])
      await runCli('build', path('side.net'), '--no-verify', '--out', path(out));
    expect((await readdir(path('once'))).length).toBe(8);
    const names = await filesIn(path('once'));
    expect(await filesIn(path('twice'))).toEqual(names);
    for (const name of names) {
      expect(await readFile(path('once', name)), name).toEqual(await readFile(path('twice', name)));
    }
  });

  test('writes a file that prepares images itself, and predicts what the other one does', async () => {
    const build = ['build', path('side.net'), '--target', 'onnx', '--out'];
    const raw = await runCli(...build, path('raw'), '--preprocess');
    expect(raw).toMatchObject({ code: 0 });
    expect(raw.out).toMatch(/ok +images prepared by the ONNX file against the runtime/);
    await runCli(...build, path('plain'), '--no-verify');
    await runCli(...build, path('fixed'), '--preprocess', '--batch', '3', '--no-verify');
    const colour = { r: 200, g: 90, b: 30 };
    const noisy = sharp({ create: { width: 31, height: 45, channels: 3, background: colour, noise: { type: 'gaussian', mean: 128, sigma: 40 } } }); // prettier-ignore
    await noisy.clone().png().toFile(path('colour.png'));
    await noisy.clone().ensureAlpha(0.5).png().toFile(path('alpha.png'));
    await noisy.clone().greyscale().toColourspace('b-w').png().toFile(path('grey.png'));
    const images = ['colour.png', 'alpha.png', 'grey.png'].map((name) => path(name));
    const values = async (out: string): Promise<readonly number[]> => {
      const { out: json } = await runCli('predict', path(out, 'side.onnx'), ...images, '--json');
      const report = JSON.parse(json) as { readonly images: readonly { readonly outputs: readonly { readonly values: readonly number[] }[] }[] }; // prettier-ignore
      return report.images.flatMap(({ outputs }) => outputs.flatMap((output) => output.values));
    };
    const expected = await values('plain');
    for (const out of ['raw', 'fixed']) {
      const found = await values(out);
      expect(found.length).toBe(expected.length);
      found.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 5));
    }
  });

  test('puts weights into a file of their own, verifies both, and reads them again', async () => {
    const { code, out } = await runCli(
      'build',
      mlp,
      '--target',
      'onnx',
      '--external-data',
      '--out',
      path('ext'),
    );
    expect({ code, names: (await readdir(path('ext'))).sort() }).toEqual({
      code: 0,
      names: ['mlp.onnx', 'mlp.onnx.data'],
    });
    expect(out).toContain('The targets agree.');
    await runCli('build', mlp, '--target', 'onnx', '--no-verify', '--out', path('one'));
    await sharp({ create: { width: 9, height: 9, channels: 3, background: 'teal' } })
      .png()
      .toFile(path('teal.png'));
    const outputs = async (folder: string): Promise<unknown> => {
      const { out: json } = await runCli('predict', path(folder, 'mlp.onnx'), path('teal.png'), '--json');
      return (JSON.parse(json) as { readonly images: unknown }).images;
    };
    expect(await outputs('ext')).toEqual(await outputs('one'));
  });

  test('says why images cannot be prepared inside', async () => {
    await writeFile(path('sound.net'), text.replace(/ from pixels.*/, ''));
    const { code, err } = await runCli('build', path('sound.net'), '--preprocess', '--out', path('none'));
    expect(code).toBe(1);
    expect(err).toContain('error[N7001]');
  });

  test('writes the targets that were asked for', async () => {
    for (const [out, ...targets] of [
      ['o', 'onnx'],
      ['t', 'tfjs'],
      ['ot', 'onnx', 'tfjs'],
    ]) {
      const argv = [
        'build',
        '--target',
        ...targets,
        path('side.net'),
        '--no-verify',
        '--out',
        path(out ?? ''),
      ];
      expect((await runCli(...argv)).code).toBe(0);
      const names = await readdir(path(out ?? ''));
      expect([names.includes('side.onnx'), names.includes('side.train.mjs')]).toEqual([
        targets.includes('onnx'),
        targets.includes('tfjs'),
      ]);
    }
  });

  test('writes nothing when the source has errors', async () => {
    await writeFile(path('wrong.net'), text.replace('softmax(logits, K)', 'softmax(logits, Z)'));
    const { code, err } = await runCli('build', path('wrong.net'), '--out', path('wrong'));
    expect(code).toBe(1);
    expect(err).toContain('error[N4002]');
    await expect(readdir(path('wrong'))).rejects.toThrow('ENOENT');
  });

  test('fails with 3 and leaves no trace when it cannot write', async () => {
    await writeFile(path('file'), 'in the way');
    const { code, err } = await runCli('build', path('side.net'), '--no-verify', '--out', path('file'));
    expect(code).toBe(3);
    expect(err).toContain('error[R1005]');

    // The last file of the set cannot take its place: none of the others may.
    await mkdir(path('blocked', 'wasm-kernels.mjs'), { recursive: true });
    const blocked = await runCli('build', path('side.net'), '--no-verify', '--out', path('blocked'));
    expect(blocked.code).toBe(3);
    expect((await filesIn(path('blocked'))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('says that a file or a folder is in the way of the modules beside a program', async () => {
    const build = (out: string) =>
      runCli('build', path('side.net'), '--target', 'tfjs', '--no-verify', '--out', path(out));
    await mkdir(path('file-in-way'));
    await writeFile(path('file-in-way', 'wasm-kernels'), 'in the way');
    const byFile = await build('file-in-way');
    expect(byFile.code).toBe(3);
    expect(byFile.err).toContain('error[R1005]');
    expect(byFile.err).toContain('A file stands where a folder of the path should be.');
    expect(await filesIn(path('file-in-way'))).toEqual(['wasm-kernels']);

    await mkdir(path('folder-in-way', 'wasm-kernels', 'heap.mjs'), { recursive: true });
    const byFolder = await build('folder-in-way');
    expect(byFolder.code).toBe(3);
    expect(byFolder.err).toContain('error[R1005]');
    expect(byFolder.err).toContain(path('folder-in-way', 'wasm-kernels', 'heap.mjs'));
    expect((await filesIn(path('folder-in-way'))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('--json tells what was written and measured', async () => {
    const { code, out, err } = await runCli('build', path('side.net'), '--json', '--out', path('json'));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const report = JSON.parse(out);
    expect(report).toMatchObject({
      command: 'build',
      ok: true,
      verification: { ok: true, diagnostics: [] },
      diagnostics: [],
    });
    const onnx = await readFile(path('json', 'side.onnx'));
    expect(report.outputs).toContainEqual({
      target: 'onnx',
      path: path('json', 'side.onnx'),
      bytes: onnx.length,
    });
  });

  test('--dump-after prints a graph and builds nothing', async () => {
    const { code, out } = await runCli(
      'build',
      path('side.net'),
      '--dump-after',
      'flatten',
      '--out',
      path('none'),
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^graph Side\(image: /);
    await expect(readdir(path('none'))).rejects.toThrow('ENOENT');
  });

  test('--dump-after prints a step of training, with the forms of its convolutions', async () => {
    const dump = (pass: string) =>
      runCli('build', 'models/mair-small.net', '--dump-after', pass, '--batch', '2');
    const logical = await dump('train/differentiate');
    expect(logical.code).toBe(0);
    expect(logical.out).toMatch(/ = conv_weight_gradient\(.*\[\.out: /);
    const physical = await dump('train/choose-forms');
    expect(physical.code).toBe(0);
    expect(physical.out).toMatch(/ = conv_weight_gradient\(.* form: fused /);
  });
});

describe('netc predict', () => {
  const pixels = (channels: 3 | 4) => ({
    create: { width: 30, height: 20, channels, background: { r: 200, g: 40, b: 90, alpha: 0.5 } },
  });

  test('reads gray, RGB and RGBA images, and says what the file is not for', async () => {
    await runCli('build', path('side.net'), '--target', 'onnx', '--no-verify', '--out', path('model'));
    await sharp(pixels(3)).greyscale().png().toFile(path('gray.png'));
    await sharp(pixels(3)).jpeg().toFile(path('rgb.jpg'));
    await sharp(pixels(4)).png().toFile(path('rgba.png'));
    const images = ['gray.png', 'rgb.jpg', 'rgba.png'].map((name) => path(name));
    const { code, out, err } = await runCli('predict', path('model', 'side.onnx'), ...images);
    expect(code).toBe(0);
    for (const image of images) expect(out).toContain(image);
    expect(out).toMatch(/(left|right) +0\.\d{3}/);
    expect(out).toContain('Not a medical device');
    expect(err).toBe('warning: the weights are untrained, so the numbers mean nothing');
  });

  test('says the same with a source and its weights, in a fixed batch too', async () => {
    const { module } = compile('side.net', { reader: memoryReader({ 'side.net': text }) });
    const { graph } = module === undefined ? { graph: undefined } : flatten(module, { mode: 'infer' });
    if (graph === undefined) throw new Error('the source was not compiled');
    const weights = new Map<string, SafeTensor>();
    const values = initialWeights(graph.params, 0);
    for (const param of graph.params) {
      const shape = param.value.type.axes.map(({ size }) => size.value ?? 0);
      weights.set(param.path, { dtype: 'F32', shape, data: new Float32Array(values.get(param.path) ?? []) });
    }
    await writeSafetensors(path('side.safetensors'), weights);
    await runCli(
      'build',
      path('side.net'),
      '--target',
      'onnx',
      '--batch',
      '3',
      '--no-verify',
      '--out',
      path('fixed'),
    );
    const outputsOf = async (...argv: readonly string[]): Promise<unknown> => {
      const { code, out } = await runCli('predict', ...argv, path('rgb.jpg'), '--json');
      expect(code).toBe(0);
      return JSON.parse(out).images[0].outputs;
    };
    const expected = await outputsOf(path('model', 'side.onnx'));
    expect(expected).toMatchObject([
      { name: 'logits', labels: null },
      { name: 'probability', labels: ['left', 'right'] },
    ]);
    expect(await outputsOf(path('fixed', 'side.onnx'))).toEqual(expected);
    expect(await outputsOf(path('side.net'), '--weights', path('side.safetensors'))).toEqual(expected);
  });

  test('goes on after an image that is none, and fails with 5', async () => {
    await writeFile(path('text.png'), 'no image');
    const { code, out, err } = await runCli(
      'predict',
      path('model', 'side.onnx'),
      path('text.png'),
      path('gray.png'),
    );
    expect(code).toBe(5);
    expect(err).toContain('error[R2009]');
    expect(out).toContain(path('gray.png'));
  });

  test('refuses weights that do not fit, and files that are no models', async () => {
    await writeSafetensors(
      path('other.safetensors'),
      new Map([['x', { dtype: 'F32', shape: [1], data: new Float32Array(1) }]]),
    );
    const misfit = await runCli(
      'predict',
      path('side.net'),
      path('gray.png'),
      '--weights',
      path('other.safetensors'),
    );
    expect(misfit.code).toBe(5);
    expect(misfit.err).toContain('error[R3005]');
    await writeFile(path('text.onnx'), 'no model at all');
    const none = await runCli('predict', path('text.onnx'), path('gray.png'));
    expect(none.code).toBe(5);
    expect(none.err).toContain('error[R3004]');
  });
});
