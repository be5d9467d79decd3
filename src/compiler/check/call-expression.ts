import { surfaceOps } from '../ops/registry.ts';
import type { SurfaceOp } from '../ops/surface-op.ts';
import type { DiagnosticDetails, Fix } from '../diagnostics/diagnostic.ts';
import type { Span } from '../source/span.ts';
import type { BinaryExpr, CallExpr, Expr, PipeExpr } from '../syntax/ast.ts';
import { callBuiltin } from './builtins.ts';
import { callInstance } from './calls.ts';
import type { Context } from './context.ts';
import { instantiateBlock, instantiateHyper, instantiateOp, isOperand } from './instances.ts';
import { complainOfLooseTensors, complainOfPipedTensor, type Piped } from './loose-tensors.ts';
import { describe, POISON, type Instance, type Val } from './value.ts';

/** `value |> stage` is `stage(value)`; a stage that is a bare name is instantiated first. */
export function evalPipe(cx: Context, expr: PipeExpr): Val {
  // Long pipes nest to the left; they are walked without recursion.
  const pipes: PipeExpr[] = [];
  let first: Expr = expr;
  while (first.kind === 'PipeExpr') {
    pipes.push(first);
    first = first.value;
  }
  let value = cx.evaluate(first);
  if (isCallable(value)) {
    // What the stages would make of it, such as instances that want one path, is no mistake of theirs.
    cx.error('N3006', first.span, `a pipe begins with a tensor, and not with ${describe(value)}`, {
      help: 'begin with what goes through: `x |> ...`; layers that are called several times are a block of their own',
    });
    return POISON;
  }
  for (const { value: piped, stage } of pipes.reverse()) {
    const instance = evalStage(cx, stage, first, { expr: piped, val: value });
    if (instance === undefined || value.kind === 'poison') {
      value = POISON;
      continue;
    }
    const operands = value.kind === 'tuple' ? value.items : [value];
    value = callInstance(cx, instance, operands, stage.span);
  }
  return value;
}

/** Whether something is to be called, and nothing to be called with. */
function isCallable({ kind }: Val): boolean {
  return ['instance', 'op', 'block', 'abstractBlock', 'factory', 'builtin'].includes(kind);
}

/** Complains of an operator without parentheses: it has taken what was meant to be the last stage before it. */
function refuseOperator(
  cx: Context,
  { operator, operatorSpan }: BinaryExpr,
  piped: Expr,
  last: Expr,
): undefined {
  const message = `\`|>\` binds looser than \`${operator}\`, so that what stands on both sides of this would be one stage`;
  return cx.error('N3006', operatorSpan, message, {
    help: `put the pipe into parentheses: \`(x |> f) ${operator} y\``,
    fix: {
      title: 'Put the pipe into parentheses',
      edits: [
        { span: piped.span.before, text: '(' },
        { span: last.span.after, text: ')' },
      ],
    },
  });
}

/** Something that can be called: instances as they are, blocks and ops without arguments instantiated. */
function evalStage(cx: Context, stage: Expr, first: Expr, piped: Piped): Instance | undefined {
  if (stage.kind === 'BinaryExpr') {
    let last: Expr = stage;
    while (last.kind === 'BinaryExpr') last = last.left;
    // Else there are parentheses around the operator.
    if (last.span.start === stage.span.start) return refuseOperator(cx, stage, first, last);
  }
  const val = stage.kind === 'CallExpr' ? callInStage(cx, stage, piped) : cx.evaluate(stage);
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

/** What an op works on comes through the pipe: all that it is given in parentheses are arguments. */
function callInStage(cx: Context, stage: CallExpr, piped: Piped): Val {
  const callee = cx.evaluate(stage.callee);
  if (callee.kind !== 'op') return call(cx, callee, stage);
  if (complainOfPipedTensor(cx, callee.op, stage, piped)) return POISON;
  const instance = instantiateOp(cx, callee.op, stage.args, stage.span);
  return instance === undefined ? POISON : { kind: 'instance', instance };
}

/** `f(h)` instantiates, `f(h)(x)` calls. */
export function evalCall(cx: Context, expr: CallExpr): Val {
  return call(cx, cx.evaluate(expr.callee), expr);
}

function call(cx: Context, callee: Val, expr: CallExpr): Val {
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
      cx.error('N3006', expr.callee.span, `${describe(callee)} cannot be called`, hiddenOp(cx, expr.callee));
      return POISON;
  }
}

/** What to do about a name that means something else than the operation which is called so elsewhere. */
function hiddenOp(cx: Context, callee: Expr): DiagnosticDetails {
  const name = callee.kind === 'NameExpr' ? callee.name.text : '';
  const bound = cx.scope.lookup(name);
  if (bound === undefined || !surfaceOps.has(name)) return {};
  return {
    related: [{ span: bound.span, message: `this \`${name}\` hides the operation` }],
    help: `call it something else than the operation \`${name}\``,
  };
}

/** `relu(x)`, `mean(x, over: [H])` and `positions(over: [T: 3])` call at once; `mean(over: [H])` makes an instance. */
function callOp(cx: Context, op: SurfaceOp, expr: CallExpr): Val {
  const operands = directOperands(cx, op, expr);
  const rest = expr.args.slice(operands.length);
  if (operands.length === 0) {
    const instance = instantiateOp(cx, op, expr.args, expr.span);
    if (instance === undefined) return POISON;
    return op.operands.length === 0
      ? callInstance(cx, instance, [], expr.span)
      : { kind: 'instance', instance };
  }
  if (operands.some((operand) => operand.kind === 'poison')) return POISON;
  if (op.parameterised) {
    cx.error(
      'N3006',
      expr.span,
      `\`${op.name}\` has parameters, so it is instantiated first and then called`,
      { help: `write \`${op.name}(...)(x)\` or \`x |> ${op.name}(...)\``, ...calledAfterwards(cx, expr) },
    );
    return POISON;
  }
  const [first] = operands;
  if (op.takesList === true && first?.kind === 'tensor' && complainOfLooseTensors(cx, op, expr))
    return POISON;
  const instance = instantiateOp(cx, op, rest, expr.span);
  return instance === undefined ? POISON : callInstance(cx, instance, operands, expr.span);
}

/** The fix that moves the first argument, a tensor, behind the others: `linear(x, C -> K: 4)` to `linear(C -> K: 4)(x)`. */
function calledAfterwards(cx: Context, { args, span }: CallExpr): { readonly fix?: Fix } {
  const [operand, first] = args;
  if (operand === undefined || first === undefined) return {};
  const moved = cx.module.source.slice(operand.span);
  const edits = [
    { span: span.elsewhere(operand.span.start, first.span.start), text: '' },
    { span: span.after, text: `(${moved})` },
  ];
  return { fix: { title: `Call it with \`${moved}\` afterwards`, edits } };
}

/**
 * The leading arguments that the op works on: tensors, or numbers where nothing else can be meant. With several operands,
 * one tensor makes numbers of the others.
 */
function directOperands(cx: Context, op: SurfaceOp, expr: CallExpr): readonly Val[] {
  const count = op.takesList === true ? 1 : op.operands.length;
  const leading: Expr[] = [];
  for (const arg of expr.args.slice(0, count)) {
    if (arg.name !== undefined || arg.to !== undefined) break;
    leading.push(arg.value);
  }
  const room = Object.values(op.arguments).filter((spec) => spec.positional === true).length;
  if (count === 1) {
    const [only] = leading;
    if (only === undefined) return [];
    const operand = only.kind === 'NumberLiteral' ? undefined : isOperand(cx, only);
    if (operand !== undefined) return [operand];
    // More arguments than the op has room for: the first can only be meant as what it works on.
    const positional = expr.args.filter((arg) => arg.name === undefined).length;
    return positional > room && isMeantAsOperand(cx, op, only) ? [cx.evaluate(only)] : [];
  }
  if (leading.length < count) return [];
  const operands = leading.map((arg) => isOperand(cx, arg) ?? cx.evaluate(arg));
  const isMeant = room === 0 || operands.some((val) => val.kind === 'tensor' || val.kind === 'poison');
  return isMeant ? operands : [];
}

/**
 * Whether what is no tensor may still stand for one: a size may, but no number in `clamp(0)`, and in `layer_norm(D)` the size D
 * is meant for the axis.
 */
function isMeantAsOperand(cx: Context, op: SurfaceOp, expr: Expr): boolean {
  if (expr.kind === 'NumberLiteral') return Object.keys(op.arguments).length === 0;
  if (!op.parameterised) return true;
  return expr.kind === 'NameExpr' && cx.scope.lookup(expr.name.text)?.val.kind !== 'int';
}

function callWith(cx: Context, instance: Instance, expr: CallExpr): Val {
  const operands: Val[] = [];
  const named = new Map<string, { val: Val; span: Span }>();
  for (const arg of expr.args) {
    if (arg.to !== undefined) {
      const message = 'an instance is called with tensors; axes are mapped where it is made';
      cx.error('N3005', arg.span, message, hiddenOp(cx, expr.callee));
      return POISON;
    }
    const val = cx.evaluate(arg.value);
    if (arg.name === undefined) operands.push(val);
    else if (named.has(arg.name.text)) {
      cx.error('N3002', arg.name.span, `\`${arg.name.text}\` is given twice`);
      return POISON;
    } else named.set(arg.name.text, { val, span: arg.name.span });
  }
  return callInstance(cx, instance, operands, expr.span, named);
}
