import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { surfaceOps } from '../../../src/compiler/ops/registry.ts';
import { workedExample } from '../../../src/compiler/reference/example.ts';
import { inRepository } from '../../support/repository.ts';

const text = readFileSync(inRepository('docs/ops.md'), 'utf8');

describe('docs/ops.md', () => {
  it.each([...surfaceOps.values()])('has the example of $name as it compiles', ({ name, example }) => {
    const start = text.indexOf(`\n## ${name}\n`);
    expect(start, 'run `npm run generate`').toBeGreaterThan(-1);
    const section = text.slice(start, text.indexOf('\n## ', start + 1) >>> 0);
    const { inputs, type, isList } = workedExample(example);
    expect(section).toContain(
      [...inputs, `result = ${example}  // ${isList ? `a list of ${type}` : type}`].join('\n'),
    );
  });
});

describe('an example', () => {
  it('says what the compiler has against it', () => {
    expect(() => workedExample('relu(nothing)')).toThrow(/N2001 there is no `nothing` here/);
  });
});
