import type { IToken } from 'chevrotain';
import { LParen, RParen, Name } from '../../grammar/tokens.ts';
import { tokenMatcher } from 'chevrotain';
import { surfaceOps } from '../compiler/ops/registry.ts';
import type { SurfaceOp } from '../compiler/ops/surface-op.ts';
import type { BlockEntity, ResolvedModule } from '../compiler/resolve/program.ts';
import { matchingOpener, openBracket } from './tokens-before.ts';

/** The call whose parentheses are open at some place: what is called, and which argument stands there. */
export interface CallAt {
  readonly callee:
    | { readonly kind: 'operation'; readonly op: SurfaceOp }
    | { readonly kind: 'block'; readonly block: BlockEntity; readonly group: 'hypers' | 'inputs' };
  /** How many arguments stand before. */
  readonly index: number;
  /** The name that the argument begins with, as in `stride: 2`. */
  readonly name: string | undefined;
  /** The names of all arguments so far. */
  readonly given: readonly string[];
}

/** The innermost call of something known around the end of the tokens; lists in it, as of axes, belong to it. */
export function callAt(module: ResolvedModule | undefined, tokens: readonly IToken[]): CallAt | undefined {
  for (let end = tokens.length; ;) {
    const open = openBracket(tokens.slice(0, end));
    if (open === undefined) return undefined;
    if (tokens[open.at]?.tokenType === LParen) {
      const callee = calleeBefore(module, tokens, open.at);
      if (callee === undefined) return undefined;
      const starts = [open.at, ...open.commas].map((i) => i + 1);
      const names = starts.map((i) => nameAt(tokens, i));
      const given = names.filter((name) => name !== undefined);
      return { callee, index: starts.length - 1, name: names.at(-1), given };
    }
    end = open.at;
  }
}

function nameAt(tokens: readonly IToken[], i: number): string | undefined {
  return tokens[i + 1]?.image === ':' ? tokens[i]?.image : undefined;
}

function calleeBefore(
  module: ResolvedModule | undefined,
  tokens: readonly IToken[],
  open: number,
): CallAt['callee'] | undefined {
  const before = tokens[open - 1];
  if (before === undefined) return undefined;
  // The second pair of parentheses: `SIM()(`.
  if (before.tokenType === RParen) {
    const first = matchingOpener(tokens, open - 1);
    const name = first === undefined ? undefined : tokens[first - 1];
    const block = name === undefined ? undefined : blockNamed(module, name);
    return block && { kind: 'block', block, group: 'inputs' };
  }
  if (!tokenMatcher(before, Name)) return undefined;
  // Behind `block F` comes a head, no call.
  if (['block', 'loss', 'model', 'train'].includes(tokens[open - 2]?.image ?? '')) return undefined;
  const block = blockNamed(module, before);
  if (block !== undefined) return { kind: 'block', block, group: 'hypers' };
  const op = surfaceOps.get(before.image);
  return op && { kind: 'operation', op };
}

function blockNamed(module: ResolvedModule | undefined, { image }: IToken): BlockEntity | undefined {
  const entity = module?.names.get(image);
  return entity?.kind === 'block' ? entity : undefined;
}
