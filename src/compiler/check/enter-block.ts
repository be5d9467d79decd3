import type { BlockEntity } from '../resolve/program.ts';
import { substitute as substituteProp } from '../shapes/prop.ts';
import { substitute, variable, type Size, type SizeVar } from '../shapes/size.ts';
import type { Context } from './context.ts';
import type { Definition } from './definition.ts';
import { readSignature, type RestAxes, type Signature } from './signature.ts';
import type { Hypers } from './value.ts';

/**
 * Reads the header of a block before its body is read for some hyper-parameters, and takes for given what its definition
 * demands of each call.
 */
export function enterBlock(
  cx: Context,
  entity: BlockEntity,
  hypers: Hypers,
  rest: RestAxes,
  definition: Definition | undefined,
): Signature {
  const read = readSignature(cx, entity, hypers, rest);
  const signature = definition === undefined ? read : withFound(read, definition);
  for (const { prop } of signature.where.slice(read.where.length)) cx.facts = cx.facts.assume(prop);
  return signature;
}

/** Adds what the definition found, in the variables of this signature, which have the names of the definition's. */
export function withFound(
  signature: Signature,
  { signature: defined, inferred, paramSizes, hasWeights }: Definition,
): Signature {
  const byName = new Map(signature.sizes.map((v) => [v.name, variable(v)]));
  const own = new Map<SizeVar, Size>();
  for (const v of defined.sizes) {
    const size = byName.get(v.name);
    if (size !== undefined) own.set(v, size);
  }
  const requirements = inferred.map(({ prop, span, text }) => ({
    prop: substituteProp(prop, own),
    span,
    text,
  }));
  return {
    ...signature,
    where: [...signature.where, ...requirements],
    paramSizes: paramSizes.map((size) => substitute(size, own)),
    hasWeights,
  };
}
