import { atLeast } from '../condition.ts';
import {
  ceilDivided,
  floorDivided,
  isOpaque,
  minus,
  numeral,
  opaque,
  plus,
  print,
  type SizeExpression,
} from '../size-expression.ts';
import type { Statement } from '../statement.ts';
import { innerAxes, sizeOf, withAxes, withoutAxes, type Tensor } from '../tensor.ts';
import { width, windows } from './maps.ts';

const hasAxes = (value: Tensor): boolean => innerAxes(value).length > 0;
/** Pooling wants to know the axes that it leaves alone. */
const isSpatial = (value: Tensor): boolean => innerAxes(value).length > 1;

export const pool: Statement = (b) => {
  const x = b.chooseFloat(isSpatial);
  if (x === undefined) return false;
  const axis = b.choices.pickOf(innerAxes(x)) ?? '';
  const size = sizeOf(x, axis);
  const op = b.choices.pick(['max_pool', 'avg_pool']);
  const kernel = b.choices.between(2, 3);
  const stride = b.choices.chance(25) ? b.int(1, 3) : numeral(b.choices.between(1, 2));
  b.pin(stride);
  const head = `${x.name} |> ${op}(over: [${axis}: ${kernel}], stride: ${print(stride)}`;
  if (b.choices.chance(25)) {
    // A pixel of padding on both sides, so that any size will do.
    const padded = plus(size, numeral(2));
    if (!b.infer(atLeast(padded, kernel))) return false;
    b.bind(`${head}, padding: 1)`, withAxes(x, { [axis]: windows(padded, numeral(kernel), stride) }));
    return true;
  }
  if (!b.infer(atLeast(size, kernel))) return false;
  b.bind(`${head})`, withAxes(x, { [axis]: windows(size, numeral(kernel), stride) }));
  return true;
};

/** A last window that does not fit counts. */
export const poolToTheEnd: Statement = (b) => {
  const x = b.chooseFloat(isSpatial);
  if (x === undefined) return false;
  const axis = b.choices.pickOf(innerAxes(x)) ?? '';
  const size = sizeOf(x, axis);
  if (!b.infer(atLeast(size, 2))) return false;
  const after = plus(ceilDivided(minus(size, numeral(2)), numeral(2)), numeral(1));
  b.bind(
    `${x.name} |> ${b.choices.pick(['max_pool', 'avg_pool'])}(over: [${axis}: 2], stride: 2, ceil: true)`,
    withAxes(x, { [axis]: after }),
  );
  return true;
};

export const adaptivePool: Statement = (b) => {
  const x = b.chooseFloat(isSpatial);
  if (x === undefined) return false;
  const axis = b.choices.pickOf(innerAxes(x)) ?? '';
  const size = sizeOf(x, axis);
  const to = isOpaque(size) ? b.int(1, 4) : width(b, size);
  b.pin(size, to);
  b.bind(`${x.name} |> adaptive_avg_pool(over: [${axis}: ${print(to)}])`, withAxes(x, { [axis]: to }));
  return true;
};

export const reduction: Statement = (b) => {
  const x = b.chooseFloat(hasAxes);
  if (x === undefined) return false;
  const all = innerAxes(x);
  const over = b.choices.chance(20) ? all : [b.choices.pickOf(all) ?? ''];
  const op = b.choices.pick(['mean', 'sum', 'max', 'min', 'variance']);
  b.bind(`${x.name} |> ${op}(over: [${over.join(', ')}])`, withoutAxes(x, over));
  return true;
};

/** Sizes that shrink by no regular step: nobody can say, after a loop of any number of turns, what they are. */
export const poolLoop: Statement = (b) => {
  const x = b.chooseFloat(isSpatial);
  if (x === undefined || b.isInside) return false;
  const axis = b.choices.pickOf(innerAxes(x)) ?? '';
  const size = sizeOf(x, axis);
  const turns = b.intOr(2, 0, 2);
  const isPadded = b.choices.chance(40);
  const kernel = isPadded ? 3 : 2;
  const turn = (now: SizeExpression): SizeExpression =>
    windows(isPadded ? plus(now, numeral(2)) : now, numeral(kernel), numeral(2));
  // A known number of turns is unrolled.
  const after =
    turns.kind === 'number'
      ? turn(turn(size))
      : opaque(size, turns, (now) => Math.floor((now - (isPadded ? 1 : 2)) / 2) + 1);
  b.pin(size, turns);
  if (!isPadded) {
    // Each turn needs a window that fits; that the last size is at least 1 says so of all turns.
    if (isOpaque(after)) {
      // Where not even one turn ever fits, the loop is refused at the definition.
      if (!b.allow(atLeast(turns, 1), atLeast(size, kernel))) return false;
      b.defer(atLeast(after, 1));
    } else if (!b.infer(atLeast(size, 2)) || !b.infer(atLeast(turn(size), 2))) return false;
  }
  const name = b.freshName();
  b.line(`${name} = ${x.name}`);
  const padding = isPadded ? ', padding: 1' : '';
  b.line(
    `for _i in 0..${print(turns)} { ${name} = ${name} |> max_pool(over: [${axis}: ${kernel}], stride: 2${padding}) }`,
  );
  b.declare(name, withAxes(x, { [axis]: after }), x.isExact);
  return true;
};

/** floordiv(floordiv(H, 2), k) and the like, in the open. */
export const nestedFloors: Statement = (b) => {
  const x = b.chooseFloat(isSpatial);
  if (x === undefined || !b.hasRoom) return false;
  const axis = b.choices.pickOf(innerAxes(x)) ?? '';
  const size = sizeOf(x, axis);
  if (isOpaque(size)) return false;
  const by = b.intOr(3, 1, 3);
  const half = floorDivided(size, numeral(2));
  const rest = floorDivided(plus(half, numeral(1)), by);
  if (!b.require(atLeast(rest, 1))) return false;
  b.pin(by, size);
  b.bind(`${x.name} |> adaptive_avg_pool(over: [${axis}: ${print(rest)}])`, withAxes(x, { [axis]: rest }));
  return true;
};
