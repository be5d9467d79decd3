import type { AstPath, Doc } from 'prettier';
import { builders } from 'prettier/doc';
import { lineOf, type FormatComment, type FormatNode } from './tree.ts';

/**
 * Where comments go. A comment keeps its place wherever a line may end: beside or before a statement, an item of a
 * bracket, a stage of a pipe. In the few places where a line break would end the statement it moves before it.
 */

/** What begins a line of its own when its container is broken: a comment may stand in a line before it. */
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
  expression: 'operation',
};

/** Items that may be preceded by a comment only when they are not the first. */
const laterItemOf: Readonly<Record<string, string>> = { requirements: 'condition', returnStmt: 'expression' };

const containers = new Set(Object.keys(itemOf).filter((name) => name !== 'file' && name !== 'expression'));

export function placeOwnLine(comment: FormatComment): boolean {
  const { enclosingNode, precedingNode, followingNode } = comment;
  if (enclosingNode === undefined) return false;
  if (followingNode !== undefined && mayPrecede(enclosingNode, precedingNode, followingNode)) {
    return attach(followingNode, comment, 'leading');
  }
  if (containers.has(enclosingNode.name) && isBracketed(enclosingNode)) {
    if (precedingNode !== undefined && precedingNode.name === itemOf[enclosingNode.name]) {
      return attach(precedingNode, comment, 'trailing');
    }
    if (followingNode === undefined && precedingNode === undefined) {
      return attach(enclosingNode, comment, 'inside');
    }
  }
  return moveBeforeLine(enclosingNode, comment);
}

export function placeEndOfLine(comment: FormatComment): boolean {
  const { enclosingNode, precedingNode } = comment;
  if (enclosingNode === undefined) return false;
  if (precedingNode !== undefined) {
    return attach(precedingNode, comment, 'trailing');
  }
  if (containers.has(enclosingNode.name) && isBracketed(enclosingNode)) {
    return attach(enclosingNode, comment, 'opening');
  }
  return moveBeforeLine(enclosingNode, comment);
}

/** `opening`: beside the opening bracket of its container; `inside`: in a container that holds nothing else. */
function attach(node: FormatNode, comment: FormatComment, place: NonNullable<FormatComment['place']>): true {
  comment.leading = place === 'leading';
  comment.trailing = place === 'trailing';
  comment.place = place;
  comment.printed = false;
  (node.comments ??= []).push(comment);
  return true;
}

function mayPrecede(container: FormatNode, before: FormatNode | undefined, item: FormatNode): boolean {
  if (itemOf[container.name] === item.name) return isBracketed(container);
  return before !== undefined && laterItemOf[container.name] === item.name;
}

/** Some containers have a form without brackets: `-> [N]`, `C -> K`. */
function isBracketed(node: FormatNode): boolean {
  if (node.name === 'outputs') return node.children.LParen !== undefined;
  if (node.name === 'axisTarget') return node.children.LSquare !== undefined;
  return true;
}

function moveBeforeLine(node: FormatNode, comment: FormatComment): boolean {
  const line = lineOf(node);
  if (line === undefined) return false;
  return attach(line, comment, 'leading');
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
