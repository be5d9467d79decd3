import { intervalOfAtom } from './bounds.ts';
import type { Size } from './polynomial.ts';
import { constant } from './polynomial.ts';
import { rewrite } from './rewrite.ts';
import { mapAtoms, substitute } from './size.ts';
import type { System } from './system.ts';

/**
 * The size under solved facts: in free variables, with the rules applied, and with floors that can have one value alone
 * replaced by it. This is the form that `bounds.ts` takes.
 */
export function reduce(size: Size, system: System): Size {
  if (size.value !== undefined) return size;
  const rewritten = rewrite(substitute(size, system.solved), system.rewriting);
  return mapAtoms(rewritten, (atom) => {
    if (atom.kind === 'variable') return undefined;
    const { low, high } = intervalOfAtom(atom, system);
    return low === high ? constant(low) : undefined;
  });
}
