import { expect, it } from 'vitest';
import { describeOrigin } from '../../cli/train/describe-origin.ts';
import { compile } from '../../src/compiler/compile.ts';
import { memoryReader } from '../../src/compiler/source/reader.ts';
import { graphOf } from '../support/model-graph.ts';

const text = `language 1
block Unit()(x: [N, C]) -> [N, C] {
  return x + linear(C -> C: C)(x)
}
model M() {
  input x: [N, C: 3]
  small = x / 2
  unit = Unit()(small)
  output y = log(unit)
}
`;

it('says what was made, in which instance, and where, each once', () => {
  const { module, sources } = compile('m.net', { reader: memoryReader({ 'm.net': text }) });
  if (module === undefined) throw new Error('the source was not compiled');
  const origins = graphOf(module, { mode: 'infer' }).nodes.map((node) =>
    describeOrigin(node, { sources, display: (path) => path }),
  );
  expect(origins).toEqual([
    '`constant`, which makes `scalar` in small, at m.net:7:15: 2',
    '`div`, which makes `small`, at m.net:7:13: small = x / 2',
    '`contract`, which makes `linear` in unit, at m.net:3:14: linear(C -> C: C)(x)',
    '`add`, which makes `linear` in unit, at m.net:3:14: linear(C -> C: C)(x)',
    '`add` in unit, at m.net:3:12: return x + linear(C -> C: C)(x)',
    '`log` in y, at m.net:9:14: log(unit)',
  ]);
});
