import { convolve, type ConvAttributes } from './conv.ts';
import { named } from './named.ts';
import { replaced, sizeOf, type ConcreteType } from './nd-array.ts';
import { slidType } from './window.ts';

/** The convolutions of `conv`'s samples, from whose tensors those of its gradients are made. */
export const convolutions: readonly {
  readonly x: ConcreteType;
  readonly weight: ConcreteType;
  readonly y: ConcreteType;
  readonly attributes: ConvAttributes;
}[] = convolve.samples.map(({ inputs, attributes }) => {
  const { x, weight } = named(inputs, ['x', 'weight']);
  const channels = { name: attributes.to, size: sizeOf(weight, '.out') };
  const y = replaced(slidType(x, attributes.windows), attributes.from, [channels]);
  return { x, weight, y, attributes };
});
