import { axisNames, inOrder } from '../../ir/tensor-type.ts';
import type {
  AppendStatement,
  CallStatement,
  Carried,
  Func,
  GetStatement,
  IfStatement,
  ListStatement,
  LoopStatement,
  OpStatement,
  Region,
  SliceStatement,
  Statement,
  Value,
} from '../../ir/module.ts';
import type { Op } from '../../ops/op.ts';
import { equalSize } from '../../shapes/size.ts';
import { expandOrder, type SortAxes } from '../axis-order.ts';
import type { TfjsEmitter, TfjsHelper } from './emitter.ts';
import { entry, numberLiteral } from './literals.ts';
import { mentions, Names } from './names.ts';
import { plain, tensorTypeOf, ValueTable, type Expression, type Order } from './value-table.ts';
import { countUses, lastReads, resultsOf } from './value-uses.ts';
import { callToken, type WrittenFunction } from './written-function.ts';

/** What the functions of one program share while they are written. */
export interface ProgramContext {
  readonly ops: ReadonlyMap<string, Op>;
  /** What has been written so far, by id: callees come before their callers. */
  readonly written: ReadonlyMap<string, WrittenFunction>;
  readonly sorted: SortAxes;
  /** The names at the top of the program. */
  readonly names: Names;
  readonly helpers: Set<TfjsHelper>;
  isAnonymous(hint: string): boolean;
}

/** How a function meets its callers. */
export type Convention =
  /** Called by other functions of the program: tensors lie in the program's order, results are returned bare. */
  | { readonly kind: 'block' }
  /** The model or the loss: tensors lie as they were declared, and the last line is the program's to write. */
  | { readonly kind: 'entry'; readonly returned: (texts: readonly string[]) => string };

/** Writes an IR function as the lines of a JavaScript one. */
export function writeFunction(func: Func, program: ProgramContext, convention: Convention): WrittenFunction {
  return new FunctionWriter(func, program, convention).write();
}

class FunctionWriter {
  private readonly func: Func;
  private readonly program: ProgramContext;
  private readonly convention: Convention;
  private readonly values: ValueTable;
  private usesTraining = false;

  constructor(func: Func, program: ProgramContext, convention: Convention) {
    this.func = func;
    this.program = program;
    this.convention = convention;
    this.values = new ValueTable({
      func,
      uses: countUses(func, (statement) => this.isStateful(statement)),
      names: new Names(['w', 'training'], program.names),
      sorted: program.sorted,
      isAnonymous: (hint) => program.isAnonymous(hint),
      hasOptions: convention.kind === 'block',
    });
  }

  write(): WrittenFunction {
    const { func, values, convention } = this;
    const inputs = func.inputs.map((input) => {
      const name = values.names.fresh(input.hint);
      const order = convention.kind === 'entry' ? axisNames(input.type) : values.canonical(input);
      values.hold(input, { kind: 'name', text: name, order, region: func.body });
      values.readShapeHere(input);
      return name;
    });
    this.region(func.body);
    const results = func.outputs.map((output) => {
      const order = convention.kind === 'entry' ? axisNames(output.type) : values.canonical(output);
      return values.take(output, order).text;
    });
    if (convention.kind === 'entry') values.line(convention.returned(results));
    else values.line(`return ${results.length === 1 ? results[0] : `[${results.join(', ')}]`};`);
    return {
      func,
      inputs,
      usesWeights: values.usesWeights,
      usesTraining: this.usesTraining,
      options: values.passed.toSorted(
        (a, b) => func.sizes.indexOf(a.variable) - func.sizes.indexOf(b.variable),
      ),
      lines: values.scope.rendered(),
      orders: values.orders,
    };
  }

  private region(region: Region): void {
    this.values.declareParams(region);
    region.statements.forEach((statement, index) => {
      this.values.scope.position = index;
      this.statement(statement);
    });
  }

  private statement(statement: Statement): void {
    const isStateful = this.isStateful(statement);
    if (!isStateful && !resultsOf(statement).some((result) => this.values.isUsed(result))) return;
    switch (statement.kind) {
      case 'op':
        return this.op(statement);
      case 'call':
        return this.call(statement);
      case 'loop':
        return this.loop(statement);
      case 'if':
        return this.branch(statement);
      case 'list':
        return this.list(statement);
      case 'append':
        return this.append(statement);
      case 'get':
        return this.get(statement);
      case 'slice':
        return this.slice(statement);
      case 'check':
        // Checked where the model was instantiated.
        return;
    }
  }

  /** Whether running a statement changes state: running statistics. */
  private isStateful(statement: Statement): boolean {
    switch (statement.kind) {
      case 'op':
        return this.opOf(statement).training !== undefined;
      case 'call':
        return this.calleeOf(statement).usesTraining;
      case 'loop':
        return statement.body.statements.some((inner) => this.isStateful(inner));
      case 'if':
        return [...statement.then.statements, ...statement.otherwise.statements].some((s) =>
          this.isStateful(s),
        );
      case 'list':
      case 'append':
      case 'get':
      case 'slice':
      case 'check':
        return false;
    }
  }

  private opOf({ op }: OpStatement): Op {
    const found = this.program.ops.get(op);
    if (found === undefined) throw new Error(`there is no op ${op}`);
    return found;
  }

  private calleeOf({ callee }: CallStatement): WrittenFunction {
    const found = this.program.written.get(callee);
    if (found === undefined) throw new Error(`${callee} is called before it is written`);
    return found;
  }

  // ------------------------------------------------------------ ops

  private op(statement: OpStatement): void {
    const { values } = this;
    const op = this.opOf(statement);
    const { inputs, outputs, attributes } = statement;
    const [inputTypes, outputTypes] = [inputs.map(tensorTypeOf), outputs.map(tensorTypeOf)];
    const layout = op.layout?.(inputTypes, attributes, outputTypes, 'channels-last', values.sorted);
    const orderOf = (value: Value, side: 'inputs' | 'outputs', index: number): Order => {
      if (layout === undefined) return values.canonical(value);
      const order = layout[side][index];
      if (order !== undefined) return expandOrder(order, tensorTypeOf(value), values.sorted);
      return side === 'inputs' ? values.orderOf(value) : values.canonical(value);
    };
    const inputOrders = inputs.map((input, i) => orderOf(input, 'inputs', i));
    const outputOrders = outputs.map((output, i) => orderOf(output, 'outputs', i));

    // The op writes tokens for what is pending: only what it writes once may be written in place.
    const operands = inputs.map((input, i) => {
      const order = inputOrders[i] ?? values.canonical(input);
      const expression = values.take(input, order);
      const isShort =
        expression.depth === 0 && !expression.text.includes('(') && expression.items === undefined;
      return { input, order, expression, token: isShort ? undefined : `\u0001${i}\u0001` };
    });
    const lets: { name: string; text: string }[] = [];
    const texts = op.tfjs(this.emitter(lets), {
      attributes,
      inputs: operands.map(({ expression, token }) => token ?? expression.text),
      inputTypes: inputTypes.map((type, i) => inOrder(type, inputOrders[i] ?? [])),
      outputTypes: outputTypes.map((type, i) => inOrder(type, outputOrders[i] ?? [])),
      ...(inputs[0]?.kind === 'list' && { listInput: true }),
      ...(outputs[0]?.kind === 'list' && { listOutput: true }),
    });
    const written = [...lets.map(({ text }) => text), ...texts].join('\n');
    let depth = 0;
    let isStateful = op.training !== undefined;
    const replacements = new Map<string, string>();
    for (const { input, expression, token } of operands) {
      if (token === undefined) continue;
      if (written.split(token).length === 2) {
        depth = Math.max(depth, expression.depth);
        isStateful ||= expression.isStateful;
        replacements.set(token, expression.text);
      } else {
        const name = values.freshName(input);
        values.line(`const ${name} = ${expression.text};`);
        replacements.set(token, name);
      }
    }
    const resolve = (text: string): string =>
      text.replaceAll(/\u0001\d+\u0001/g, (token) => replacements.get(token) ?? token);
    if (op.training !== undefined) {
      this.usesTraining = true;
      values.flushStateful();
    }
    for (const { name, text } of lets) values.line(`const ${name} = ${resolve(text)};`);
    outputs.forEach((output, i) => {
      const text = texts[i];
      if (text === undefined) throw new Error(`${op.name} gave no expression for its output ${i}`);
      values.define(
        output,
        { text: resolve(text), depth: depth + 1, isStateful },
        outputOrders[i] ?? [],
        inputs,
      );
    });
  }

  private emitter(lets: { name: string; text: string }[]): TfjsEmitter {
    const { values, program } = this;
    return {
      size: (size) => values.sizeOperand(size),
      shape: (dims) => `[${dims.map((size) => values.size(size)).join(', ')}]`,
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
    };
  }

  // ------------------------------------------------------------ calls

  private call(statement: CallStatement): void {
    const { values } = this;
    const callee = this.calleeOf(statement);
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
      return entry(name, values.size(size));
    });
    if (callee.usesTraining) {
      this.usesTraining = true;
      options.push('training');
    }
    if (options.length > 0) args.push(`{ ${options.join(', ')} }`);
    if (callee.usesTraining) values.flushStateful();
    const expression: Expression = {
      text: `${callToken(statement.callee)}(${args.join(', ')})`,
      depth: Math.max(0, ...operands.map(({ depth }) => depth)) + 1,
      isStateful: callee.usesTraining || operands.some(({ isStateful }) => isStateful),
    };
    const orders = callee.func.outputs.map((output) => outside(values.canonical(output)));
    const [only] = statement.outputs;
    if (only !== undefined && statement.outputs.length === 1) {
      values.define(only, expression, orders[0] ?? [], statement.inputs);
      return;
    }
    const names = statement.outputs.map((output, i) => {
      if (!values.isUsed(output)) return '';
      const name = values.freshName(output);
      values.hold(output, { kind: 'name', text: name, order: orders[i] ?? [], region: values.scope.region });
      return name;
    });
    values.line(names.every((name) => name === '') ? `${expression.text};` : `const [${names.join(', ')}] = ${expression.text};`); // prettier-ignore
  }

  // ------------------------------------------------------------ lists

  private list({ items, output }: ListStatement): void {
    const { values } = this;
    const texts = items.map((item) => values.take(item, values.canonical(item)).text);
    values.define(
      output,
      { ...plain(`[${texts.join(', ')}]`), depth: 1, items: texts },
      values.canonical(output),
    );
  }

  private append({ left, right, output }: AppendStatement): void {
    const { values } = this;
    const held = values.heldAs(left);
    const added = values.take(right, values.canonical(right));
    const items = added.items ?? [`...${added.text}`];
    const canGrow = held.kind === 'name' && held.isOwned === true && held.region === values.scope.region;
    if (canGrow && values.isUsedOnce(left)) {
      values.flush();
      values.line(`${held.text}.push(${items.join(', ')});`);
      values.holdName(output, held.text, { isOwned: true });
      return;
    }
    const before = values.take(left, values.canonical(left));
    const all = [...(before.items ?? [`...${before.text}`]), ...items];
    values.define(
      output,
      { ...plain(`[${all.join(', ')}]`), depth: 1, items: all },
      values.canonical(output),
    );
  }

  private get({ list, index, output }: GetStatement): void {
    const { values } = this;
    const { text } = values.take(list, values.canonical(list));
    values.define(output, plain(`${text}[${values.size(index)}]`), values.canonical(output));
  }

  private slice({ list, from, to, output }: SliceStatement): void {
    const { values } = this;
    const { text } = values.take(list, values.canonical(list));
    const isOpen = equalSize(to, list.type.length);
    const range = isOpen ? values.size(from) : `${values.size(from)}, ${values.size(to)}`;
    values.define(
      output,
      { ...plain(`${text}.slice(${range})`), depth: 1, isLight: true },
      values.canonical(output),
    );
  }

  // ------------------------------------------------------------ loops and branches

  private loop(statement: LoopStatement): void {
    const { values } = this;
    const { body, carried, each, index, count } = statement;
    if (this.isStateful(statement)) values.flushStateful();
    const list = each && values.take(each.list, values.canonical(each.list)).text;
    const variables = carried.map((one) => this.loopVariable(one, body));
    const indexName = values.names.fresh(each === undefined ? index.name : 'i');
    const elementName = each && values.freshName(each.element);
    const inPlace = this.assignedInPlace(statement, variables);
    const scope = values.inner(
      body,
      carried.map(({ next }) => next),
      () => {
        values.scope.sizes.set(index, indexName);
        carried.forEach(({ current }, i) => {
          const variable = variables[i];
          if (variable === undefined) return;
          values.holdName(current, variable.name, variable.grows ? { isOwned: true } : { isMutable: true });
          values.readShapeHere(current);
        });
        if (each !== undefined && elementName !== undefined) values.holdName(each.element, elementName);
        inPlace.forEach((name, id) => values.targets.set(id, name));
        this.region(body);
        this.assignNext(carried, variables);
      },
    );
    const lines = scope.rendered();
    const usesIndex = lines.some((line) => mentions(line, indexName));
    let head = `for (let ${indexName} = 0; ${indexName} < ${values.size(count)}; ${indexName}++)`;
    if (list !== undefined && elementName !== undefined) {
      head = usesIndex
        ? `for (const [${indexName}, ${elementName}] of ${list}.entries())`
        : `for (const ${elementName} of ${list})`;
    }
    this.block(head, lines);
    carried.forEach(({ final }, i) => {
      const variable = variables[i];
      if (variable !== undefined) {
        values.holdName(final, variable.name, variable.grows ? { isOwned: true } : { isMutable: true });
      }
    });
  }

  /** The variable that a loop carries a value in: one that is there already, if nobody else needs it. */
  private loopVariable({ initial, current, next, final }: Carried, body: Region): LoopVariable {
    const { values } = this;
    const growing = body.statements.some((s) => s.kind === 'append' && s.left.id === current.id && s.output.id === next.id); // prettier-ignore
    const held = values.heldAs(initial);
    const isFree = held.kind === 'name' && values.isUsedOnce(initial) && held.region === values.scope.region;
    if (growing && values.isUsedOnce(current)) {
      if (isFree && held.isOwned === true) return { name: held.text, grows: true };
      const { text, items } = values.take(initial, values.canonical(initial));
      const name = values.freshName(final);
      values.line(`const ${name} = ${items === undefined ? `[...${text}]` : text};`);
      return { name, grows: true };
    }
    if (isFree && held.isMutable === true) {
      values.flush();
      values.readShapeHere(initial);
      return { name: held.text, grows: false };
    }
    const taken = values.nameHint(initial) === values.nameHint(final) ? values.replace(initial) : undefined;
    if (taken !== undefined) {
      values.flush();
      return { name: taken.text, grows: false };
    }
    const { text } = values.take(initial, values.canonical(initial));
    const name = values.freshName(final);
    values.line(`let ${name} = ${text};`);
    return { name, grows: false };
  }

  /**
   * The values that may be assigned to their loop variable where they are computed, instead of at the end of the
   * turn: those after whose definition nobody reads what the variable held.
   */
  private assignedInPlace(statement: LoopStatement, variables: readonly LoopVariable[]): Map<number, string> {
    const { body, carried } = statement;
    const last = lastReads(body, []);
    const definedBy = new Map<number, number>();
    body.statements.forEach((inner, index) => {
      const assigns =
        inner.kind === 'op' || inner.kind === 'get' || inner.kind === 'append' || inner.kind === 'if';
      const single = inner.kind === 'call' && inner.outputs.length === 1;
      if (assigns || single) for (const { id } of resultsOf(inner)) definedBy.set(id, index);
    });
    const handedOn = carried.map(({ next }) => next.id);
    const inPlace = new Map<number, string>();
    carried.forEach(({ current, next }, i) => {
      const [definition, variable] = [definedBy.get(next.id), variables[i]];
      if (definition === undefined || variable === undefined || variable.grows) return;
      const isOnly = handedOn.filter((id) => id === next.id).length === 1 && !handedOn.includes(current.id);
      if (isOnly && (last.get(current.id) ?? -1) <= definition) inPlace.set(next.id, variable.name);
    });
    return inPlace;
  }

  /** The assignments at the end of a turn. */
  private assignNext(carried: readonly Carried[], variables: readonly LoopVariable[]): void {
    const { values } = this;
    const assigned = carried.map(({ next }, i) => ({
      name: variables[i]?.name ?? '',
      text: values.take(next, values.canonical(next)).text,
    }));
    values.flush();
    for (const line of assignments(assigned)) values.line(line);
  }

  private branch(statement: IfStatement): void {
    const { values } = this;
    const { condition, then, otherwise } = statement;
    const results = statement.results.filter(({ output }) => values.isUsed(output));
    if (this.isStateful(statement)) values.flushStateful();
    const test = values.condition(condition);
    const targets = results.map(({ output }) => values.targets.get(output.id));
    if (targets.some((target) => target !== undefined)) values.flush();
    const write = (region: Region, side: 'then' | 'otherwise') => {
      const texts: string[] = [];
      const scope = values.inner(
        region,
        results.map((result) => result[side]),
        () => {
          this.region(region);
          for (const result of results)
            texts.push(values.take(result[side], values.canonical(result[side])).text);
          values.flush();
        },
        side === 'then' ? condition : undefined,
      );
      return { lines: scope.rendered(), texts };
    };
    const [yes, no] = [write(then, 'then'), write(otherwise, 'otherwise')];
    const [only] = results;
    if (only !== undefined && results.length === 1 && yes.lines.length === 0 && no.lines.length === 0) {
      const text = `${test} ? ${yes.texts[0]} : ${no.texts[0]}`;
      const isStateful = this.isStateful(statement);
      values.define(
        only.output,
        { text, depth: MAX_TERNARY_DEPTH, isStateful },
        values.canonical(only.output),
      );
      return;
    }
    const names = results.map(({ output }, i) => targets[i] ?? values.freshName(output));
    const declared = names.filter((_name, i) => targets[i] === undefined);
    if (declared.length > 0) values.line(`let ${declared.join(', ')};`);
    const assign = (texts: readonly string[]): string[] =>
      assignments(names.map((name, i) => ({ name, text: texts[i] ?? name })));
    const [thenLines, otherwiseLines] = [
      [...yes.lines, ...assign(yes.texts)],
      [...no.lines, ...assign(no.texts)],
    ];
    if (thenLines.length === 0) this.block(`if (!(${test}))`, otherwiseLines);
    else this.block(`if (${test})`, thenLines, otherwiseLines);
    results.forEach(({ output }, i) => values.holdName(output, names[i] ?? '', { isMutable: true }));
  }

  private block(head: string, lines: readonly string[], otherwise: readonly string[] = []): void {
    const { values } = this;
    values.line(`${head} {`);
    for (const line of lines) values.line(`  ${line}`);
    if (otherwise.length > 0) {
      values.line('} else {');
      for (const line of otherwise) values.line(`  ${line}`);
    }
    values.line('}');
  }
}

interface LoopVariable {
  readonly name: string;
  /** A list that grows in place, so that it needs no assignment. */
  readonly grows: boolean;
}

/** Lines that give variables new values; together, where one reads what another writes. */
function assignments(all: readonly { readonly name: string; readonly text: string }[]): string[] {
  const real = all.filter(({ name, text }) => name !== text);
  const isTangled = real.some(({ name }, i) => real.some(({ text }, j) => i !== j && mentions(text, name)));
  if (!isTangled) return real.map(({ name, text }) => `${name} = ${text};`);
  return [`[${real.map(({ name }) => name).join(', ')}] = [${real.map(({ text }) => text).join(', ')}];`];
}

/** A conditional expression is not written into another. */
const MAX_TERNARY_DEPTH = 99;
