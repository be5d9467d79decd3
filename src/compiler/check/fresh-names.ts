import type { BlockDecl, ModelDecl } from '../syntax/ast.ts';
import { namesIn } from '../syntax/walk.ts';
import type { Context } from './context.ts';
import { isGlobalName } from './global-names.ts';

/** Names that fixes bring into a declaration: none that is there already, nor one that another fix brings. */
export class FreshNames {
  private readonly cx: Context;
  private readonly taken: ReadonlySet<string>;

  constructor(cx: Context, declaration: BlockDecl | ModelDecl) {
    this.cx = cx;
    this.taken = namesIn(declaration);
  }

  /** `y1` of `y`, `block` of `Block` and `conv1` of `conv`, which means something else already. */
  like(word: string): string {
    const stem = word.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
    const isFree = (name: string): boolean =>
      !this.taken.has(name) && !this.cx.fixNames.has(name) && !isGlobalName(this.cx, name);
    let name = stem === word ? undefined : stem;
    const between = /\d$/.test(stem) ? '_' : '';
    for (let i = 1; name === undefined || !isFree(name); i++) name = `${stem}${between}${i}`;
    this.cx.fixNames.add(name);
    return name;
  }
}
