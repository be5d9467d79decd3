import { sourceHash } from '../../src/compiler/targets/source-hash.ts';
import type { Verification } from '../../src/verify/verify-targets.ts';
import type { verifyModel } from '../verify-model.ts';

/**
 * Verifies, but not again what passed last: equal sources give equal targets, and who takes a change back need not wait.
 * For calls between which nothing but the sources changes.
 */
export function verifyOnce(verify: typeof verifyModel): typeof verifyModel {
  let passed: { readonly hash: string; readonly verification: Verification } | undefined;
  return async (model, options) => {
    const hash = await sourceHash(model.sources);
    if (passed?.hash === hash) return passed.verification;
    const verification = await verify(model, options);
    if (verification.ok) passed = { hash, verification };
    return verification;
  };
}
