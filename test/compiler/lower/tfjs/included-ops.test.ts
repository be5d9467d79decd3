import { describe, expect, it } from 'vitest';
import { compiled } from './compiled.ts';
import { programText } from './generated.ts';

const source = (body: string): string => `language 1
model Small() {
  input x: [N, C: 4]
${body}
  output y
}
`;

/** The model's function without its signature. */
async function written(body: string): Promise<string> {
  const text = await programText(compiled(source(body)));
  return /expectShape\('x'.*?\n([\s\S]*?)\n\}/.exec(text)?.[1]?.trim() ?? '';
}

const norm = 'batchNorm(x, w.n, { epsilon: 1e-5, momentum: 0.1';

describe('a ReLU after a batch norm', () => {
  it('is part of it where nothing else reads the norm', async () => {
    expect(await written('  n = batch_norm(C)\n  y = x |> n |> relu')).toContain(
      `${norm}, relu: true, training })`,
    );
  });

  it('goes by the name that it has in the source', async () => {
    const text = await written('  n = batch_norm(C)\n  normal = n(x)\n  y = relu(normal)\n  y = y + y');
    expect(text).toMatch(/^let y = batchNorm\(.*relu: true/);
  });

  it('is apart where something else reads the norm', async () => {
    const text = await written('  n = batch_norm(C)\n  normal = n(x)\n  y = relu(normal) + normal');
    expect(text).toContain(`const normal = ${norm}, training });`);
    expect(text).toContain('tf.relu(normal)');
  });

  it('is apart where something lies between', async () => {
    const text = await written('  n = batch_norm(C)\n  y = x |> n |> tanh |> relu');
    expect(text).toContain('tf.relu(tf.tanh(');
    expect(text).not.toContain('relu: true');
  });

  it('is apart from other activations', async () => {
    const text = await written('  n = batch_norm(C)\n  y = x |> n |> sigmoid');
    expect(text).toContain(`tf.sigmoid(${norm}, training }))`);
  });

  it('is part of it where a loop carries the result', async () => {
    const text = await written('  y = x\n  for i in 0..3 {\n    y = y |> batch_norm(C) |> relu\n  }');
    expect(text).toMatch(/y = batchNorm\(y, w\.y\[i\], \{.*relu: true, training \}\);/);
    expect(text).not.toContain('tf.relu');
  });
});
