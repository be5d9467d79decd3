import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ops, surfaceOps } from '../../../src/compiler/ops/registry.ts';
import { helpers } from '../../../src/compiler/lower/tfjs/helpers/catalogue.ts';

const folder = new URL('../../../src/compiler/ops/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

describe('the registry', () => {
  test.each(files)('holds every op of %s', async (file) => {
    const exports: unknown = await import(new URL(file, folder).href);
    for (const value of Object.values(isRecord(exports) ? exports : {})) {
      if (!isRecord(value) || typeof value['name'] !== 'string') continue;
      if ('evaluate' in value) expect(ops.get(value['name'])).toBe(value);
      if ('build' in value) expect(surfaceOps.get(value['name'])).toBe(value);
    }
  });

  test.each([...ops.values()].filter(({ training }) => training !== undefined))(
    'knows how $name trains',
    ({ training }) => {
      expect(ops.has(training?.op ?? '')).toBe(true);
    },
  );

  test.each([...surfaceOps.values()])('explains $name', ({ name, doc, example, arguments: args }) => {
    expect(doc).toMatch(/\.$/);
    expect(example).toContain(`${name}(`);
    for (const spec of Object.values(args)) {
      expect(spec.doc).not.toBe('');
      expect(spec.default !== undefined).toBe(spec.optional === true);
    }
  });

  test.each(Object.entries(helpers))(
    'the helper %s defines itself and names what it calls',
    (name, { source, needs }) => {
      expect(source).toMatch(new RegExp(`^function ${name}\\(`, 'm'));
      const others = Object.keys(helpers).filter((other) => other !== name);
      expect(others.filter((other) => source.includes(`${other}(`))).toEqual(needs);
    },
  );
});
