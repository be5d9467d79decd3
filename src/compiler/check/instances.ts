import type { TensorValue } from '../ir/module.ts';
import type { SurfaceOp } from '../ops/surface-op.ts';
import type { Argument, Expr } from '../syntax/ast.ts';
import type { Span } from '../source/span.ts';
import { claimPath } from './claim-path.ts';
import type { Context } from './context.ts';
import { freeNamesOf } from './expression-parts.ts';
import { bindHypers } from './hypers.ts';
import { bindOpArguments } from './op-arguments.ts';
import type { BlockHyperType, BlockVal, Factory, HyperBlockVal, Instance, Val } from './value.ts';

/** `conv(C -> C: 64, ...)`: an op with its arguments. */
export function instantiateOp(
  cx: Context,
  op: SurfaceOp,
  args: readonly Argument[],
  span: Span,
): Instance | undefined {
  const bound = bindOpArguments(cx, op, args, span);
  return bound === undefined ? undefined : make(cx, { of: 'op', op, args: bound }, span, op.name);
}

/** `SIM(paths: 4)`: a block with its hyper-parameters. */
export function instantiateBlock(
  cx: Context,
  block: Extract<BlockVal, { kind: 'block' }>,
  args: readonly Argument[],
  span: Span,
): Instance | undefined {
  const hypers = bindHypers(cx, block.entity, args, span);
  if (hypers === undefined) return undefined;
  return make(cx, { of: 'block', entity: block.entity, hypers }, span, block.entity.decl.name.text);
}

/** A use of a block that came as a hyper-parameter: an instance of its own, named after the hyper-parameter. */
export function instantiateHyper(cx: Context, block: HyperBlockVal, span: Span): Instance | undefined {
  if (block.kind === 'abstractBlock') {
    return make(cx, { of: 'abstract', type: block.type, name: block.name }, span, block.name);
  }
  return make(cx, block.make, span, block.name, { type: block.declared, name: block.name });
}

type Maker = Factory | { readonly of: 'abstract'; readonly type: BlockHyperType; readonly name: string };

function make(
  cx: Context,
  maker: Maker,
  span: Span,
  name: string,
  promise?: Instance['promise'],
): Instance | undefined {
  const path = cx.instancePath(name);
  const base = { path, span, region: cx.region, params: new Map<string, TensorValue>() };
  const instance: Instance = { ...maker, ...base, ...(promise === undefined ? {} : { promise }) };
  if (isParameterised(cx, instance) && !claimPath(cx, path, span, instance.of !== 'op')) return undefined;
  return instance;
}

export function isParameterised(cx: Context, instance: Instance): boolean {
  switch (instance.of) {
    case 'op':
      return instance.op.parameterised;
    case 'block':
      return cx.checker.instanceCounter.isParameterised(instance.entity);
    case 'abstract':
      return true;
  }
}

/**
 * The value of a positional argument if it is a tensor or a list of tensors, and so what the op works on; undefined if
 * it is an argument proper, such as an axis. A name that is bound to a tensor is the tensor, whatever axes are called.
 */
export function isOperand(cx: Context, expr: Expr): Val | undefined {
  switch (expr.kind) {
    case 'NameExpr': {
      const bound = cx.scope.lookup(expr.name.text)?.val;
      return bound !== undefined && isTensorLike(bound) ? bound : undefined;
    }
    case 'ListLiteral': {
      const first = expr.items[0];
      if (first === undefined || first.key !== undefined || isOperand(cx, first.value) === undefined)
        return undefined;
      return cx.evaluate(expr);
    }
    case 'NumberLiteral':
      return cx.evaluate(expr);
    case 'StringLiteral':
    case 'BoolLiteral':
    case 'RangeExpr':
    case 'ErrorExpr':
      return undefined;
    case 'UnaryExpr':
    case 'BinaryExpr':
    case 'PipeExpr':
    case 'CallExpr':
    case 'IndexExpr':
    case 'TupleExpr': {
      if (!mentionsTensor(cx, expr)) return undefined;
      const val = cx.evaluate(expr);
      return val.kind === 'poison' || isTensorLike(val) ? val : undefined;
    }
  }
}

function isTensorLike(val: Val): boolean {
  switch (val.kind) {
    case 'tensor':
    case 'list':
      return true;
    case 'items':
    case 'tuple':
      return val.items.length > 0 && val.items.every((item) => item.kind === 'tensor');
    case 'poison':
      return true;
    default:
      return false;
  }
}

/** Whether an expression reads a tensor of the scope: sizes such as `C / 2` do not. */
function mentionsTensor(cx: Context, expr: Expr): boolean {
  return freeNamesOf(expr).some((name) => {
    const val = cx.scope.lookup(name.text)?.val;
    return val !== undefined && isTensorLike(val);
  });
}
