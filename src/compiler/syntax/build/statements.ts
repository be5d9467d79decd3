import type * as cst from '../../../../grammar/cst-types.ts';
import { fixAt } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../source/span.ts';
import type { BindStmt, Body, Expr, ForStmt, IfStmt, ReturnStmt, Statement } from '../ast.ts';
import { all, complain, errorExpr, name, nodeSpan, only, tokenSpan, type BuildContext } from './context.ts';
import { condition, expression } from './expressions.ts';
import { statementRemedy } from '../statement-words.ts';
import { tensorType } from './types.ts';

/** What a body belongs to: `input` and `output` stand in models only, `return` in blocks and losses only. */
export type Owner = 'block' | 'model';

/** How many `else if` may follow one another; each nests in the syntax tree. */
const maxBranches = 200;

export function body(
  context: BuildContext,
  node: cst.BodyCstNode | undefined,
  fallback: Span,
  owner: Owner,
): Body {
  const span = nodeSpan(context, node, fallback);
  // Recovery lost the body: a poisoned value is returned, so that nobody complains of a missing one.
  const lost: ReturnStmt = { kind: 'ReturnStmt', span, value: errorExpr(span) };
  const lines = all(node?.children.lines);
  const statements = node === undefined ? [lost] : lines.flatMap((line) => statement(context, line, owner));
  return { kind: 'Body', span, statements };
}

function statement(context: BuildContext, line: cst.LineCstNode, owner: Owner): Statement[] {
  const children = only(line.children.statement)?.children;
  if (children === undefined) return [];
  const built =
    bindOf(context, only(children.bind)) ??
    returnOf(context, only(children.returnStmt), owner) ??
    forOf(context, only(children.forStmt), owner) ??
    ifOf(context, only(children.ifStmt), owner) ??
    assertOf(context, only(children.assertStmt)) ??
    paramOf(context, only(children.paramStmt)) ??
    inputOf(context, only(children.inputStmt), owner) ??
    outputOf(context, only(children.outputStmt), owner) ??
    complainOfValue(context, only(children.mistakenValue));
  return built === undefined ? [] : [built];
}

export function bindOf(context: BuildContext, node: cst.BindCstNode | undefined): BindStmt | undefined {
  const first = only(node?.children.targets);
  if (node === undefined || first === undefined) return undefined;
  const span = nodeSpan(context, node, tokenSpan(context, first));
  return {
    kind: 'BindStmt',
    span,
    targets: all(node.children.targets).map((target) => name(context, target)),
    tuple: node.children.tuple !== undefined,
    value: condition(context, only(node.children.value), span.after, 'value'),
    docs: context.docsBefore(span),
  };
}

function returnOf(
  context: BuildContext,
  node: cst.ReturnStmtCstNode | undefined,
  owner: Owner,
): ReturnStmt | undefined {
  const word = only(node?.children.Return);
  if (node === undefined || word === undefined) return undefined;
  const span = nodeSpan(context, node, tokenSpan(context, word));
  if (owner === 'model') {
    complain(context, 'N1002', tokenSpan(context, word), 'a model has outputs and returns nothing', {
      help: 'Write `output name` or `output name = value`.',
    });
  }
  const values = all(node.children.values).map((value) => expression(context, value, span.after));
  return { kind: 'ReturnStmt', span, value: returned(values, span) };
}

function returned(values: readonly Expr[], span: Span): Expr {
  const [first] = values;
  if (first === undefined) return errorExpr(span.after);
  if (values.length === 1) return first;
  return { kind: 'TupleExpr', span: first.span.upTo(span), items: values };
}

function forOf(
  context: BuildContext,
  node: cst.ForStmtCstNode | undefined,
  owner: Owner,
): ForStmt | undefined {
  const element = only(node?.children.element);
  if (node === undefined || element === undefined) return undefined;
  const span = nodeSpan(context, node, tokenSpan(context, element));
  const index = only(node.children.index);
  return {
    kind: 'ForStmt',
    span,
    index: index && name(context, index),
    element: name(context, element),
    range: expression(context, only(node.children.range), tokenSpan(context, element)),
    body: body(context, only(node.children.body), span.after, owner),
  };
}

function ifOf(context: BuildContext, node: cst.IfStmtCstNode | undefined, owner: Owner): IfStmt | undefined {
  if (node === undefined) return undefined;
  const words = all(node.children.If);
  const [first] = words;
  if (first === undefined) return undefined;
  const whole = nodeSpan(context, node, tokenSpan(context, first));
  if (words.length > maxBranches) {
    complain(context, 'N6003', whole, `this \`if\` has more than ${maxBranches} branches`);
    return undefined;
  }
  const conditions = all(node.children.condition);
  const bodies = all(node.children.body);
  const last = only(node.children.otherwise);
  let otherwise: IfStmt['otherwise'] = last && body(context, last, whole.after, owner);
  // From the last branch outwards, since each `else if` nests in the one before.
  for (let i = words.length - 1; i >= 0; i--) {
    const word = words[i];
    if (word === undefined) continue;
    const start = tokenSpan(context, word);
    otherwise = {
      kind: 'IfStmt',
      span: start.upTo(whole),
      condition: condition(context, conditions[i], start.after),
      then: body(context, bodies[i], whole.after, owner),
      otherwise,
    };
  }
  return otherwise?.kind === 'IfStmt' ? otherwise : undefined;
}

function assertOf(context: BuildContext, node: cst.AssertStmtCstNode | undefined): Statement | undefined {
  const word = only(node?.children.Assert);
  if (node === undefined || word === undefined) return undefined;
  const span = nodeSpan(context, node, tokenSpan(context, word));
  const required = condition(context, only(node.children.condition), span.after);
  return { kind: 'AssertStmt', span, condition: required };
}

function paramOf(context: BuildContext, node: cst.ParamStmtCstNode | undefined): Statement | undefined {
  const token = only(node?.children.name);
  if (node === undefined || token === undefined) return undefined;
  const span = nodeSpan(context, node, tokenSpan(context, token));
  return {
    kind: 'ParamStmt',
    span,
    name: name(context, token),
    type: tensorType(context, only(node.children.tensorType), span.after),
    init: expression(context, only(node.children.init), span.after),
  };
}

function inputOf(
  context: BuildContext,
  node: cst.InputStmtCstNode | undefined,
  owner: Owner,
): Statement | undefined {
  const token = only(node?.children.name);
  if (node === undefined || token === undefined) return undefined;
  const span = nodeSpan(context, node, tokenSpan(context, token));
  if (owner !== 'model') complainOfOwner(context, span, 'input', 'Give the block an input in its signature.');
  const from = only(node.children.From);
  return {
    kind: 'InputStmt',
    span,
    name: name(context, token),
    type: tensorType(context, only(node.children.tensorType), span.after),
    from: from && expression(context, only(node.children.from), span.after),
  };
}

function outputOf(
  context: BuildContext,
  node: cst.OutputStmtCstNode | undefined,
  owner: Owner,
): Statement | undefined {
  const token = only(node?.children.name);
  if (node === undefined || token === undefined) return undefined;
  const span = nodeSpan(context, node, tokenSpan(context, token));
  if (owner !== 'model') complainOfOwner(context, span, 'output', 'Return the value.');
  const equals = only(node.children.Equals);
  const labels = only(node.children.Labels);
  return {
    kind: 'OutputStmt',
    span,
    name: name(context, token),
    value: equals && expression(context, only(node.children.value), span.after),
    labels: labels && expression(context, only(node.children.labels), span.after),
  };
}

function complainOfOwner(context: BuildContext, span: Span, word: string, help: string): void {
  complain(context, 'N1002', span, `\`${word}\` stands in models only`, { help });
}

function complainOfValue(context: BuildContext, node: cst.MistakenValueCstNode | undefined): undefined {
  if (node === undefined) return undefined;
  const span = nodeSpan(context, node, context.piece.at(0));
  const value = expression(context, only(node.children.value), span);
  const equals = only(node.children.Equals);
  // What follows a single name was no expression: the name may have been meant as a keyword.
  if (value.kind === 'NameExpr' && equals === undefined) {
    const remedy = statementRemedy(value.name);
    if (remedy !== undefined) {
      complain(context, 'N1002', span, `expected a statement, found \`${value.name.text}\``, remedy);
      return undefined;
    }
  }
  if (equals === undefined && isCutOff(context, span)) return undefined;
  if (complainOfUpdate(context, span)) return undefined;
  const bare = equals === undefined ? bareNames(context, span) : undefined;
  if (bare !== undefined) {
    const shown = `(${bare})`;
    complain(context, 'N1002', span, 'several names are bound in parentheses', {
      help: `Write \`${shown} = ...\`.`,
      fix: fixAt('Put the names into parentheses', span.part(0, bare.length), shown),
    });
  } else if (equals === undefined) {
    complain(context, 'N1002', span, 'this value is neither bound nor returned', {
      help: 'Bind it (`x = ...`), return it, or remove it; a call has no effect but its value.',
    });
  } else {
    complain(context, 'N1002', tokenSpan(context, equals), 'only names can be bound', {
      help: 'On the left of `=` stands a name or a tuple of names: `x = ...` or `(a, b) = ...`.',
    });
  }
  return undefined;
}

/** Whether a member follows, as in `list.append(x)`, of whose point the lexer has complained. */
function isCutOff({ piece }: BuildContext, span: Span): boolean {
  return /^\.[A-Za-z_]/.test(piece.text.slice(piece.offsetOf(span.after)));
}

/** `y += x`; what is added is all that stands behind it, unless a pipe takes it, as the other operators would not have it. */
function complainOfUpdate(context: BuildContext, span: Span): boolean {
  const { piece } = context;
  const [whole, name, operator, rest] =
    /^([A-Za-z_]\w*)[ \t]*([-+*/%])=(?!=)[ \t]*([^\n]*(?:\n[ \t]*\|>)?)/.exec(
      piece.text.slice(piece.offsetOf(span)),
    ) ?? [];
  if (whole === undefined || name === undefined || operator === undefined || rest === undefined) return false;
  const place = span.part(0, whole.length - rest.length);
  const meant = `${name} = ${name} ${operator} `;
  const isSure = operator === '+' && !rest.includes('|');
  complain(context, 'N1002', place, `a name is bound by \`=\`, and there is no \`${operator}=\``, {
    help: `Write \`${meant}...\`.`,
    ...(isSure ? { fix: fixAt('Write it with `=`', place, meant) } : {}),
  });
  return true;
}

/** The names of `a, b = f(x)`, a tuple without its parentheses, if that is what begins here. */
function bareNames({ piece }: BuildContext, span: Span): string | undefined {
  return /^(\w+(?:[ \t]*,[ \t]*\w+)+)[ \t]*=(?!=)/.exec(piece.text.slice(piece.offsetOf(span)))?.[1];
}
