import type { BlockDecl } from '../compiler/syntax/ast.ts';
import type { BlockEntity } from '../compiler/resolve/program.ts';

/** The head of a block as it is written, on one line. */
export function headOf({ decl, module }: BlockEntity): string {
  const head = module.source.slice(decl.span.before.upTo(decl.body.span.before));
  return head
    .replace(/\/\/[^\n]*/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The hyper-parameters or inputs of a block as they are written: `paths: int = 4`. */
export function parametersOf({ decl, module }: BlockEntity, group: 'hypers' | 'inputs'): readonly string[] {
  return decl[group].map(({ span }) => module.source.slice(span).replace(/\s+/g, ' '));
}

export function documentationOf({ docs }: Pick<BlockDecl, 'docs'>): string {
  return docs.join('\n');
}
