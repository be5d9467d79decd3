import type { Carried, LoopStatement, Region, Value } from '../../../ir/module.ts';
import { resultsOf } from '../../../ir/statement-values.ts';
import { mentions } from '../names.ts';
import type { ValueTable } from '../value-table.ts';
import { lastReads } from '../value-uses.ts';
import { assignments, writeBlock } from './blocks.ts';
import type { StatementContext } from './statement-context.ts';

/** The variable that holds a carried value from turn to turn. */
interface LoopVariable {
  readonly carried: Carried;
  readonly name: string;
  /** A list that grows in place, so that it needs no assignment. */
  readonly grows: boolean;
}

/** Writes a loop as a loop. */
export function writeLoop(statement: LoopStatement, context: StatementContext): void {
  const { values } = context;
  const { body, carried, each, index, count } = statement;
  if (context.isStateful(statement)) values.flushStateful();
  const handedOn = carried.map(({ next }) => next);
  const readInside = lastReads(body, handedOn);
  const variables = carried.map((one) => loopVariable(one, body, !readInside.has(one.initial.id), values));
  const list = each && values.take(each.list, values.canonical(each.list)).text;
  const indexName = values.names.fresh(each === undefined ? index.name : 'i');
  const elementName = each && values.freshName(each.element);
  const scope = values.inner(body, handedOn, () => {
    values.scope.sizes.set(index, indexName);
    for (const variable of variables) {
      holdAs(variable.carried.current, variable, values);
      values.readShapeHere(variable.carried.current);
    }
    if (each !== undefined && elementName !== undefined) values.holdName(each.element, elementName);
    for (const { carried: one, name } of directlyAssigned(body, variables)) values.aim(one.next, name);
    context.writeRegion(body);
    const last = variables.map(({ carried: { next }, name }) => ({
      name,
      text: values.take(next, values.canonical(next)).text,
    }));
    for (const line of assignments(last)) values.line(line);
  });
  const lines = scope.rendered();
  let head = `for (let ${indexName} = 0; ${indexName} < ${values.sizes.text(count)}; ${indexName}++)`;
  if (list !== undefined && elementName !== undefined) {
    const isCounted = lines.some((line) => mentions(line, indexName));
    head = isCounted
      ? `for (const [${indexName}, ${elementName}] of ${list}.entries())`
      : `for (const ${elementName} of ${list})`;
  }
  writeBlock(values, head, lines);
  for (const variable of variables) holdAs(variable.carried.final, variable, values);
}

function holdAs(value: Value, { name, grows }: LoopVariable, values: ValueTable): void {
  values.holdName(value, name, grows ? { isOwned: true } : { isMutable: true });
}

/**
 * The variable that a loop carries a value in: one that is there already, if nobody else needs it. `isPassing`: the
 * turns do not read the initial value but as the current one of the first.
 */
function loopVariable(carried: Carried, body: Region, isPassing: boolean, values: ValueTable): LoopVariable {
  const { initial, current, final } = carried;
  const held = values.heldAs(initial);
  const isFree = held.kind === 'name' && values.isUsedOnce(initial) && held.region === values.scope.region;
  if (growsInPlace(carried, body) && values.isUsedOnce(current)) {
    if (isFree && held.isOwned === true) return { carried, name: held.text, grows: true };
    const { text, items } = values.take(initial, values.canonical(initial));
    const name = values.freshName(final);
    values.line(`const ${name} = ${items === undefined ? `[...${text}]` : text};`);
    return { carried, name, grows: true };
  }
  if (isFree && held.isMutable === true) {
    values.settle(held.text);
    values.readShapeHere(initial);
    return { carried, name: held.text, grows: false };
  }
  const isOneName = values.nameHint(initial) === values.nameHint(final);
  const taken = isOneName && isPassing ? values.replace(initial) : undefined;
  if (taken !== undefined) return { carried, name: taken.text, grows: false };
  const { text } = values.take(initial, values.canonical(initial));
  const name = values.freshName(final);
  values.line(`let ${name} = ${text};`);
  return { carried, name, grows: false };
}

/** Whether all that a turn does to a list is to append to it. */
function growsInPlace({ current, next }: Carried, body: Region): boolean {
  return body.statements.some(
    (statement) =>
      statement.kind === 'append' && statement.left.id === current.id && statement.output.id === next.id,
  );
}

/** The variables whose next value a single statement of the turn computes for them alone. */
function directlyAssigned(body: Region, variables: readonly LoopVariable[]): readonly LoopVariable[] {
  const computed = new Set<number>();
  for (const statement of body.statements) {
    const results = resultsOf(statement);
    const isAssignment = statement.kind !== 'loop' && (statement.kind !== 'call' || results.length === 1);
    if (isAssignment) for (const { id } of results) computed.add(id);
  }
  const takers = new Map<number, number>();
  for (const { carried } of variables) takers.set(carried.next.id, (takers.get(carried.next.id) ?? 0) + 1);
  return variables.filter(
    ({ carried: { next }, grows }) => !grows && computed.has(next.id) && takers.get(next.id) === 1,
  );
}
