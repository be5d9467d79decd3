import { above, atLeast, divisible } from '../condition.ts';
import { ceilDivided, dividedBy, isOpaque, minus, numeral, plus, print, times } from '../size-expression.ts';
import type { Statement } from '../statement.ts';
import { innerAxes, renamed, sizeOf, withAxes, withoutAxes, writtenAxes, type Tensor } from '../tensor.ts';
import { width } from './maps.ts';

const hasAxes = (value: Tensor): boolean => innerAxes(value).length > 0;
const hasWritten = (value: Tensor): boolean => writtenAxes(value).length > 0;

export const rename: Statement = (b) => {
  const x = b.choose(hasAxes);
  if (x === undefined) return false;
  const axis = b.choices.pickOf(innerAxes(x)) ?? '';
  const to = b.freshAxis();
  b.bind(`${x.name} |> rename(${axis} -> ${to})`, renamed(x, new Map([[axis, to]])), x.isExact);
  return true;
};

/** The first elements cut off, some at both ends, or only every few of them kept. */
export const slice: Statement = (b) => {
  const x = b.choose(hasAxes);
  if (x === undefined) return false;
  const axis = b.choices.pickOf(innerAxes(x)) ?? '';
  const size = sizeOf(x, axis);
  const by = b.intOr(1, 1, 3);
  switch (b.choices.below(3)) {
    case 0:
      b.bind(
        `${x.name} |> slice(${axis}, step: ${print(by)})`,
        withAxes(x, { [axis]: ceilDivided(size, by) }),
        x.isExact,
      );
      b.pin(by);
      return true;
    case 1:
      if (!b.infer(above(size, by))) return false;
      b.bind(
        `${x.name} |> slice(${axis}, start: ${print(by)})`,
        withAxes(x, { [axis]: minus(size, by) }),
        x.isExact,
      );
      return true;
    default: {
      if (isOpaque(size) || !b.hasRoom) return false;
      const both = times(numeral(2), by);
      if (!b.require(above(size, both))) return false;
      b.bind(
        `${x.name} |> slice(${axis}, start: ${print(by)}, stop: ${print(minus(size, by))})`,
        withAxes(x, { [axis]: minus(size, both) }),
        x.isExact,
      );
      return true;
    }
  }
};

export const pad: Statement = (b) => {
  const x = b.chooseFloat(hasAxes);
  if (x === undefined) return false;
  const axis = b.choices.pickOf(innerAxes(x)) ?? '';
  const size = sizeOf(x, axis);
  const mode = b.choices.pick(['constant', 'edge', 'reflect']);
  const by = b.intOr(2, 0, 3);
  const side = b.choices.pick(['before', 'after', 'over']);
  if (mode === 'reflect' && !b.infer(above(size, by))) return false;
  b.pin(by);
  const more = side === 'over' ? times(numeral(2), by) : by;
  b.bind(
    `${x.name} |> pad(${side}: [${axis}: ${print(by)}], mode: ${mode})`,
    withAxes(x, { [axis]: plus(size, more) }),
    x.isExact,
  );
  return true;
};

/** What moves elements, or numbers them. */
export const moved: Statement = (b) => {
  const x = b.chooseFloat(hasAxes);
  if (x === undefined) return false;
  const axis = b.choices.pickOf(innerAxes(x)) ?? '';
  const size = sizeOf(x, axis);
  switch (b.choices.below(4)) {
    case 0: {
      const by = b.intOr(3, 0, 4);
      b.pin(by);
      b.bind(`${x.name} |> roll(by: [${axis}: ${b.choices.pick(['', '-'])}${print(by)}])`, x, x.isExact);
      return true;
    }
    case 1:
      b.bind(`${x.name} |> cumsum(${axis})`, x);
      return true;
    case 2:
      if (isOpaque(size)) return false;
      b.bind(`${x.name} + positions(over: [${axis}: ${print(size)}])`, x);
      return true;
    default: {
      const fresh = b.freshAxis();
      b.bind(`${x.name} |> expand(over: [${fresh}: 2])`, withAxes(x, { [fresh]: numeral(2) }), x.isExact);
      return true;
    }
  }
};

export const resize: Statement = (b) => {
  const x = b.chooseFloat((value) => innerAxes(value).length > 1);
  if (x === undefined) return false;
  const axis = b.choices.pickOf(innerAxes(x)) ?? '';
  const size = sizeOf(x, axis);
  const to = isOpaque(size) ? b.int(1, 6) : width(b, size);
  b.pin(size, to);
  const mode = b.choices.chance(20)
    ? b.word(['nearest', 'bilinear'])
    : b.choices.pick(['nearest', 'bilinear']);
  const corners = b.choices.chance(20) ? ', corners: aligned' : '';
  b.bind(
    `${x.name} |> resize(over: [${axis}: ${print(to)}], mode: ${mode}${corners})`,
    withAxes(x, { [axis]: to }),
  );
  return true;
};

export const merge: Statement = (b) => {
  const x = b.choose((value) => innerAxes(value).length > 1);
  if (x === undefined) return false;
  const [first = '', second = ''] = innerAxes(x);
  const to = b.freshAxis();
  const size = times(sizeOf(x, first), sizeOf(x, second));
  b.bind(
    `${x.name} |> merge([${first}, ${second}] -> ${to})`,
    withAxes(withoutAxes(x, [first, second]), { [to]: size }),
    x.isExact,
  );
  return true;
};

/** One axis into two, and channels in groups. */
export const factor: Statement = (b) => {
  const x = b.choose(hasWritten);
  if (x === undefined || !b.hasRoom) return false;
  const axis = b.choices.pickOf(writtenAxes(x)) ?? '';
  const size = sizeOf(x, axis);
  const parts = b.intOr(2, 1, 4);
  if (!b.require(divisible(size, parts))) return false;
  if (b.choices.chance(50)) {
    b.bind(`${x.name} |> shuffle(${axis}, groups: ${print(parts)})`, x, x.isExact);
    return true;
  }
  const [outer, inner] = [b.freshAxis(), b.freshAxis()];
  const each = dividedBy(size, parts);
  b.bind(
    `${x.name} |> factor(${axis} -> [${outer}: ${print(parts)}, ${inner}: ${print(each)}])`,
    withAxes(withoutAxes(x, [axis]), { [outer]: parts, [inner]: each }),
    x.isExact,
  );
  return true;
};

/** Space to depth and back, in blocks of two. */
export const depth: Statement = (b) => {
  const x = b.chooseFloat((value) => writtenAxes(value).length > 1);
  if (x === undefined || !b.hasRoom) return false;
  const [channel = '', along = ''] = writtenAxes(x);
  const [C, H] = [sizeOf(x, channel), sizeOf(x, along)];
  const two = numeral(2);
  if (b.choices.chance(50)) {
    if (!b.require(divisible(C, two))) return false;
    b.bind(
      `${x.name} |> depth_to_space(${channel}, over: [${along}: 2])`,
      withAxes(x, { [channel]: dividedBy(C, two), [along]: times(two, H) }),
      x.isExact,
    );
  } else {
    if (!b.require(divisible(H, two))) return false;
    b.bind(
      `${x.name} |> space_to_depth(${channel}, over: [${along}: 2])`,
      withAxes(x, { [channel]: times(two, C), [along]: dividedBy(H, two) }),
      x.isExact,
    );
  }
  return true;
};

/** Two values, one after the other or side by side. */
export const joined: Statement = (b) => {
  const x = b.chooseFloat(hasAxes);
  if (x === undefined) return false;
  const axis = b.choices.pickOf(innerAxes(x)) ?? '';
  const size = sizeOf(x, axis);
  if (b.choices.chance(40)) {
    const fresh = b.freshAxis();
    b.bind(
      `stack([${x.name}, tanh(${x.name}), ${x.name} * 0.5], along: ${fresh})`,
      withAxes(x, { [fresh]: numeral(3) }),
    );
    return true;
  }
  b.bind(
    `concat([${x.name}, sigmoid(${x.name})], along: ${axis})`,
    withAxes(x, { [axis]: plus(size, size) }),
  );
  return true;
};

/** The halves of an axis apart. */
export const halves: Statement = (b) => {
  const x = b.chooseFloat(hasWritten);
  if (x === undefined || !b.hasRoom) return false;
  const axis = b.choices.pickOf(writtenAxes(x)) ?? '';
  const size = sizeOf(x, axis);
  const two = numeral(2);
  if (!b.require(divisible(size, two))) return false;
  const [p, q] = [b.freshName(), b.freshName()];
  b.line(`(${p}, ${q}) = ${x.name} |> split(${axis}, into: 2)`);
  b.bind(`${p} * sigmoid(${q})`, withAxes(x, { [axis]: dividedBy(size, two) }));
  return true;
};

/** An `assert` in place of a `where`: the caller is held to it once there are numbers. */
export const asserted: Statement = (b) => {
  const x = b.chooseFloat(hasWritten);
  if (x === undefined || b.isInside) return false;
  const axis = b.choices.pickOf(writtenAxes(x)) ?? '';
  const size = sizeOf(x, axis);
  if (size.kind === 'number') return false;
  const parts = b.intOr(2, 1, 3);
  const condition = divisible(size, parts);
  b.defer(condition);
  b.defer(atLeast(parts, 1));
  b.line(`assert (${print(size)}) % ${print(parts)} == 0`);
  const list = b.freshName();
  b.line(`${list} = ${x.name} |> split(${axis}, into: ${print(parts)})`);
  // The signature could not say the size of the parts: nothing says there that it is whole.
  b.bind(`sum(relu(${list}[0]), over: [${axis}])`, withoutAxes(x, [axis]));
  return true;
};
