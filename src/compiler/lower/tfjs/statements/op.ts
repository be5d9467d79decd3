import { inOrder } from '../../../ir/tensor-type.ts';
import type { OpStatement, Value } from '../../../ir/module.ts';
import type { Op } from '../../../ops/op.ts';
import { expandOrder } from '../../axis-order.ts';
import type { TfjsEmitter } from '../emitter.ts';
import { numberLiteral } from '../literals.ts';
import { opOf } from '../program-context.ts';
import { tensorTypeOf, type Expression, type Order, type ValueTable } from '../value-table.ts';
import type { StatementContext } from './statement-context.ts';

interface Operand {
  readonly input: Value;
  readonly expression: Expression;
  /** Stands for the expression until it is known how often the op writes it; undefined for a mere name. */
  readonly token: string | undefined;
}

interface Let {
  readonly name: string;
  readonly text: string;
}

/**
 * Writes an op as it says itself, with its operands in the orders that it asks for; together with the `included` one that
 * follows, where it offers that.
 */
export function writeOp(
  statement: OpStatement,
  included: OpStatement | undefined,
  context: StatementContext,
): void {
  const { values } = context;
  const { inputs, attributes } = statement;
  const { outputs } = included ?? statement;
  const op = opOf(context.program, statement.op);
  if (op.training !== undefined) values.flushStateful(inputs);
  const orders = ordersOf(op, statement, values);
  const operands = inputs.map((input, i): Operand => {
    const expression = values.take(input, orders.inputs[i] ?? values.canonical(input));
    const isName = expression.depth === 0 && !expression.text.includes('(') && expression.items === undefined;
    return { input, expression, token: isName ? undefined : `\u0001${i}\u0001` };
  });
  const lets: Let[] = [];
  if (op.tfjs === undefined) throw new Error(`${op.name} is no op of programs`);
  const texts = op.tfjs(emitter(context, statement, lets), {
    attributes,
    inputs: operands.map(({ expression, token }) => token ?? expression.text),
    inputTypes: inputs.map((input, i) => inOrder(tensorTypeOf(input), orders.inputs[i] ?? [])),
    outputTypes: outputs.map((output, i) => inOrder(tensorTypeOf(output), orders.outputs[i] ?? [])),
    ...(inputs[0]?.kind === 'list' && { listInput: true }),
    ...(outputs[0]?.kind === 'list' && { listOutput: true }),
    ...(included && { followedBy: included.op }),
  });

  const written = [...lets.map(({ text }) => text), ...texts].join('\n');
  const { resolve, inlined } = placeOperands(operands, written, values);
  const isStateful = op.training !== undefined || inlined.some((expression) => expression.isStateful);
  if (op.training !== undefined) context.needTraining();
  for (const { name, text } of lets) values.line(`const ${name} = ${resolve(text)};`);
  const depth = Math.max(0, ...inlined.map((expression) => expression.depth)) + 1;
  outputs.forEach((output, i) => {
    const text = texts[i];
    if (text === undefined) throw new Error(`${op.name} gave no expression for its output ${i}`);
    values.define(output, { text: resolve(text), depth, isStateful }, orders.outputs[i] ?? [], inputs);
  });
}

function ordersOf(op: Op, { inputs, outputs, attributes }: OpStatement, values: ValueTable) {
  const types = [inputs.map(tensorTypeOf), outputs.map(tensorTypeOf)] as const;
  const layout = op.layout?.(types[0], attributes, types[1], 'channels-last', values.sorted);
  const orderOf = (value: Value, asked: Order | undefined, otherwise: Order): Order =>
    asked === undefined ? otherwise : expandOrder(asked, tensorTypeOf(value), values.sorted);
  return {
    inputs: inputs.map((input, i) => {
      const otherwise = layout === undefined ? values.canonical(input) : values.orderOf(input);
      return orderOf(input, layout?.inputs[i], otherwise);
    }),
    outputs: outputs.map((output, i) => orderOf(output, layout?.outputs[i], values.canonical(output))),
  };
}

/** Only what the op writes once may stand where it is used; the rest gets a name. */
function placeOperands(operands: readonly Operand[], written: string, values: ValueTable) {
  const replacements = new Map<string, string>();
  const inlined: Expression[] = [];
  for (const { input, expression, token } of operands) {
    if (token === undefined) continue;
    if (written.split(token).length === 2) {
      inlined.push(expression);
      replacements.set(token, expression.text);
    } else {
      const name = values.freshName(input);
      values.line(`const ${name} = ${expression.text};`);
      replacements.set(token, name);
    }
  }
  const resolve = (text: string): string =>
    text.replaceAll(/\u0001\d+\u0001/g, (token) => replacements.get(token) ?? token);
  return { resolve, inlined };
}

function emitter(context: StatementContext, { path }: OpStatement, lets: Let[]): TfjsEmitter {
  const { values, program } = context;
  return {
    size: (size) => values.sizes.operand(size),
    shape: (dims) => `[${dims.map((size) => values.sizes.text(size)).join(', ')}]`,
    number: numberLiteral,
    helper: (name) => {
      program.helpers.add(name);
      return name;
    },
    let: (hint, text) => {
      const name = values.names.fresh(hint);
      lets.push({ name, text });
      return name;
    },
    random: () => context.randomInside(path),
  };
}
