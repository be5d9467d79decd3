import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verifyOnce } from '../../../cli/build/verify-once.ts';
import { compileModel, type CompiledModel } from '../../../cli/compile-model.ts';
import { temporaryFolder } from '../../runtime/temporary-folder.ts';

const folder = await temporaryFolder();

async function modelOf(activation: string): Promise<CompiledModel> {
  const file = join(folder, 'm.net');
  await writeFile(
    file,
    `language 1\n\nmodel M() {\n  input x: [N, C: 3]\n  output y = ${activation}(x)\n}\n`,
  );
  const model = await compileModel(file, { set: {} }, () => undefined);
  if (model === undefined) throw new Error('the model has errors');
  return model;
}

test('verifies a source again only if it has changed since it last passed', async () => {
  let [runs, ok] = [0, true];
  const verify = verifyOnce(() => {
    runs++;
    return Promise.resolve({ ok, checks: [], diagnostics: [] });
  });
  const options = { targets: ['onnx'], choice: { set: {} }, batch: undefined } as const;
  const runsAfter = async (activation: string): Promise<number> => {
    expect((await verify(await modelOf(activation), options)).ok).toBe(ok);
    return runs;
  };
  expect(await runsAfter('relu')).toBe(1);
  expect(await runsAfter('relu')).toBe(1);
  expect(await runsAfter('tanh')).toBe(2);
  expect(await runsAfter('relu')).toBe(3);
  // What failed is no result to rely on.
  ok = false;
  expect(await runsAfter('tanh')).toBe(4);
  expect(await runsAfter('tanh')).toBe(5);
});
