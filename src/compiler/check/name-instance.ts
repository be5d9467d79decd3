import type { Edit, Fix } from '../diagnostics/diagnostic.ts';
import type { Span } from '../source/span.ts';
import type { Expr } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { withParts } from './expression-parts.ts';
import { FreshNames } from './fresh-names.ts';
import { lineBetween, valueOf, type StatementPlace } from './place-of.ts';

/**
 * The fix that binds an instance to a name and calls it by that: of `(c, d) = Two()(x)`, whose names are those of what is
 * returned, `two = Two()` and `(c, d) = two(x)`.
 */
export function nameInstance(
  cx: Context,
  { declaration, statement }: StatementPlace,
  made: Span,
): Fix | undefined {
  const value = valueOf(statement);
  const maker = value && withParts(value).find(({ span }) => span.isSameAs(made));
  if (maker === undefined) return undefined;
  const { source } = cx.module;
  const bare = bareName(cx, maker);
  const callee = maker.kind === 'CallExpr' ? maker.callee : maker;
  const word = callee.kind === 'NameExpr' ? callee.name.text : 'layer';
  const name = new FreshNames(cx, declaration).like(word);
  const instance = bare === undefined ? source.slice(maker.span) : `${source.slice(bare.span)}()`;
  const before = `${name} = ${instance}${lineBetween(source.text, statement)}`;
  const edits: readonly Edit[] = [
    { span: statement.span.before, text: before },
    { span: (bare ?? maker).span, text: name },
  ];
  return { title: `Bind it to \`${name}\``, edits };
}

/** The name that makes an instance by itself: a stage of a pipe, or a hyper-parameter that is called with tensors. */
function bareName(cx: Context, maker: Expr): Expr | undefined {
  if (maker.kind === 'NameExpr') return maker;
  if (maker.kind !== 'CallExpr' || maker.callee.kind !== 'NameExpr' || maker.args.length === 0)
    return undefined;
  const kind = cx.scope.lookup(maker.callee.name.text)?.val.kind;
  return kind === 'abstractBlock' || kind === 'factory' ? maker.callee : undefined;
}
