import type { Algebra } from '../../optimizers/optimizer.ts';
import { numberLiteral } from './literals.ts';
import type { Names } from './names.ts';

/** A value of an update: a number of JavaScript, or a tensor of TensorFlow.js. */
export interface Operand {
  readonly text: string;
  readonly isTensor: boolean;
  readonly level: 'sum' | 'product' | 'atom';
}

export function tensor(text: string): Operand {
  return { text, isTensor: true, level: 'atom' };
}

export function scalar(text: string): Operand {
  return { text, isTensor: false, level: 'atom' };
}

/** Writes updates as JavaScript. What gets a name becomes a statement, at the end of `lines`. */
export function updateAlgebra(lines: string[], names: Names): Algebra<Operand> {
  const arithmetic =
    (call: string, operator: string, level: 'sum' | 'product') =>
    (a: Operand, b: Operand): Operand => {
      if (a.isTensor || b.isTensor) return tensor(`tf.${call}(${a.text}, ${b.text})`);
      const right = b.level === 'atom' ? b.text : `(${b.text})`;
      const left = a.level === 'atom' || (a.level === level && level === 'product') ? a.text : `(${a.text})`;
      return {
        text: `${level === 'sum' && a.level !== 'sum' ? a.text : left} ${operator} ${right}`,
        isTensor: false,
        level,
      };
    };
  const named =
    (call: string, of: string) =>
    (...operands: readonly Operand[]): Operand => {
      const list = operands.map(({ text }) => text).join(', ');
      return operands.some(({ isTensor }) => isTensor)
        ? tensor(`tf.${call}(${list})`)
        : scalar(`Math.${of}(${list})`);
    };
  const multiply = arithmetic('mul', '*', 'product');
  const subtract = arithmetic('sub', '-', 'sum');
  return {
    number: (value) => scalar(numberLiteral(value)),
    add: arithmetic('add', '+', 'sum'),
    sub: (a, b) =>
      a.text === '0' && !b.isTensor && b.level === 'atom' ? scalar(`-${b.text}`) : subtract(a, b),
    mul: (a, b) => (a.isTensor && a.text === b.text ? tensor(`tf.square(${a.text})`) : multiply(a, b)),
    div: arithmetic('div', '/', 'product'),
    pow: (a, b) => ({ text: `${a.text} ** ${b.text}`, isTensor: false, level: 'product' }),
    sqrt: named('sqrt', 'sqrt'),
    sign: named('sign', 'sign'),
    max: named('maximum', 'max'),
    min: named('minimum', 'min'),
    named: (hint, value) => {
      const name = names.fresh(hint);
      lines.push(`const ${name} = ${value.text};`);
      return { text: name, isTensor: value.isTensor, level: 'atom' };
    },
  };
}
