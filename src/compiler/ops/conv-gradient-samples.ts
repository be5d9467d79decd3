import { convolve, type ConvAttributes } from './conv.ts';
import type { ConvInputGradientAttributes } from './conv-input-gradient.ts';
import { named } from './named.ts';
import { replaced, sizeOf, type ConcreteType } from './nd-array.ts';
import type { Sample } from './op.ts';
import { constant } from '../shapes/size.ts';
import { slidType } from './window.ts';

/** The tensors of a convolution, from which cases for its gradients are made. */
export interface Convolution {
  readonly x: ConcreteType;
  readonly weight: ConcreteType;
  readonly y: ConcreteType;
  readonly attributes: ConvAttributes;
}

export function convolutionOf({ inputs, attributes }: Sample<ConvAttributes>): Convolution {
  const { x, weight } = named(inputs, ['x', 'weight']);
  const channels = { name: attributes.to, size: sizeOf(weight, '.out') };
  const y = replaced(slidType(x, attributes.windows), attributes.from, [channels]);
  return { x, weight, y, attributes };
}

export function inputGradientSample({
  x,
  weight,
  y,
  attributes,
}: Convolution): Sample<ConvInputGradientAttributes> {
  const sizes = attributes.windows.map(({ axis }) => ({ axis, size: constant(sizeOf(x, axis)) }));
  return { inputs: [y, weight], attributes: { ...attributes, sizes } };
}

/** The same, added to what else comes back to x. */
export function withAddend(
  { inputs, attributes }: Sample<ConvInputGradientAttributes>,
  { x }: Convolution,
): Sample<ConvInputGradientAttributes> {
  return { inputs: [...inputs, x], attributes };
}

export function weightGradientSample({ x, y, attributes }: Convolution): Sample<ConvAttributes> {
  return { inputs: [x, y], attributes };
}

/** The convolutions of `conv`'s samples. */
export const convolutions: readonly Convolution[] = convolve.samples.map(convolutionOf);
