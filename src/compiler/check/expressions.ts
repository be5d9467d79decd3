import { constant, isConstant, type Size } from '../shapes/size.ts';
import { known, not, type Prop } from '../shapes/prop.ts';
import type { Entity } from '../resolve/program.ts';
import { didYouMean } from '../resolve/suggest.ts';
import { surfaceOps } from '../ops/registry.ts';
import type { SurfaceOp } from '../ops/surface-op.ts';
import type { CallExpr, Expr, IndexExpr, ListLiteral, Name, PipeExpr } from '../syntax/ast.ts';
import type { Span } from '../source/span.ts';
import type { Context } from './context.ts';
import { binary, negate } from './arithmetic.ts';
import { callBuiltin } from './builtins.ts';
import { callInstance } from './calls.ts';
import { indexList, sliceList } from './lists.ts';
import { instantiateBlock, instantiateHyper, instantiateOp, isOperand } from './instances.ts';
import { describe, POISON, type Instance, type Val } from './value.ts';

const builtins: ReadonlySet<string> = new Set(['floordiv', 'ceildiv']);

/** Whether a name means something everywhere in the file. */
export function isGlobalName(cx: Context, name: string): boolean {
  return cx.module.names.has(name) || surfaceOps.has(name) || builtins.has(name);
}

/** The value of an expression; `poison` after a complaint. */
export function evaluate(cx: Context, expr: Expr): Val {
  switch (expr.kind) {
    case 'NumberLiteral':
      if (!expr.integer) return { kind: 'float', value: expr.value };
      if (Number.isSafeInteger(expr.value)) return { kind: 'int', size: constant(expr.value) };
      cx.error('N6002', expr.span, `${expr.text} is larger than any size can be`);
      return POISON;
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
      if (expr.operator === '-') return negate(cx, operand, expr.span);
      if (operand.kind === 'bool') return { kind: 'bool', prop: not(operand.prop) };
      cx.error('N3007', expr.span, `\`not\` applies to conditions, not to ${describe(operand)}`);
      return POISON;
    }
    case 'BinaryExpr': {
      const left = evaluate(cx, expr.left);
      const right = evaluate(cx, expr.right);
      return binary(cx, expr.operator, left, right, expr);
    }
    case 'PipeExpr':
      return pipe(cx, expr);
    case 'CallExpr':
      return call(cx, expr);
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

/** An expression that must be an integer; undefined after a complaint. */
export function evalSize(cx: Context, expr: Expr): Size | undefined {
  const val = evaluate(cx, expr);
  return toSize(cx, val, expr.span);
}

export function toSize(cx: Context, val: Val, span: Span): Size | undefined {
  if (val.kind === 'int') return val.size;
  if (val.kind === 'labels') return val.count;
  if (val.kind === 'poison') return undefined;
  const help =
    val.kind === 'float' && val.value !== undefined && Number.isInteger(val.value)
      ? { help: `write ${val.value}` }
      : {};
  return cx.error('N3005', span, `a size is expected here, not ${describe(val)}`, help);
}

/** An expression that must be a condition. */
export function evalCondition(cx: Context, expr: Expr): Prop | undefined {
  const val = evaluate(cx, expr);
  if (val.kind === 'bool') return val.prop;
  if (val.kind === 'poison') return undefined;
  return cx.error('N3005', expr.span, `a condition is expected here, not ${describe(val)}`);
}

function lookup(cx: Context, name: Name): Val {
  const bound = cx.scope.lookup(name.text);
  if (bound !== undefined) return bound.val;
  const entity = cx.module.names.get(name.text);
  if (entity !== undefined) return entityValue(cx, entity, name);
  const op = surfaceOps.get(name.text);
  if (op !== undefined) return { kind: 'op', op };
  if (name.text === 'floordiv' || name.text === 'ceildiv') return { kind: 'builtin', name: name.text };
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
  const help = didYouMean(name.text, candidates);
  cx.error(
    'N2001',
    name.span,
    `there is no \`${name.text}\` here`,
    help?.startsWith('did') === true ? { help } : {},
  );
  return POISON;
}

function entityValue(cx: Context, entity: Entity, name: Name): Val {
  switch (entity.kind) {
    case 'block':
      return { kind: 'block', entity };
    case 'labels':
      return cx.checker.labels(entity);
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

/** `value |> stage` is `stage(value)`; a stage that is a bare name is instantiated first. */
function pipe(cx: Context, expr: PipeExpr): Val {
  // Long pipes nest to the left; they are walked without recursion.
  const stages: Expr[] = [];
  let first: Expr = expr;
  while (first.kind === 'PipeExpr') {
    stages.push(first.stage);
    first = first.value;
  }
  let value = evaluate(cx, first);
  for (const stage of stages.reverse()) {
    const instance = evalStage(cx, stage);
    if (instance === undefined || value.kind === 'poison') {
      value = POISON;
      continue;
    }
    const operands = value.kind === 'tuple' ? value.items : [value];
    value = callInstance(cx, instance, operands, stage.span);
  }
  return value;
}

/** Something that can be called: instances as they are, blocks and ops without arguments instantiated. */
function evalStage(cx: Context, stage: Expr): Instance | undefined {
  // As a stage, an op with arguments is an instance even if it could take a tensor: `x |> mean(over: [H])`.
  const val = evaluate(cx, stage);
  switch (val.kind) {
    case 'instance':
      return val.instance;
    case 'op':
      return instantiateOp(cx, val.op, [], stage.span);
    case 'block':
      return instantiateBlock(cx, val, [], stage.span);
    case 'abstractBlock':
    case 'factory':
      return instantiateHyper(cx, val, stage.span);
    case 'poison':
      return undefined;
    default:
      return cx.error('N3006', stage.span, `${describe(val)} cannot be a stage of a pipe`, {
        help: 'a stage is a block or an operation: `x |> relu`, `x |> conv(...)`',
      });
  }
}

function call(cx: Context, expr: CallExpr): Val {
  const callee = evaluate(cx, expr.callee);
  switch (callee.kind) {
    case 'poison':
      // The arguments may have mistakes of their own, but they would be read without knowing what they are for.
      return POISON;
    case 'builtin':
      return callBuiltin(cx, callee.name, expr);
    case 'op':
      return callOp(cx, callee.op, expr);
    case 'block': {
      const instance = instantiateBlock(cx, callee, expr.args, expr.span);
      return instance === undefined ? POISON : { kind: 'instance', instance };
    }
    case 'abstractBlock':
    case 'factory': {
      // A hyper-parameter that is a block has its own hyper-parameters already: `act()(x)` or `act(x)`.
      const instance = instantiateHyper(cx, callee, expr.span);
      if (instance === undefined) return POISON;
      if (expr.args.length === 0) return { kind: 'instance', instance };
      return callWith(cx, instance, expr);
    }
    case 'instance':
      return callWith(cx, callee.instance, expr);
    default:
      cx.error('N3006', expr.callee.span, `${describe(callee)} cannot be called`);
      return POISON;
  }
}

/** `relu(x)`, `mean(x, over: [H])` call at once; `mean(over: [H])` makes an instance. */
function callOp(cx: Context, op: SurfaceOp, expr: CallExpr): Val {
  const operands = directOperands(cx, op, expr);
  const rest = expr.args.slice(operands.length);
  if (operands.length === 0) {
    const instance = instantiateOp(cx, op, expr.args, expr.span);
    return instance === undefined ? POISON : { kind: 'instance', instance };
  }
  if (operands.some((operand) => operand.kind === 'poison')) return POISON;
  if (op.parameterised) {
    cx.error(
      'N3006',
      expr.span,
      `\`${op.name}\` has parameters, so it is instantiated first and then called`,
      {
        help: `write \`${op.name}(...)(x)\` or \`x |> ${op.name}(...)\``,
      },
    );
    return POISON;
  }
  const instance = instantiateOp(cx, op, rest, expr.span);
  return instance === undefined ? POISON : callInstance(cx, instance, operands, expr.span);
}

/** The leading arguments that are tensors to work on. With several operands, one tensor makes numbers of the others. */
function directOperands(cx: Context, op: SurfaceOp, expr: CallExpr): readonly Val[] {
  const count = op.takesList === true ? 1 : op.operands.length;
  const leading: Expr[] = [];
  for (const arg of expr.args.slice(0, count)) {
    if (arg.name !== undefined || arg.to !== undefined) break;
    leading.push(arg.value);
  }
  if (count === 1) {
    const [only] = leading;
    if (only === undefined) return [];
    const operand = only.kind === 'NumberLiteral' ? undefined : isOperand(cx, only);
    if (operand !== undefined) return [operand];
    // More arguments than the op has room for: the first can only be meant as what it works on.
    const room = Object.values(op.arguments).filter((spec) => spec.positional === true).length;
    const positional = expr.args.filter((arg) => arg.name === undefined).length;
    return positional > room && only.kind === 'NameExpr' ? [evaluate(cx, only)] : [];
  }
  if (leading.length < count) return [];
  const operands = leading.map((arg) => isOperand(cx, arg) ?? evaluate(cx, arg));
  return operands.some((val) => val.kind === 'tensor' || val.kind === 'poison') ? operands : [];
}

function callWith(cx: Context, instance: Instance, expr: CallExpr): Val {
  const operands: Val[] = [];
  const named = new Map<string, { val: Val; span: Span }>();
  for (const arg of expr.args) {
    if (arg.to !== undefined) {
      cx.error('N3005', arg.span, 'an instance is called with tensors; axes are mapped where it is made');
      return POISON;
    }
    const val = evaluate(cx, arg.value);
    if (arg.name === undefined) operands.push(val);
    else if (named.has(arg.name.text)) {
      cx.error('N3002', arg.name.span, `\`${arg.name.text}\` is given twice`);
      return POISON;
    } else named.set(arg.name.text, { val, span: arg.name.span });
  }
  return callInstance(cx, instance, operands, expr.span, named);
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
  if (fromEnd !== undefined && fromEnd < 0) {
    cx.error('N4011', expr.index.span, `lists are counted from 0; there is no element ${fromEnd}`);
    return POISON;
  }
  return indexList(cx, list, at, expr.span);
}
