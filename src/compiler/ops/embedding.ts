import { expectAtLeast, expectInt, expectNewAxes } from './axis-checks.ts';
import { gatherAlong } from './gather.ts';
import { surfaceOp, tensorOperand } from './surface-op.ts';

/** torch's `nn.Embedding`. */
export const embedding = surfaceOp({
  name: 'embedding',
  doc: 'A learned vector for each of the numbers 0, 1, ... below `vocabulary`: int32 tokens [N, T] become [N, T, D].',
  example: 'embedding(into: [D: 64], vocabulary: 1000)(tokens)',
  arguments: {
    into: { kind: 'axisSizes', doc: 'the new axis and its size' },
    vocabulary: { kind: 'size', doc: 'how many numbers there are' },
    init: { kind: 'init', optional: true, default: 'normal', doc: "the vectors' initialiser" },
  },
  operands: ['tokens'],
  parameterised: true,
  build(b, { into, vocabulary, init }, operands) {
    const tokens = tensorOperand(b, 'embedding', operands);
    if (tokens === undefined || !expectInt(b, 'embedding', tokens.type)) return undefined;
    if (into.length === 0) return b.fail('N3010', '`embedding` makes at least one axis');
    const names = into.map(({ axis }) => axis);
    if (!expectNewAxes(b, '`embedding`', tokens.type, names)) return undefined;
    const positive = into.map(({ axis, size }) => expectAtLeast(b, size, 1, `the size of ${axis}`));
    if (!expectAtLeast(b, vocabulary, 1, 'the vocabulary of `embedding`') || positive.includes(false))
      return undefined;
    const made = into.map(({ axis: name, size }) => ({ name, size }));
    const rows = { name: '.token', size: vocabulary };
    const fallback = { name: 'normal', args: { mean: 0, std: 1 } };
    const fan = { in: vocabulary, out: vocabulary };
    const weight = b.param('weight', [rows, ...made], init ?? fallback, fan);
    return b.emitOne(gatherAlong, [weight, tokens], { axis: rows.name });
  },
});
