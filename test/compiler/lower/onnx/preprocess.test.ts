import { execFileSync, spawnSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { OnnxTensor } from '../../../../src/compiler/lower/onnx/emitter.ts';
import { encodeOnnx } from '../../../../src/compiler/lower/onnx/encode.ts';
import { OnnxGraphBuilder } from '../../../../src/compiler/lower/onnx/onnx-graph-builder.ts';
import { preprocess, type Preprocessing } from '../../../../src/compiler/lower/onnx/preprocess.ts';
import { freshVar, variable } from '../../../../src/compiler/shapes/size.ts';
import { decodeImage } from '../../../../src/runtime/images.ts';
import { prepareImage } from '../../../../src/runtime/prepare.ts';
import { chestXrayFolder, chestXrayMissing } from '../../../runtime/data-folder.ts';
import { pillowMissing, pillowPixels } from '../../../runtime/pillow.ts';
import { temporaryFolder } from '../../../runtime/temporary-folder.ts';

const folder = await temporaryFolder();
const python = '/usr/bin/python3';
const checkerMissing =
  spawnSync(python, ['-c', 'import onnx']).status === 0 ? undefined : 'needs python3 with onnx';

const raw = { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] };
const gray = (height: number, width: number): Preprocessing => ({
  channels: 1,
  height,
  width,
  mean: [0],
  std: [1 / 255],
});

/** A model that does the preparation and nothing else. */
async function model(spec: Preprocessing): Promise<Uint8Array> {
  const vars = ['N', 'H', 'W', 'C'].map((name) => freshVar(name));
  const image: OnnxTensor = { name: 'image', dtype: 'uint8', dims: vars.map(variable) };
  const sources = new Map(vars.map((v, axis) => [v, { input: 0, axis, factor: 1, offset: 0 }]));
  const builder = new OnnxGraphBuilder([image], ['prepared'], sources);
  const graph = builder.finish('preparation', [preprocess(builder, image, spec)]);
  return encodeOnnx({ graph, doc: '', producerVersion: '0', metadata: new Map() });
}

async function run(file: Uint8Array, pixels: Uint8Array, dims: readonly number[]): Promise<Float32Array> {
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const { prepared } = await session.run({ image: new Tensor('uint8', Uint8Array.from(pixels), dims) });
  await session.release();
  if (!(prepared?.data instanceof Float32Array)) throw new Error('the output is not f32');
  return prepared.data;
}

const noise = (count: number) =>
  Uint8Array.from({ length: count }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 11) & 255);

const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);
};

describe('preprocess', () => {
  it.each([
    ['gray', 1, 3],
    ['gray with alpha', 2, 3],
    ['colour', 3, 3],
    ['colour with alpha', 4, 3],
    ['gray for gray', 1, 1],
    ['gray with alpha for gray', 2, 1],
    ['colour for gray', 3, 1],
    ['colour with alpha for gray', 4, 1],
  ] as const)('prepares %s as the runtime does, whatever the size', async (_title, depth, channels) => {
    const normalisation = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
    const spec: Preprocessing = {
      channels,
      height: 20,
      width: 14,
      mean: normalisation.mean.slice(0, channels),
      std: normalisation.std.slice(0, channels),
    };
    const file = await model(spec);
    for (const [height, width] of [
      [97, 83],
      [20, 14],
      [7, 9],
      [1, 40],
    ] as const) {
      const pixels = noise(height * width * depth);
      const kept = depth <= 2 ? 1 : 3;
      const data = pixels.filter((_, i) => i % depth < kept);
      const expected = prepareImage({ width, height, channels: kept, data }, { ...spec, layout: 'chw' });
      expect(farthest(await run(file, pixels, [1, height, width, depth]), expected)).toBeLessThan(5e-5);
    }
  });

  it('keeps the images of a batch apart', async () => {
    const file = await model({ channels: 3, height: 6, width: 5, ...raw });
    const pixels = noise(2 * 11 * 8 * 3);
    const both = await run(file, pixels, [2, 11, 8, 3]);
    const each = [0, 1].map((i) => run(file, pixels.subarray(i * 264, (i + 1) * 264), [1, 11, 8, 3]));
    expect([...both]).toEqual((await Promise.all(each)).flatMap((values) => [...values]));
  });

  it.skipIf(checkerMissing !== undefined)(
    `passes the ONNX checker with the shapes that it states${checkerMissing ? `: ${checkerMissing}` : ''}`,
    async () => {
      for (const spec of [gray(8, 9), { channels: 3, height: 8, width: 9, ...raw } as const]) {
        const path = join(folder, 'preparation.onnx');
        await writeFile(path, await model(spec));
        const program = [
          'import onnx, sys',
          'model = onnx.load(sys.argv[1])',
          'onnx.checker.check_model(model, full_check=True)',
          'onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)',
        ].join('\n');
        execFileSync(python, ['-c', program, path]);
      }
    },
  );
});

describe.skipIf(pillowMissing !== undefined)(
  `in a graph, against Pillow${pillowMissing ? `: ${pillowMissing}` : ''}`,
  () => {
    it.each([
      [64, 64],
      [31, 90],
      [200, 13],
      [1, 1],
    ])('noise at %i x %i is within one level', async (width, height) => {
      const path = join(folder, 'noise.png');
      const pixels = noise(97 * 83 * 3);
      await sharp(pixels, { raw: { width: 97, height: 83, channels: 3 } })
        .png()
        .toFile(path);
      const ours = await run(await model({ channels: 3, height, width, ...raw }), pixels, [1, 83, 97, 3]);
      expect(farthest(ours, planes(path, 'RGB', width, height))).toBeLessThanOrEqual(1);
    });

    it.skipIf(chestXrayMissing !== undefined)(
      `radiographs as published are within one level${chestXrayMissing ? `: ${chestXrayMissing}` : ''}`,
      async () => {
        const originals = join(chestXrayFolder, 'originals');
        const [one, three] = [
          await model(gray(224, 224)),
          await model({ channels: 3, height: 224, width: 224, ...raw }),
        ];
        const names = await readdir(originals);
        expect(names.length).toBeGreaterThan(10);
        for (const name of names) {
          const path = join(originals, name);
          const { data, width, height, channels } = await decodeImage(path);
          const ours = await run(channels === 1 ? one : three, Uint8Array.from(data), [
            1,
            height,
            width,
            channels,
          ]);
          expect(
            farthest(ours, planes(path, channels === 1 ? 'L' : 'RGB', 224, 224)),
            name,
          ).toBeLessThanOrEqual(1);
        }
      },
    );
  },
);

/** [C, height, width] as Pillow resizes it. */
function planes(path: string, mode: string, width: number, height: number): Uint8Array {
  const bytes = pillowPixels(
    path,
    `image = image.convert("${mode}").resize((${width}, ${height}), Image.BILINEAR)`,
  );
  const channels = bytes.length / (width * height);
  return bytes.map(
    (_, i) => bytes[(i % (width * height)) * channels + Math.floor(i / (width * height))] ?? 0,
  );
}
