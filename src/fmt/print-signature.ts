import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import type { Children } from './children.ts';
import { openingComment } from './comments.ts';
import type { FormatNode } from './tree.ts';

const { conditionalGroup, group, hardline, ifBreak, indent, line } = builders;

/**
 * What stands between the name of a block and its `{`. On one line where it fits; else with the outputs, or the
 * inputs too, on a line of their own and the `{` on the next; else with broken hyper-parameters.
 */
export function printSignature(node: FormatNode, children: Children): Doc {
  const inputs = children.one('inputs');
  const outputs = children.one('outputs');
  const where = children.has('requirements') ? [children.one('requirements'), hardline] : undefined;
  const comment = openingComment(node);
  const sameLine = [comment, where ?? ' '];
  const ownLine = [comment, where ?? hardline];
  const together = [inputs, ' -> ', outputs, sameLine];
  const below = (doc: Doc): Doc => indent(indent([hardline, doc]));

  const hypers = Symbol('hypers');
  return [
    group(children.one('hypers'), { id: hypers }),
    ifBreak(
      together,
      conditionalGroup([
        together,
        [inputs, below(['-> ', outputs]), ownLine],
        [below([inputs, group([line, '-> ', outputs])]), ownLine],
      ]),
      { groupId: hypers },
    ),
  ];
}
