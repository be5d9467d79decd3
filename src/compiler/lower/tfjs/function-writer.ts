import { axisNames } from '../../ir/tensor-type.ts';
import type { Func, OpStatement, Region, Statement } from '../../ir/module.ts';
import { resultsOf } from '../../ir/statement-values.ts';
import { Names } from './names.ts';
import { calleeOf, opOf, type ProgramContext } from './program-context.ts';
import { writeBranch } from './statements/branch.ts';
import { writeCall } from './statements/call.ts';
import { writeAppend, writeGet, writeList, writeSlice } from './statements/lists.ts';
import { writeLoop } from './statements/loop.ts';
import { writeOp } from './statements/op.ts';
import type { StatementContext } from './statements/statement-context.ts';
import { ValueTable } from './value-table.ts';
import { countUses, operandsOf } from './value-uses.ts';
import type { WrittenFunction } from './written-function.ts';

/** How a function meets its callers. */
export type Convention =
  /** Called by other functions of the program: tensors lie in the program's order, results are returned bare. */
  | { readonly kind: 'block' }
  /** The model or the loss: tensors lie as they were declared, and the last line is the program's to write. */
  | { readonly kind: 'entry'; readonly returned: (texts: readonly string[]) => string };

/** Writes an IR function as the lines of a JavaScript one. */
export function writeFunction(func: Func, program: ProgramContext, convention: Convention): WrittenFunction {
  const isStateful = (statement: Statement): boolean => changesState(statement, program);
  const values = new ValueTable({
    func,
    uses: countUses(func, isStateful),
    names: new Names(['w', 'training', 'random'], program.names),
    sorted: program.sorted,
    isAnonymous: (hint) => program.isAnonymous(hint),
    hasOptions: convention.kind === 'block',
  });
  let usesTraining = false;
  let usesRandom = false;
  const context: StatementContext = {
    values,
    program,
    isStateful,
    writeRegion: (region) => writeRegion(region, context),
    needTraining: () => (usesTraining = true),
    randomInside: (path) => {
      usesRandom = true;
      program.helpers.add('inside');
      return `inside(random, ${values.pathLiteral(path)})`;
    },
  };
  const isEntry = convention.kind === 'entry';
  const inputs = func.inputs.map((input) => {
    const name = values.names.fresh(input.hint);
    const order = isEntry ? axisNames(input.type) : values.canonical(input);
    values.hold(input, { kind: 'name', text: name, order, region: func.body });
    values.readShapeHere(input);
    return name;
  });
  writeRegion(func.body, context);
  const results = func.outputs.map(
    (output) => values.take(output, isEntry ? axisNames(output.type) : values.canonical(output)).text,
  );
  if (isEntry) values.line(convention.returned(results));
  else values.line(`return ${results.length === 1 ? results[0] : `[${results.join(', ')}]`};`);
  return {
    func,
    inputs,
    usesWeights: values.usesWeights,
    usesTraining,
    usesRandom,
    options: values.sizes.passed(),
    lines: values.scope.rendered(),
    orders: values.orders,
  };
}

function writeRegion(region: Region, context: StatementContext): void {
  const { values } = context;
  values.declareParams(region);
  let included: OpStatement | undefined;
  region.statements.forEach((statement, index) => {
    if (statement === included) return;
    included = includedOp(statement, region.statements[index + 1], context);
    values.scope.position = index;
    const results = resultsOf(included ?? statement);
    for (const result of results) {
      const target = values.targetOf(result);
      if (target !== undefined) values.settle(target, operandsOf(statement));
    }
    const isNeeded = results.some((result) => values.isUsed(result));
    if (isNeeded || context.isStateful(statement)) writeStatement(statement, included, context);
  });
}

/** What an op does along with itself: the next statement, if that alone reads its output. */
function includedOp(
  statement: Statement,
  next: Statement | undefined,
  { program, values }: StatementContext,
): OpStatement | undefined {
  if (statement.kind !== 'op' || next?.kind !== 'op') return undefined;
  const [output, ...more] = statement.outputs;
  const isOffered = opOf(program, statement.op).tfjsIncludes?.includes(next.op) === true;
  if (!isOffered || output === undefined || more.length > 0) return undefined;
  const uses = values.uses.get(output.id);
  return uses?.count === 1 && uses.by === next ? next : undefined;
}

function writeStatement(
  statement: Statement,
  included: OpStatement | undefined,
  context: StatementContext,
): void {
  switch (statement.kind) {
    case 'op':
      return writeOp(statement, included, context);
    case 'call':
      return writeCall(statement, context);
    case 'loop':
      return writeLoop(statement, context);
    case 'if':
      return writeBranch(statement, context);
    case 'list':
      return writeList(statement, context);
    case 'append':
      return writeAppend(statement, context);
    case 'get':
      return writeGet(statement, context);
    case 'slice':
      return writeSlice(statement, context);
    case 'check':
      // Checked where the model was instantiated.
      return;
  }
}

/** Whether running a statement changes state: running statistics. */
function changesState(statement: Statement, program: ProgramContext): boolean {
  const inside = (region: Region): boolean => region.statements.some((inner) => changesState(inner, program));
  switch (statement.kind) {
    case 'op':
      return opOf(program, statement.op).training !== undefined;
    case 'call':
      return calleeOf(program, statement.callee).usesTraining;
    case 'loop':
      return inside(statement.body);
    case 'if':
      return inside(statement.then) || inside(statement.otherwise);
    case 'list':
    case 'append':
    case 'get':
    case 'slice':
    case 'check':
      return false;
  }
}
