import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeOnnx } from '../../src/compiler/lower/onnx/encode.ts';
import { emitOnnx } from '../../src/compiler/targets/onnx.ts';
import { decodeImage } from '../../src/runtime/images.ts';
import { prepareImage } from '../../src/runtime/prepare.ts';
import { difference } from '../../src/verify/difference.ts';
import { startOnnx } from '../../src/verify/onnx-engine.ts';
import { chestXrayFolder, chestXrayMissing } from '../runtime/data-folder.ts';
import { array, moduleOf } from '../support/model-graph.ts';

const size = 96;
/** Of the largest logit. */
const limit = 1e-3;

async function engineOf(prepareImages: boolean) {
  const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '0' };
  const module = moduleOf('models/mair-small.net', { set: { size: String(size) } });
  const { model } = emitOnnx(module, { provenance, prepareImages });
  if (model === undefined) throw new Error('the model cannot be written');
  const engine = await startOnnx(await encodeOnnx(model));
  return { engine, pixels: module.model.inputs[0]?.pixels ?? { mean: [], std: [] } };
}

describe.skipIf(chestXrayMissing !== undefined)(
  'a file that prepares images itself (needs ../shared)',
  () => {
    it('gives radiographs of 1024 x 1024 the logits that they get from the runtime', async () => {
      const { engine: raw } = await engineOf(true);
      const { engine: plain, pixels } = await engineOf(false);
      const spec = { channels: 3, height: size, width: size, ...pixels, layout: 'chw' } as const;
      const names = (await readdir(join(chestXrayFolder, 'originals'))).filter((name) =>
        name.endsWith('.png'),
      );
      expect(names.length).toBeGreaterThan(10);
      for (const name of names) {
        const image = await decodeImage(join(chestXrayFolder, 'originals', name));
        const { height, width, channels, data } = image;
        expect([height, width]).toEqual([1024, 1024]);
        const prepared = new Float64Array(prepareImage(image, spec));
        const expected = await plain.run(
          new Map([['image', array({ N: 1, C: 3, H: size, W: size }, prepared)]]),
        );
        const given = { dims: [1, height, width, channels], data: Uint8Array.from(data) } as const;
        const found = await raw.run(new Map(), new Map([['image', given]]));
        const { relative } = difference(found.get('logits')?.data ?? [], expected.get('logits')?.data ?? []);
        expect(relative, name).toBeLessThan(limit);
      }
      await raw.close();
      await plain.close();
    });
  },
);
