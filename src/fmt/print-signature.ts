import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import type { BlockDeclCstNode, ModelDeclCstNode } from '../../grammar/cst-types.ts';
import type { Separator } from './gaps.ts';
import { row, tail, type Printing } from './row.ts';

const { conditionalGroup, group, hardline, ifBreak, indent, line } = builders;

/**
 * What follows the hyper-parameters of a block. On one line where it fits; else with the outputs, or the inputs too,
 * on a line of their own and the `{` on the next; else with broken hyper-parameters.
 */
export function printBlock(to: Printing, node: BlockDeclCstNode): Doc {
  const { flavour, name, hypers, inputs, Arrow, outputs, body } = node.children;
  const below = (doc: Doc): Doc => indent(indent(doc));
  const arrow = (separator: Separator) => tail(to, [separator, Arrow[0]], [' ', outputs[0]]);
  const inputsAt = (separator: Separator) => tail(to, [separator, inputs[0]]);
  const sameLine = printWhere(to, node, '{');
  const ownLine = printWhere(to, node, hardline);

  const id = Symbol('hypers');
  const together = [inputsAt(''), arrow(' '), sameLine];
  return [
    row(to, ['', flavour?.[0]], [' ', name[0]]),
    group(tail(to, ['', hypers[0]]), { id }),
    ifBreak(
      together,
      conditionalGroup([
        together,
        [inputsAt(''), below(arrow(hardline)), ownLine],
        [below([inputsAt(hardline), group(arrow(line))]), ownLine],
      ]),
      { groupId: id },
    ),
    row(to, ['', body[0]]),
  ];
}

export function printModel(to: Printing, node: ModelDeclCstNode): Doc {
  const { Model, name, hypers, body } = node.children;
  return [
    row(to, ['', Model[0]], [' ', name[0]], ['', hypers?.[0]]),
    printWhere(to, node, '{'),
    row(to, ['', body[0]]),
  ];
}

/** The `where` on a line of its own, or nothing, and the gap before the body. */
function printWhere(
  to: Printing,
  { children: { requirements, body } }: BlockDeclCstNode | ModelDeclCstNode,
  gap: '{' | typeof hardline,
): Doc {
  const where = requirements?.[0];
  const [opening] = body;
  if (opening === undefined) return '';
  if (where === undefined) return to.gaps.before(opening, gap);
  return [indent(tail(to, [hardline, where])), to.gaps.before(opening, hardline)];
}
