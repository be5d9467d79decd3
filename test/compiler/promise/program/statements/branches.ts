import { isOpaque, isSame, print } from '../size-expression.ts';
import type { BlockWriter } from '../block-writer.ts';
import type { Statement } from '../statement.ts';
import { sizeOf, withAxes, writtenAxes, type Tensor } from '../tensor.ts';
import { change } from './plain.ts';

/** A condition that is known when the program is compiled. */
function condition(b: BlockWriter, x: Tensor): string {
  switch (b.choices.below(5)) {
    case 0:
      return `${print(b.int(0, 3))} > 1`;
    case 1:
      return b.flag();
    case 2:
      return `${b.word(['plain', 'other'])} == "other"`;
    case 3:
      return `${b.float()} > 0.5`;
    default: {
      const axis = b.choices.pickOf(writtenAxes(x));
      const size = axis === undefined ? undefined : sizeOf(x, axis);
      if (size === undefined || isOpaque(size)) return `not ${b.flag()}`;
      b.pin(size);
      return `${print(size)} ${b.choices.pick(['>=', '==', '<'])} 4`;
    }
  }
}

/** Different ways to a value of one shape. */
export const branch: Statement = (b) => {
  const x = b.chooseFloat();
  if (x === undefined || b.isInside) return false;
  const name = b.freshName();
  const write = (): void => {
    b.line(`${name} = ${change(b, x)}`);
  };
  b.inside(`if ${condition(b, x)} {`, write);
  if (b.choices.chance(30)) b.otherwise(`} else if ${condition(b, x)} {`, write);
  b.otherwise('} else {', write);
  b.declare(name, x, false);
  return true;
};

/** Where sizes are equal already, nothing has to be done: the condition is a fact in its branch. */
export const shortcut: Statement = (b) => {
  const x = b.chooseFloat((value) => writtenAxes(value).length > 0);
  const axis = x && b.choices.pickOf(writtenAxes(x));
  if (x === undefined || axis === undefined) return false;
  const size = sizeOf(x, axis);
  const to = b.int(1, 4);
  if (isSame(size, to)) return false;
  b.pin(size, to);
  const [name, fresh] = [b.freshName(), b.freshName()];
  b.inside(`if ${print(size)} == ${print(to)} {`, () => b.line(`${name} = ${x.name}`));
  b.otherwise('} else {', () => {
    b.line(`${fresh} = ${x.name} |> linear(${axis} -> ${axis}: ${print(to)})`);
    b.line(`${name} = ${fresh}`);
  });
  b.declare(name, withAxes(x, { [axis]: to }), false);
  return true;
};
