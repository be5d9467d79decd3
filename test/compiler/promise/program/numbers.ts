import type { Block } from './block.ts';
import { holds } from './condition.ts';
import type { Sizes } from './size-expression.ts';
import { innerAxes } from './tensor.ts';

/** Whole numbers from `least` to `most`. */
export type Draw = (least: number, most: number) => number;

/** A linear congruential generator: whoever needs many numbers does not want a decision for each. */
export function drawFrom(seed: number): Draw {
  let state = seed;
  return (least, most) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return least + ((state >>> 8) % (most - least + 1));
  };
}

/** The sizes of the inputs of a block. */
export function sizeVariables(block: Block): readonly string[] {
  return [...new Set(block.inputs.flatMap(innerAxes))];
}

/** Numbers for all variables, of which most blocks allow some. */
export function drawSizes(block: Block, draw: Draw): Sizes {
  const sizes = new Map<string, number>();
  for (const name of sizeVariables(block)) sizes.set(name, draw(0, 2) === 0 ? draw(1, 12) : 2 * draw(1, 4));
  for (const hyper of block.hypers) {
    if (hyper.kind !== 'int') continue;
    sizes.set(hyper.name, draw(0, 9) === 0 ? hyper.least - 1 : draw(hyper.least, hyper.most));
  }
  return sizes;
}

export function isAdmissible({ where, inferred, deferred }: Block, sizes: Sizes): boolean {
  return [...where, ...inferred, ...deferred].every((condition) => holds(condition, sizes));
}

const tries = 150;

/**
 * Whether some numbers were found that a block allows, and for each of its occasions some under which it comes: what
 * contradicts itself is an error of its own.
 */
export function isSatisfiable(block: Block): boolean {
  const draw = drawFrom(1);
  const admissible = Array.from({ length: tries }, () => drawSizes(block, draw)).filter((sizes) =>
    isAdmissible(block, sizes),
  );
  return [[], ...block.occasions].every((occasion) =>
    admissible.some((sizes) => occasion.every((condition) => holds(condition, sizes))),
  );
}
