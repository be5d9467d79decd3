import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { inRepository } from '../support/repository.ts';

it('CONTRIBUTING.md shows the file of leaky_relu as it is', () => {
  const text = readFileSync(inRepository('CONTRIBUTING.md'), 'utf8');
  const listing = /^```ts\n([^]*?)^```/m.exec(text)?.[1];
  expect(listing).toBe(readFileSync(inRepository('src/compiler/ops/leaky-relu.ts'), 'utf8'));
});
