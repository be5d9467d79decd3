import type * as cst from '../../../../grammar/cst-types.ts';
import { closest } from '../../diagnostics/closest.ts';
import { replacement } from '../../diagnostics/did-you-mean.ts';
import type { Span } from '../../source/span.ts';
import type { AxisDecl, HyperDecl, HyperType, TensorDecl, TensorType } from '../ast.ts';
import { all, complain, name, nodeSpan, only, tokenSpan, type BuildContext } from './context.ts';
import { expression } from './expressions.ts';

/** The types of hyper-parameters that are one word. */
export const plainTypes = ['int', 'float', 'bool', 'string', 'labels', 'axis'] as const;

/** What other languages call the types. */
const foreignTypes = new Map([
  ['integer', 'int'],
  ['number', 'float'],
  ['double', 'float'],
  ['real', 'float'],
  ['boolean', 'bool'],
  ['str', 'string'],
]);

export function hypers(context: BuildContext, node: cst.HypersCstNode | undefined): HyperDecl[] {
  return all(node?.children.hyper).flatMap((part) => {
    const token = only(part.children.name);
    if (token === undefined) return [];
    const span = nodeSpan(context, part, tokenSpan(context, token));
    const type = hyperType(context, only(part.children.type), span);
    if (type === undefined) return [];
    const equals = only(part.children.Equals);
    return [
      {
        kind: 'HyperDecl',
        span,
        name: name(context, token),
        type,
        default: equals && expression(context, only(part.children.default), span.after),
      },
    ];
  });
}

function hyperType(
  context: BuildContext,
  node: cst.HyperTypeCstNode | undefined,
  fallback: Span,
): HyperType | undefined {
  if (node === undefined) return undefined;
  const span = nodeSpan(context, node, fallback);
  const list = only(node.children.listType);
  if (list !== undefined) {
    const element = hyperType(context, only(list.children.element), span);
    return element && { kind: 'ListHyper', span, element };
  }
  const block = only(node.children.blockType);
  if (block !== undefined) {
    return {
      kind: 'BlockHyper',
      span,
      inputs: tensorTypes(context, block.children.inputs),
      outputs: tensorTypes(context, only(block.children.outputs)?.children.tensorType),
    };
  }
  const word = only(node.children.plain);
  if (word === undefined) return undefined;
  const plain = plainTypes.find((type) => type === word.image);
  if (plain !== undefined) return { kind: 'PlainHyper', span, name: plain };
  const near = foreignTypes.get(word.image) ?? closest(word.image, plainTypes);
  complain(context, 'N1002', span, `\`${word.image}\` is no type of a hyper-parameter`, {
    help:
      (near === undefined ? '' : `Did you mean \`${near}\`? `) +
      'The types are `int`, `float`, `bool`, `string`, `labels`, `axis`, a list `[T]`, and `block(...) -> ...`.',
    ...(near === undefined ? {} : { fix: replacement(word.image, span, near) }),
  });
  return undefined;
}

export function inputs(context: BuildContext, node: cst.InputsCstNode | undefined): TensorDecl[] {
  return all(node?.children.input).flatMap((part) => {
    const token = only(part.children.name);
    if (token === undefined) return [];
    const span = nodeSpan(context, part, tokenSpan(context, token));
    const equals = only(part.children.Equals);
    return [
      {
        kind: 'TensorDecl',
        span,
        name: name(context, token),
        type: tensorType(context, only(part.children.tensorType), span.after),
        default: equals && expression(context, only(part.children.default), span.after),
      },
    ];
  });
}

export function tensorTypes(
  context: BuildContext,
  nodes: readonly cst.TensorTypeCstNode[] | undefined,
): TensorType[] {
  const nowhere = context.piece.at(0);
  return all(nodes).map((node) => tensorType(context, node, nowhere));
}

export function tensorType(
  context: BuildContext,
  node: cst.TensorTypeCstNode | undefined,
  fallback: Span,
): TensorType {
  const span = nodeSpan(context, node, fallback);
  const dtype = only(node?.children.dtype);
  const axes = all(node?.children.axis).flatMap((axis) => axisDecl(context, axis, span));
  // The parser resumes behind a type, or leaves out one token of it; the end of one that is not closed is made up.
  const isOpen = node !== undefined && !context.piece.slice(span).endsWith(']');
  const isDamaged = node?.recoveredNode === true || isOpen || context.isLossIn(span);
  return { kind: 'TensorType', span, dtype: dtype && name(context, dtype), axes, isDamaged };
}

function axisDecl(context: BuildContext, node: cst.AxisCstNode, fallback: Span): AxisDecl[] {
  const span = nodeSpan(context, node, fallback);
  const rest = only(node.children.rest);
  if (rest !== undefined) return [{ kind: 'RestAxes', span, name: name(context, rest) }];
  const sized = only(node.children.sizedAxis);
  const token = only(sized?.children.name);
  if (sized === undefined || token === undefined) return [];
  const colon = only(sized.children.Colon);
  const size = colon && expression(context, only(sized.children.size), span.after);
  return [{ kind: 'NamedAxis', span, name: name(context, token), size }];
}
