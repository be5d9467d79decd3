import type { AstPath, Doc } from 'prettier';
import { builders } from 'prettier/doc';
import { lineOf, markCommented, type FormatComment, type FormatNode } from './tree.ts';

/**
 * Where comments go. A comment keeps its place wherever the printer can end a line just there: beside or before a
 * statement, an item in brackets, an operator with its operand. In the head of a body it moves behind the `{`, and
 * anywhere else before its statement. So no comment forces a line break that a second run would undo.
 */

/** What begins a line of its own when its container is broken. */
const itemOf: Readonly<Record<string, string>> = {
  file: 'declarationLine',
  body: 'line',
  trainDecl: 'trainLine',
  importDecl: 'importedName',
  hypers: 'hyper',
  inputs: 'tensorDecl',
  blockType: 'tensorType',
  outputs: 'tensorType',
  tensorType: 'axis',
  call: 'argument',
  axisTarget: 'sizedAxis',
  group: 'expression',
  list: 'listItem',
};

/** Items in a row without brackets: the first has no line of its own. */
const laterItemOf: Readonly<Record<string, string>> = {
  requirements: 'condition',
  returnStmt: 'expression',
  expression: 'operation',
};

export function placeOwnLine(comment: FormatComment): boolean {
  const { enclosingNode, precedingNode, followingNode } = comment;
  if (enclosingNode === undefined) return false;
  const isContainer = hasBrackets(enclosingNode);
  if (followingNode !== undefined && mayStandBefore(enclosingNode, precedingNode, followingNode)) {
    return attach(followingNode, comment, 'leading');
  }
  if (isContainer && precedingNode?.name === itemOf[enclosingNode.name] && precedingNode !== undefined) {
    return attach(precedingNode, comment, 'trailing');
  }
  if (isContainer && precedingNode === undefined && followingNode === undefined) {
    return attach(enclosingNode, comment, 'inside');
  }
  return moveBeforeLine(enclosingNode, comment);
}

export function placeEndOfLine(comment: FormatComment): boolean {
  const { enclosingNode, precedingNode, followingNode } = comment;
  if (enclosingNode === undefined) return false;
  if (precedingNode !== undefined && mayEndLine(enclosingNode, precedingNode, followingNode)) {
    return attach(precedingNode, comment, 'trailing');
  }
  if (precedingNode === undefined && hasBrackets(enclosingNode)) {
    return attachToOpening(enclosingNode, comment, followingNode);
  }
  const { name } = enclosingNode;
  if (name === 'blockDecl' || name === 'modelDecl') {
    const where = enclosingNode.children.requirements?.[0];
    const body = enclosingNode.children.body[0];
    if (where === undefined && body !== undefined) return attachToOpening(body, comment, undefined);
    if (precedingNode !== undefined && precedingNode === where)
      return attach(precedingNode, comment, 'trailing');
    return attachToOpening(enclosingNode, comment, undefined);
  }
  if ((name === 'forStmt' || name === 'ifStmt') && followingNode?.name === 'body') {
    return attachToOpening(followingNode, comment, undefined);
  }
  return moveBeforeLine(enclosingNode, comment);
}

/**
 * `opening`: behind the opening bracket of its container, or behind the head of a declaration with a `where`;
 * `inside`: in a container that holds nothing else.
 */
function attach(node: FormatNode, comment: FormatComment, place: NonNullable<FormatComment['place']>): true {
  comment.leading = place === 'leading';
  comment.trailing = place === 'trailing';
  comment.place = place;
  comment.printed = false;
  (node.comments ??= []).push(comment);
  markCommented(node);
  return true;
}

/** One comment fits behind the opening bracket; another goes before the first item. */
function attachToOpening(node: FormatNode, comment: FormatComment, first: FormatNode | undefined): boolean {
  const taken = node.comments?.some(({ place }) => place === 'opening') ?? false;
  if (!taken) return attach(node, comment, 'opening');
  if (first !== undefined && first.name === itemOf[node.name]) return attach(first, comment, 'leading');
  return moveBeforeLine(node, comment);
}

function mayStandBefore(container: FormatNode, before: FormatNode | undefined, item: FormatNode): boolean {
  if (itemOf[container.name] === item.name) return container.name === 'file' || hasBrackets(container);
  return before !== undefined && laterItemOf[container.name] === item.name && !isRange(item);
}

function mayEndLine(container: FormatNode, item: FormatNode, next: FormatNode | undefined): boolean {
  if (itemOf[container.name] === item.name) return container.name === 'file' || hasBrackets(container);
  return next !== undefined && laterItemOf[container.name] === next.name && !isRange(next);
}

/** No line is broken before `..`. */
function isRange(node: FormatNode): boolean {
  return node.name === 'operation' && node.children.rangeEnd !== undefined;
}

/** Some containers have a form without brackets: `-> [N]`, `C -> K`. */
function hasBrackets(node: FormatNode): boolean {
  if (node.name === 'outputs') return node.children.LParen !== undefined;
  if (node.name === 'axisTarget') return node.children.LSquare !== undefined;
  return node.name !== 'file' && itemOf[node.name] !== undefined;
}

function moveBeforeLine(node: FormatNode, comment: FormatComment): boolean {
  const line = lineOf(node);
  return line !== undefined && attach(line, comment, 'leading');
}

/** Two blanks before a comment at the end of a line; prettier puts the first. */
export function printComment(path: AstPath<FormatComment | FormatNode>): string {
  const comment = path.node;
  if (!('value' in comment)) return '';
  const owner = path.parent;
  const siblings = owner !== null && 'children' in owner ? owner.comments : undefined;
  const firstTrailing = siblings?.find(({ trailing }) => trailing) === comment;
  return firstTrailing && comment.placement !== 'ownLine' ? ` ${comment.value}` : comment.value;
}

const { hardline, lineSuffix, breakParent, join } = builders;

/** What follows the opening bracket of a container on its line. */
export function openingComment(node: FormatNode): Doc {
  return take(node, 'opening').map((text) => [lineSuffix(`  ${text}`), breakParent]);
}

/** The comments of a container that holds nothing else, or undefined. */
export function danglingComments(node: FormatNode): Doc | undefined {
  const texts = take(node, 'inside');
  return texts.length === 0 ? undefined : [join(hardline, texts), breakParent];
}

function take(node: FormatNode, wanted: FormatComment['place']): string[] {
  const comments = (node.comments ?? []).filter(({ place }) => place === wanted);
  return comments.map((comment) => {
    comment.printed = true;
    return comment.value;
  });
}
