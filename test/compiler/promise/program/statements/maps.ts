import type { BlockWriter } from '../block-writer.ts';
import { atLeast, divisible } from '../condition.ts';
import {
  ceilDivided,
  dividedBy,
  floorDivided,
  isOpaque,
  minus,
  numeral,
  plus,
  print,
  times,
  type SizeExpression,
} from '../size-expression.ts';
import type { Statement } from '../statement.ts';
import { innerAxes, sizeOf, withAxes, withoutAxes, writtenAxes, type Tensor } from '../tensor.ts';

/** A size for an axis that is made anew. */
export function width(b: BlockWriter, like: SizeExpression): SizeExpression {
  switch (b.choices.below(4)) {
    case 0:
      return numeral(3);
    case 1:
      return like;
    case 2:
      return b.int(1, 5);
    default:
      return times(numeral(2), like);
  }
}

const hasWritten = (value: Tensor): boolean => writtenAxes(value).length > 0;

export const linear: Statement = (b) => {
  const x = b.chooseFloat(hasWritten);
  const from = x && b.choices.pickOf(writtenAxes(x));
  if (x === undefined || from === undefined) return false;
  const size = sizeOf(x, from);
  const to = width(b, size);
  b.pin(size, to);
  const name = b.choices.chance(30) ? b.freshAxis() : from;
  const bias = b.choices.chance(20) ? ', bias: false' : '';
  b.bind(
    `${x.name} |> linear(${from} -> ${name}: ${print(to)}${bias})`,
    withAxes(withoutAxes(x, [from]), { [name]: to }),
  );
  return true;
};

/** Into heads, and two axes into one. */
export const linearOfSeveral: Statement = (b) => {
  const x = b.chooseFloat((value) => writtenAxes(value).length > 1);
  if (x === undefined || !b.hasRoom) return false;
  const [first = '', second = ''] = writtenAxes(x);
  const [D, E] = [sizeOf(x, first), sizeOf(x, second)];
  b.pin(D, E);
  if (b.choices.chance(50)) {
    const to = width(b, E);
    b.bind(
      `${x.name} |> linear([${first}, ${second}] -> ${first}: ${print(to)})`,
      withAxes(withoutAxes(x, [first, second]), { [first]: to }),
    );
    return true;
  }
  const heads = b.int(1, 3);
  if (!b.require(divisible(D, heads))) return false;
  const [h, d] = [b.freshAxis(), b.freshAxis()];
  const each = dividedBy(D, heads);
  b.bind(
    `${x.name} |> linear(${first} -> [${h}: ${print(heads)}, ${d}: ${print(each)}])`,
    withAxes(withoutAxes(x, [first]), { [h]: heads, [d]: each }),
  );
  return true;
};

interface Along {
  readonly axis: string;
  readonly size: SizeExpression;
}

/** A channel axis, and one or two along which something moves. */
function channelAndSpace(
  b: BlockWriter,
): { x: Tensor; channel: string; space: readonly Along[] } | undefined {
  const x = b.chooseFloat((value) => hasWritten(value) && innerAxes(value).length > 1);
  const channel = x && b.choices.pickOf(writtenAxes(x));
  if (x === undefined || channel === undefined) return undefined;
  const others = innerAxes(x).filter((axis) => axis !== channel);
  const count = b.choices.between(1, Math.min(2, others.length));
  return { x, channel, space: others.slice(0, count).map((axis) => ({ axis, size: sizeOf(x, axis) })) };
}

export const conv: Statement = (b) => {
  const place = channelAndSpace(b);
  if (place === undefined || !b.hasRoom) return false;
  const { x, channel, space } = place;
  const from = sizeOf(x, channel);
  const isValid = b.choices.chance(25);
  const kernel = isValid ? b.choices.pick([2, 3]) : b.choices.pick([1, 3]);
  const stride = b.choices.chance(50) ? b.intOr(2, 1, 3) : numeral(1);
  const groups = b.choices.chance(20) ? b.int(1, 3) : numeral(1);
  const to = groups.kind === 'number' ? width(b, from) : times(groups, numeral(2));
  if (groups.kind !== 'number' && !b.require(divisible(from, groups))) return false;
  b.pin(from, to, stride);
  const sizes: Record<string, SizeExpression> = { [channel]: to };
  for (const { axis, size } of space) {
    if (isValid && !b.infer(atLeast(size, kernel))) return false;
    sizes[axis] = isValid ? windows(size, numeral(kernel), stride) : ceilDivided(size, stride);
  }
  const over = space.map(({ axis }) => `${axis}: ${kernel}`).join(', ');
  const settings = [
    ...(stride.kind === 'number' && stride.value === 1 ? [] : [`stride: ${print(stride)}`]),
    ...(isValid ? ['padding: valid'] : []),
    ...(groups.kind === 'number' ? [] : [`groups: ${print(groups)}`]),
  ];
  b.bind(
    `${x.name} |> conv(${[`${channel} -> ${channel}: ${print(to)}`, `over: [${over}]`, ...settings].join(', ')})`,
    withAxes(x, sizes),
  );
  return true;
};

/** The number of places of a kernel without padding. */
export function windows(
  size: SizeExpression,
  kernel: SizeExpression,
  stride: SizeExpression,
): SizeExpression {
  return plus(floorDivided(minus(size, kernel), stride), numeral(1));
}

/** With a kernel of any odd size that is dilated, the sizes stay. */
export const oddConv: Statement = (b) => {
  const place = channelAndSpace(b);
  if (place === undefined || !b.hasRoom) return false;
  const { x, channel, space } = place;
  const kernel = b.int(1, 3);
  if (!b.require({ left: { kind: '%', left: kernel, right: numeral(2) }, operator: '==', right: numeral(1) }))
    return false;
  b.pin(sizeOf(x, channel));
  const dilation = b.choices.pick(['', ', dilation: 2']);
  const over = space.map(({ axis }) => `${axis}: ${print(kernel)}`).join(', ');
  b.bind(
    `${x.name} |> conv(${channel} -> ${channel}: 2, over: [${over}]${dilation})`,
    withAxes(x, { [channel]: numeral(2) }),
  );
  return true;
};

/** (H - 1) stride + kernel: larger by about the stride. */
export const convTranspose: Statement = (b) => {
  const place = channelAndSpace(b);
  if (place === undefined) return false;
  const { x, channel, space } = place;
  const stride = b.intOr(2, 1, 2);
  const kernel = numeral(b.choices.between(1, 3));
  const to = width(b, sizeOf(x, channel));
  b.pin(sizeOf(x, channel), to, stride);
  const sizes: Record<string, SizeExpression> = { [channel]: to };
  for (const { axis, size } of space) sizes[axis] = plus(times(minus(size, numeral(1)), stride), kernel);
  const over = space.map(({ axis }) => `${axis}: ${print(kernel)}`).join(', ');
  b.bind(
    `${x.name} |> conv_transpose(${channel} -> ${channel}: ${print(to)}, over: [${over}], stride: ${print(stride)})`,
    withAxes(x, sizes),
  );
  return true;
};

/** Each place looks at all others along one axis. */
export const attention: Statement = (b) => {
  const x = b.chooseFloat((value) => hasWritten(value) && innerAxes(value).length > 1);
  const features = x && b.choices.pickOf(writtenAxes(x));
  if (x === undefined || features === undefined) return false;
  const along = innerAxes(x).find((axis) => axis !== features) ?? '';
  const size = sizeOf(x, features);
  b.pin(size);
  const other = b.freshAxis();
  const [q, k] = [b.freshName(), b.freshName()];
  b.line(`${q} = ${x.name} |> linear(${features} -> ${features}: 3)`);
  b.line(`${k} = ${x.name} |> linear(${features} -> ${features}: 3) |> rename(${along} -> ${other})`);
  const scores = `contract(${q}, ${k}, over: [${features}]) / sqrt(3)`;
  b.bind(
    `contract(softmax(${scores}, ${other}), ${x.name} |> rename(${along} -> ${other}), over: [${other}])`,
    x,
  );
  return true;
};

export const normalised: Statement = (b) => {
  const x = b.chooseFloat(hasWritten);
  const axis = x && b.choices.pickOf(writtenAxes(x));
  if (x === undefined || axis === undefined) return false;
  const size = sizeOf(x, axis);
  b.pin(size);
  const other = innerAxes(x).find((name) => name !== axis);
  const forms: [string, ...string[]] = [
    `batch_norm(${axis})`,
    `layer_norm(over: [${axis}], eps: 0.1)`,
    `prelu(${axis})`,
  ];
  if (other !== undefined && !isOpaque(sizeOf(x, other)))
    forms.push(`instance_norm(${axis}, over: [${other}], eps: 0.1)`);
  if (other !== undefined && b.hasRoom && b.choices.chance(30)) {
    const groups = b.int(1, 3);
    if (!b.require(divisible(size, groups))) return false;
    forms.push(`group_norm(${axis}, groups: ${print(groups)}, over: [${other}], eps: 0.1)`);
  }
  b.bind(`${x.name} |> ${forms[b.choices.below(forms.length)] ?? forms[0]}`, x);
  return true;
};

/** A parameter of the block's own. */
export const parameter: Statement = (b) => {
  const x = b.chooseFloat(hasWritten);
  const axis = x && b.choices.pickOf(writtenAxes(x));
  if (x === undefined || axis === undefined || b.isInside) return false;
  const size = sizeOf(x, axis);
  b.pin(size);
  const name = b.freshName();
  const text = print(size);
  b.line(
    `param ${name}: [${text === axis ? axis : `${axis}: ${text}`}] = ${b.choices.pick(['ones', 'normal(std: 0.5)'])}`,
  );
  b.bind(`${x.name} * ${name}`, x);
  return true;
};
