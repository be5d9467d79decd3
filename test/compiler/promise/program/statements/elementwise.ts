import { print } from '../size-expression.ts';
import type { Statement } from '../statement.ts';
import { innerAxes, isPart, isSameShape, sizeOf, writtenAxes } from '../tensor.ts';

const activations = [
  'relu',
  'tanh',
  'sigmoid',
  'silu',
  'gelu(tanh: true)',
  'elu(alpha: 0.5)',
  'leaky_relu(slope: 0.2)',
  'softplus',
  'h_swish',
  'clamp(min: -2, max: 3)',
  'abs',
  'mish',
] as const;

export const activation: Statement = (b) => {
  const x = b.chooseFloat();
  if (x === undefined) return false;
  b.bind(`${x.name} |> ${b.choices.pick(activations)}`, x);
  return true;
};

/** A value and one whose axes are among its own, which is repeated along the others. */
export const combined: Statement = (b) => {
  const x = b.chooseFloat();
  const y = x && b.chooseFloat((value) => isPart(value, x));
  if (x === undefined || y === undefined) return false;
  const [p, q] = b.choices.chance(50) ? [x.name, y.name] : [y.name, x.name];
  const form = b.choices.pick([
    `${p} + ${q}`,
    `${p} - ${q} * 0.5`,
    `tanh(${p}) * ${q}`,
    `maximum(${p}, ${q})`,
    `minimum(${p}, ${q})`,
  ]);
  b.bind(form, x);
  return true;
};

/** What a value is next to its own mean along some axes, or along the samples. */
export const broadcast: Statement = (b) => {
  const x = b.chooseFloat((value) => innerAxes(value).length > 0);
  if (x === undefined) return false;
  const axis = b.choices.pickOf(innerAxes(x)) ?? '';
  const form = b.choices.pick([
    `${x.name} - mean(${x.name}, over: [${axis}])`,
    `${x.name} * sigmoid(sum(${x.name}, over: [${axis}]))`,
    `softmax(${x.name}, ${axis})`,
    `log_softmax(${x.name}, ${axis})`,
    `${x.name} - max(${x.name}, over: [${innerAxes(x).join(', ')}])`,
    `${x.name} / (1 + abs(${x.name}))`,
    ...(x.axes.has('N') ? [`${x.name} - mean(${x.name}, over: [N])`] : []),
  ]);
  b.bind(form, x);
  return true;
};

/** Sizes and hyper-parameters are numbers, too. */
export const numbers: Statement = (b) => {
  const x = b.chooseFloat((value) => writtenAxes(value).length > 0);
  const axis = x && b.choices.pickOf(writtenAxes(x));
  if (x === undefined || axis === undefined) return false;
  const size = sizeOf(x, axis);
  b.pin(size);
  const text = print(size);
  const form = b.choices.pick([
    `${x.name} / sqrt(${text})`,
    `${x.name} * (1.0 / (${text}))`,
    `${x.name} + (${text})`,
    `maximum(${x.name}, ${text})`,
  ]);
  b.bind(b.choices.chance(30) ? `${x.name} * ${b.float()}` : form, x);
  return true;
};

/** Bound again under its own name. */
export const rebound: Statement = (b) => {
  const x = b.chooseFloat();
  if (x === undefined) return false;
  b.line(
    `${x.name} = ${b.choices.pick([`relu(${x.name}) - ${x.name} * 0.25`, `sigmoid(${x.name})`, `-${x.name}`])}`,
  );
  b.rebind(x, x);
  return true;
};

/** An instance with a name, called twice: one set of weights. */
export const shared: Statement = (b) => {
  const x = b.chooseFloat((value) => writtenAxes(value).length > 0);
  const axis = x && b.choices.pickOf(writtenAxes(x));
  if (x === undefined || axis === undefined) return false;
  const y = b.chooseFloat((value) => isSameShape(value, x)) ?? x;
  const size = sizeOf(x, axis);
  b.pin(size);
  const instance = b.freshName();
  b.line(
    `${instance} = ${b.choices.pick([`linear(${axis} -> ${axis}: ${print(size)})`, `batch_norm(${axis})`])}`,
  );
  b.bind(`${instance}(${x.name}) + ${b.choices.pick([y.name, `${x.name} * 0.5`])} |> ${instance}`, x);
  return true;
};
