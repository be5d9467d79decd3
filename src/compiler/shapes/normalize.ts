import type { Facts } from './facts.ts';
import type { Size } from './polynomial.ts';
import { ALL_INTEGERS } from './interval.ts';
import { literalsOf } from './literal.ts';
import { equalSize } from './polynomial.ts';
import { reduce } from './reduce.ts';
import type { Multiple } from './rewrite.ts';
import { rewrite, rewritingFrom } from './rewrite.ts';
import { simplifyLiteral } from './simplify-literal.ts';
import { SizeError } from './size-error.ts';
import { isConstant, substitute, varsOf } from './size.ts';
import type { System } from './system.ts';

/** The most times that a size is replaced by a simpler one. */
const MAX_ROUNDS = 8;

/**
 * A simpler size that is equal under the facts, in the variables of the given size and the facts: `paths * (C // paths)`
 * becomes `C` where `C % paths == 0`. For messages; the given size where nothing simpler is found.
 */
export function normalize(size: Size, facts: Facts): Size {
  if (isConstant(size) !== undefined) return size;
  try {
    let best = size;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const simpler = candidates(best, facts).find((candidate) => complexity(candidate) < complexity(best));
      if (simpler === undefined) return best;
      best = simpler;
    }
    return best;
  } catch (error) {
    if (error instanceof SizeError) return size;
    throw error;
  }
}

function candidates(size: Size, facts: Facts): readonly Size[] {
  const { system } = facts;
  if (system.contradictory) return [];
  const written = rewrite(size, rewritingFrom(multiplesOf(facts), []));
  const solved = inOldVariables(reduce(size, system), system);
  return [written, solved, rewrite(solved, rewritingFrom(multiplesOf(facts), []))].filter(
    (candidate) => !equalSize(candidate, size),
  );
}

/** Replaces the variables that solving made by what they stand for. */
function inOldVariables(size: Size, system: System): Size {
  let current = size;
  while (varsOf(current).some((v) => system.introduced.has(v))) {
    current = substitute(current, system.introduced);
  }
  return current;
}

/** The divisibility that the facts state, in their own variables. */
function multiplesOf(facts: Facts): readonly Multiple[] {
  return facts.props
    .flatMap(literalsOf)
    .flatMap((literal) => simplifyLiteral(literal, () => ALL_INTEGERS) ?? [])
    .filter((literal) => literal.kind === 'divides');
}

/** Variables and floors count most, then terms. */
function complexity(size: Size): number {
  return size.weight * 2 + size.terms.length;
}
