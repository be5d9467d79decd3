import { describe, expect, it } from 'vitest';
import type { Module } from '../../src/compiler/ir/module.ts';
import { smallestVariant } from '../../src/verify/smallest-variant.ts';
import { moduleOf } from '../support/model-graph.ts';

/** What is changed of a model with this head and this body, and which settings were tried. */
function changed(head: string, body: string): Readonly<Record<string, string>> {
  const text = `language 1\n\nmodel Sized(${head}) {\n  ${body}\n}\n`;
  const make = (set: Readonly<Record<string, string>>): Module | undefined => {
    try {
      return moduleOf('sized.net', { text, set });
    } catch {
      return undefined;
    }
  };
  return smallestVariant(moduleOf('sized.net', { text }), make).set;
}

const mean = 'output y = x |> mean(over: [H, W]) |> linear(C -> K: 2)';

describe('the smallest variant of a model', () => {
  it('has a square image of 32 pixels', () => {
    expect(changed('size: int = 224', `input x: [N, C: 3, H: size, W: size]\n  ${mean}`)).toEqual({
      size: '32',
    });
  });

  it('has an image whose sides have names of their own', () => {
    const head = 'high: int = 320, wide: int = 256';
    const input = 'input x: [N, C: 3, H: high, W: wide]';
    expect(changed(head, `${input}\n  ${mean}`)).toEqual({ high: '32', wide: '32' });
  });

  it('keeps proportions where the model demands them', () => {
    const head = 'high: int = 512, wide: int = 256';
    const input = 'input x: [N, C: 3, H: high, W: wide]\n  assert high == 2 * wide';
    expect(changed(head, `${input}\n  ${mean}`)).toEqual({ high: '32', wide: '16' });
  });

  it('has a short signal', () => {
    const body = 'input x: [N, C: 2, T: samples]\n  output y = x |> mean(over: [T]) |> linear(C -> K: 2)';
    expect(changed('samples: int = 16000', body)).toEqual({ samples: '32' });
  });

  it('is the least that compiles', () => {
    const body = `input x: [N, C: 3, H: size, W: size]\n  assert size > 50\n  ${mean}`;
    expect(changed('size: int = 224', body)).toEqual({ size: '64' });
  });

  it('is the model itself where no hyper-parameter is the length of an input', () => {
    expect(changed('width: int = 64', `input x: [N, C: width, H: 224, W: 224]\n  ${mean}`)).toEqual({});
  });
});
