import { numeral, plus, print, times } from '../size-expression.ts';
import type { Statement } from '../statement.ts';
import { divisible } from '../condition.ts';
import { sizeOf, withAxes, writtenAxes, type Tensor } from '../tensor.ts';
import { change } from './plain.ts';

const hasWritten = (value: Tensor): boolean => writtenAxes(value).length > 0;

/** Growth by a step that is the same in each turn. */
export const growth: Statement = (b) => {
  const x = b.chooseFloat(hasWritten);
  if (x === undefined) return false;
  const axis = b.choices.pickOf(writtenAxes(x)) ?? '';
  const size = sizeOf(x, axis);
  const [turns, by] = [b.int(0, 3), b.intOr(2, 1, 3)];
  b.pin(size, turns, by);
  const [seen, fresh] = [b.freshName(), b.freshName()];
  b.line(`${seen} = ${x.name}`);
  b.inside(`for _i in 0..${print(turns)} {`, () => {
    b.line(`${fresh} = ${seen} |> linear(${axis} -> ${axis}: ${print(by)})`);
    b.line(`${seen} = concat([${seen}, ${fresh}], along: ${axis})`);
  });
  b.declare(seen, withAxes(x, { [axis]: plus(size, times(turns, by)) }));
  return true;
};

/** Any statements in a loop that leaves the shape as it is; the number of turns may be symbolic. */
export const turns: Statement = (b) => {
  const x = b.chooseFloat();
  if (x === undefined) return false;
  const count = b.intOr(2, 0, 3);
  b.pin(count);
  const name = b.freshName();
  b.line(`${name} = ${x.name}`);
  const carried: Tensor = { ...x, name, isExact: false };
  b.inside(`for _i in 0..${print(count)} {`, () => {
    b.declare(name, carried);
    b.line(`${name} = ${change(b, carried)}`);
  });
  b.declare(name, x, false);
  return true;
};

/** A loop over numbers, or pairs of them, that are written out: each turn may do another thing. */
export const literalLoop: Statement = (b) => {
  const x = b.chooseFloat(hasWritten);
  if (x === undefined) return false;
  const axis = b.choices.pickOf(writtenAxes(x)) ?? '';
  b.pin(sizeOf(x, axis));
  const widths = [2, 3, 1].slice(0, b.choices.between(1, 3));
  const [seen, fresh] = [b.freshName(), b.freshName()];
  b.line(`${seen} = ${x.name}`);
  const isOfPairs = b.choices.chance(30);
  const list = isOfPairs ? widths.map((w) => `(${w}, ${w + 1})`) : widths.map(String);
  b.inside(`for ${b.choices.pick(['w', '(_i, w)'])} in [${list.join(', ')}] {`, () => {
    if (isOfPairs) {
      b.line('(to, by) = w');
      b.line(`${fresh} = ${seen} |> linear(${axis} -> ${axis}: to)`);
      b.line(`${seen} = ${fresh} / by`);
    } else {
      b.line(`${fresh} = ${seen} |> linear(${axis} -> ${axis}: w)`);
      b.line(`${seen} = ${fresh}`);
    }
  });
  b.declare(seen, withAxes(x, { [axis]: numeral(widths.at(-1) ?? 1) }));
  return true;
};

/** Parts of equal size, each of which sees the one before. */
export const groups: Statement = (b) => {
  const x = b.chooseFloat(hasWritten);
  if (x === undefined || !b.hasRoom || b.isInside) return false;
  const axis = b.choices.pickOf(writtenAxes(x)) ?? '';
  const size = sizeOf(x, axis);
  const count = b.int(1, 3);
  if (!b.require(divisible(size, count))) return false;
  b.pin(size);
  const [parts, part, made] = [b.freshName(), b.freshName(), b.freshName()];
  b.line(`${parts} = ${x.name} |> split(${axis}, into: ${print(count)})`);
  b.line(`${part} = ${parts}[0]`);
  b.line(`${made} = [${part}]`);
  b.inside(`for g in ${parts}[1..] {`, () => {
    b.line(`${part} = linear(${axis} -> ${axis}: (${print(size)}) / ${print(count)})(g + ${part})`);
    b.line(`${made} = ${made} ++ [${part}]`);
  });
  b.bind(`concat(${made}, along: ${axis}) |> shuffle(${axis}, groups: ${print(count)})`, x);
  return true;
};

/** A loop in a loop, of which one carries a second value. */
export const nested: Statement = (b) => {
  const x = b.chooseFloat(hasWritten);
  if (x === undefined || b.isInside) return false;
  const axis = b.choices.pickOf(writtenAxes(x)) ?? '';
  b.pin(sizeOf(x, axis));
  const [outer, inner] = [b.intOr(2, 0, 2), b.intOr(2, 0, 2)];
  b.pin(outer, inner);
  const [p, q, fresh] = [b.freshName(), b.freshName(), b.freshName()];
  b.line(`${p} = ${x.name}`);
  b.line(`${q} = tanh(${x.name})`);
  b.inside(`for i in 0..${print(outer)} {`, () => {
    b.inside(`for j in 0..${print(inner)} {`, () => {
      b.line(`${fresh} = ${p} |> linear(${axis} -> ${axis}: ${print(sizeOf(x, axis))})`);
      b.line(`${q} = ${q} + ${fresh} * (i + 2 * j)`);
    });
    b.line(`(${p}, ${q}) = (${q}, ${p})`);
  });
  b.bind(`${p} + ${q} * 0.5`, x);
  return true;
};
