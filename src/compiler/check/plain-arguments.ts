import { closest } from '../diagnostics/closest.ts';
import { replacement } from '../diagnostics/did-you-mean.ts';
import { isConstant } from '../shapes/size.ts';
import type { Expr } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { settle } from './demands.ts';
import { describe } from './value.ts';

/** A number that is fixed when the program is compiled, such as `eps`. */
export function readNumber(cx: Context, expr: Expr, title: string): number | undefined {
  const val = cx.evaluate(expr);
  if (val.kind === 'poison') return undefined;
  // A float that only the instantiation knows; nothing about shapes depends on it.
  if (val.kind === 'float') return val.value ?? NaN;
  if (val.kind !== 'int') return cx.error('N3005', expr.span, `${title} is a number, not ${describe(val)}`);
  const known = isConstant(val.size);
  if (known !== undefined) return known;
  return cx.error(
    'N3012',
    expr.span,
    `${title} depends on sizes, which are not known when the block is compiled`,
    {
      help: 'give the number as a hyper-parameter of the type `float`',
    },
  );
}

export function readBool(cx: Context, expr: Expr, title: string): boolean | undefined {
  const val = cx.evaluate(expr);
  if (val.kind === 'poison') return undefined;
  if (val.kind !== 'bool')
    return cx.error('N3005', expr.span, `${title} is true or false, not ${describe(val)}`);
  const truth = settle(cx, val.prop);
  if (truth !== undefined) return truth;
  return cx.error(
    'N3012',
    expr.span,
    `${title} depends on sizes, which are not known when the block is compiled`,
    {
      help: 'use `if` with the operation in both branches',
    },
  );
}

/** One of a few words: `mode: bilinear`, or a string that says it. */
export function readChoice(
  cx: Context,
  expr: Expr,
  title: string,
  choices: readonly string[],
): string | undefined {
  const word = readWord(cx, expr, choices);
  if (word !== undefined && choices.includes(word)) return word;
  const near = word === undefined ? undefined : closest(word, choices);
  const list = choices.map((choice) => `\`${choice}\``).join(', ');
  const details =
    near === undefined
      ? {}
      : { help: `did you mean \`${near}\`?`, fix: replacement(word ?? near, expr.span, near) };
  return cx.error('N3010', expr.span, `${title} is one of ${list}`, details);
}

/** The word that an expression says, if it says one; a string that is not known yet is taken for some choice. */
export function readWord(cx: Context, expr: Expr, choices: readonly string[]): string | undefined {
  if (expr.kind === 'StringLiteral') return expr.value;
  if (expr.kind !== 'NameExpr') return undefined;
  const val = cx.scope.lookup(expr.name.text)?.val;
  if (val === undefined) return expr.name.text;
  if (val.kind !== 'string') return undefined;
  if (val.value === undefined) cx.isPartial = true;
  return val.value ?? val.assumed ?? choices[0];
}
