import { constant, isConstant } from '../shapes/size.ts';
import { known } from '../shapes/prop.ts';
import type { Entity } from '../resolve/program.ts';
import type { DiagnosticDetails } from '../diagnostics/diagnostic.ts';
import { replacement, suggest } from '../diagnostics/did-you-mean.ts';
import { surfaceOps } from '../ops/registry.ts';
import type { Expr, IndexExpr, ListLiteral, Name } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { binary, negate, negateCondition } from './arithmetic.ts';
import { evalCall, evalPipe } from './call-expression.ts';
import { evalSize } from './evaluate-as.ts';
import { foreignWord } from './foreign-words.ts';
import { builtins, isBuiltin } from './global-names.ts';
import { missingImport } from './missing-import.ts';
import { hasRoom, indexList, sliceList } from './lists.ts';
import { POISON, type Val } from './value.ts';

/** The value of an expression; `poison` after a complaint. */
export function evaluate(cx: Context, expr: Expr): Val {
  switch (expr.kind) {
    case 'NumberLiteral':
      if (Number.isNaN(expr.value)) return POISON; // The parser has said what is wrong with it.
      return expr.integer
        ? { kind: 'int', size: constant(expr.value) }
        : { kind: 'float', value: expr.value };
    case 'StringLiteral':
      return { kind: 'string', value: expr.value };
    case 'BoolLiteral':
      return { kind: 'bool', prop: known(expr.value) };
    case 'NameExpr':
      return lookup(cx, expr.name);
    case 'ListLiteral':
      return listLiteral(cx, expr);
    case 'TupleExpr':
      return { kind: 'tuple', items: expr.items.map((item) => evaluate(cx, item)) };
    case 'UnaryExpr': {
      const operand = evaluate(cx, expr.operand);
      if (operand.kind === 'poison') return POISON;
      return expr.operator === '-' ? negate(cx, operand, expr.span) : negateCondition(cx, operand, expr.span);
    }
    case 'BinaryExpr': {
      const left = evaluate(cx, expr.left);
      const right = evaluate(cx, expr.right);
      return binary(cx, expr.operator, left, right, expr);
    }
    case 'PipeExpr':
      return evalPipe(cx, expr);
    case 'CallExpr':
      return evalCall(cx, expr);
    case 'IndexExpr':
      return index(cx, expr);
    case 'RangeExpr': {
      if (expr.from === undefined || expr.to === undefined) {
        cx.error('N3006', expr.span, 'a range needs both ends here', { help: 'write `0..n`' });
        return POISON;
      }
      const from = evalSize(cx, expr.from);
      const to = evalSize(cx, expr.to);
      return from === undefined || to === undefined ? POISON : { kind: 'range', from, to };
    }
    case 'ErrorExpr':
      return POISON;
  }
}

function lookup(cx: Context, name: Name): Val {
  const bound = cx.scope.lookup(name.text);
  if (bound !== undefined) return bound.val;
  const entity = cx.module.names.get(name.text);
  if (entity !== undefined) return entityValue(cx, entity, name);
  const op = surfaceOps.get(name.text);
  if (op !== undefined) return { kind: 'op', op };
  if (isBuiltin(name.text)) return { kind: 'builtin', name: name.text };
  const candidates = [...cx.scope.visible(), ...cx.module.names.keys(), ...surfaceOps.keys(), ...builtins];
  const branch = cx.scope.boundInBranch(name.text);
  if (branch !== undefined) {
    cx.error(
      'N2001',
      name.span,
      `\`${name.text}\` is bound in one branch only, so that it may not be there`,
      {
        related: [{ span: branch, message: 'it is bound here' }],
        help: 'bind it in both branches, or before the `if`',
      },
    );
    return POISON;
  }
  cx.error('N2001', name.span, `there is no \`${name.text}\` here`, meantBy(cx, name, candidates));
  return POISON;
}

/** What an unknown name most likely means: something imported by nobody yet, a word of another library, a slip. */
function meantBy(cx: Context, name: Name, candidates: readonly string[]): DiagnosticDetails {
  const missing = missingImport(cx.module, name.text);
  if (missing !== undefined) return missing;
  const unseen = valueUnseen(cx, name.text);
  if (unseen !== undefined) return { help: unseen };
  const foreign = foreignWord(name.text);
  if (foreign !== undefined) {
    const { help, name: meant } = foreign;
    return meant === undefined ? { help } : { help, fix: replacement(name.text, name.span, meant) };
  }
  const details = suggest(name.text, name.span, candidates);
  // The names that there are fill a page where none is near.
  return details.fix === undefined ? axisMeant(cx, name) : details;
}

/** What to do about a tensor that is there, but not to be seen from here: in the head of its block, and in a training. */
function valueUnseen(cx: Context, name: string): string | undefined {
  if (cx.block?.inputs.some((input) => input.name.text === name) === true)
    return `\`${name}\` is a tensor: here stand sizes and hyper-parameters alone, which are known when the program is compiled`;
  if (cx.inner.has(name))
    return `a \`train\` sees the inputs and outputs of its model: say \`output ${name}\` there`;
  return undefined;
}

/** What to do about an axis that is taken for its size. */
function axisMeant(cx: Context, { text }: Name): DiagnosticDetails {
  for (const owner of cx.scope.visible()) {
    const val = cx.scope.lookup(owner)?.val;
    if (val?.kind !== 'tensor' || !val.tensor.type.axes.some(({ name }) => name === text)) continue;
    const help = `${text} is an axis of \`${owner}\`, and a name of its size only where an input of a block introduces it: write the size`;
    return { help };
  }
  return {};
}

function entityValue(cx: Context, entity: Entity, name: Name): Val {
  switch (entity.kind) {
    case 'block':
      return { kind: 'block', entity };
    case 'labels':
      return cx.checker.constants.labels(entity);
    case 'model':
      cx.error('N3006', name.span, `\`${name.text}\` is a model; only blocks can be called`, {
        help: 'move what both need into a block',
      });
      return POISON;
    case 'poison':
      return POISON;
  }
}

function listLiteral(cx: Context, expr: ListLiteral): Val {
  if (!hasRoom(cx, expr.items.length, expr.span)) return POISON;
  const items: Val[] = [];
  for (const item of expr.items) {
    if (item.key !== undefined) {
      cx.error(
        'N3006',
        item.span,
        'a list with keys is only an argument of an operation, as in `over: [H: 3, W: 3]`',
      );
      return POISON;
    }
    items.push(evaluate(cx, item.value));
  }
  return items.some((item) => item.kind === 'poison') ? POISON : { kind: 'items', items };
}

function index(cx: Context, expr: IndexExpr): Val {
  const list = evaluate(cx, expr.list);
  if (list.kind === 'poison') return POISON;
  if (expr.index.kind === 'RangeExpr') {
    const { from, to } = expr.index;
    const low = from === undefined ? constant(0) : evalSize(cx, from);
    const high = to === undefined ? 'end' : evalSize(cx, to);
    return low === undefined || high === undefined ? POISON : sliceList(cx, list, low, high, expr.span);
  }
  const at = evalSize(cx, expr.index);
  if (at === undefined) return POISON;
  const fromEnd = isConstant(at);
  if (fromEnd !== undefined && fromEnd < 0 && list.kind !== 'tensor') {
    cx.error('N4011', expr.index.span, `lists are counted from 0; there is no element ${fromEnd}`, {
      help: 'the last of n elements is `list[n - 1]`',
    });
    return POISON;
  }
  return indexList(cx, list, at, expr.span);
}
