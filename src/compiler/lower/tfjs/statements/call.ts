import type { CallStatement } from '../../../ir/module.ts';
import { entry } from '../literals.ts';
import { calleeOf } from '../program-context.ts';
import type { Expression, Order } from '../value-table.ts';
import { callToken } from '../written-function.ts';
import type { StatementContext } from './statement-context.ts';

/** Writes a call: tensors, the weights of the instance, then sizes and flags by name. */
export function writeCall(statement: CallStatement, context: StatementContext): void {
  const { values } = context;
  const callee = calleeOf(context.program, statement.callee);
  if (callee.usesTraining) values.flushStateful(statement.inputs);
  const outside = (names: Order): Order => names.map((name) => statement.axes.get(name) ?? name);
  const operands = statement.inputs.map((input, i) => {
    const inside = callee.func.inputs[i];
    if (inside === undefined) throw new Error(`${statement.callee} has no input ${i}`);
    return values.take(input, outside(values.canonical(inside)));
  });
  const args = operands.map(({ text }) => text);
  if (callee.usesWeights) {
    values.usesWeights = true;
    args.push(`w${values.pathText(statement.path)}`);
  }
  const options = callee.options.map(({ variable, name }) => {
    const size = statement.sizes[callee.func.sizes.indexOf(variable)];
    if (size === undefined) throw new Error(`${statement.callee} is not given ${variable.name}`);
    return entry(name, values.sizes.text(size));
  });
  if (callee.usesTraining) {
    context.needTraining();
    options.push('training');
  }
  if (callee.usesRandom) options.push(`random: ${context.randomInside(statement.path)}`);
  if (options.length > 0) args.push(`{ ${options.join(', ')} }`);
  define(statement, context, {
    text: `${callToken(statement.callee)}(${args.join(', ')})`,
    depth: Math.max(0, ...operands.map(({ depth }) => depth)) + 1,
    isStateful: callee.usesTraining || operands.some(({ isStateful }) => isStateful),
  }, callee.func.outputs.map((output) => outside(values.canonical(output)))); // prettier-ignore
}

function define(
  { outputs, inputs }: CallStatement,
  { values }: StatementContext,
  expression: Expression,
  orders: readonly Order[],
): void {
  const [only] = outputs;
  if (only !== undefined && outputs.length === 1) {
    values.define(only, expression, orders[0] ?? [], inputs);
    return;
  }
  const names = outputs.map((output, i) => {
    if (!values.isUsed(output)) return '';
    const name = values.freshName(output);
    values.hold(output, { kind: 'name', text: name, order: orders[i] ?? [], region: values.scope.region });
    return name;
  });
  const isWanted = names.some((name) => name !== '');
  values.line(isWanted ? `const [${names.join(', ')}] = ${expression.text};` : `${expression.text};`);
}
