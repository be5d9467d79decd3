import type { Func, ModelEntry, ParamDecl, Pixels, TensorValue } from '../ir/module.ts';
import { printParameter, printType, type Axis } from '../ir/tensor-type.ts';
import { listNames } from '../ops/axis-checks.ts';
import {
  constant,
  equalSize,
  freshVar,
  isConstant,
  print,
  variable,
  varsOf,
  type SizeVar,
} from '../shapes/size.ts';
import type { ModelEntity } from '../resolve/program.ts';
import type { Span } from '../source/span.ts';
import { didYouMean } from '../diagnostics/did-you-mean.ts';
import type {
  Expr,
  HyperDecl,
  InputStmt,
  ModelDecl,
  OutputStmt,
  TensorType as TensorTypeSyntax,
} from '../syntax/ast.ts';
import { assignedIn } from './carried.ts';
import { Context } from './context.ts';
import { decide } from './demands.ts';
import { endWith } from './end-with.ts';
import type { Checker } from './checker.ts';
import { evalCondition } from './evaluate-as.ts';
import { freeNamesOf } from './expression-parts.ts';
import { readTensorType, refuseOpenNames, sizeNameOf } from './signature.ts';
import { checkStatements, guarded, named } from './statements.ts';
import { Scope } from './scope.ts';
import { warnOfUnused } from './unused.ts';
import { describe, POISON, tensorVal, type Val } from './value.ts';

export interface CheckedModel {
  readonly entry: ModelEntry;
  readonly func: Func;
  /** The names that a `train` of the model may use: its hyper-parameters and dynamic sizes. */
  readonly names: Scope;
  /** What its body binds, outputs among it. */
  readonly bound: ReadonlySet<string>;
  readonly inputs: ReadonlyMap<string, TensorValue>;
  readonly outputs: ReadonlyMap<string, TensorValue>;
  /** Where each input and output is declared. */
  readonly places: ReadonlyMap<string, Span>;
  /** Outputs that have been complained about: whoever reads one stays silent. */
  readonly failedOutputs: readonly string[];
}

/** Checks a model for given hyper-parameters (defaults where nothing is set) and makes its IR function. */
export function checkModel(
  checker: Checker,
  entity: ModelEntity,
  set: Readonly<Record<string, string>>,
): CheckedModel | undefined {
  const { decl, module } = entity;
  const cx = new Context(checker, module, 'top', decl.name.text);
  const hypers: { name: string; value: string }[] = [];
  for (const hyper of decl.hypers) {
    const val = modelHyper(cx, entity, hyper, set);
    cx.hyperScope.bind(hyper.name.text, val, hyper.name.span);
    hypers.push({ name: hyper.name.text, value: hyperText(val) });
  }
  for (const name of Object.keys(set)) {
    if (decl.hypers.some((hyper) => hyper.name.text === name)) continue;
    const help = didYouMean(name, decl.hypers.map((hyper) => hyper.name.text)); // prettier-ignore
    cx.error(
      'N3001',
      decl.name.span,
      `\`${decl.name.text}\` has no hyper-parameter \`${name}\` to set`,
      help === undefined ? {} : { help },
    );
  }
  for (const expr of decl.where) {
    guarded(cx, expr, () => {
      const prop = evalCondition(cx, expr);
      if (prop !== undefined && decide(cx, prop) !== true) refuseHypers(cx, decl, expr);
    });
  }

  const dynamic: SizeVar[] = [];
  declareDynamicSizes(cx, decl, dynamic);
  const names = cx.scope;
  cx.scope = new Scope(names);
  const inputs = new Map<string, { value: TensorValue; pixels: Pixels | undefined }>();
  const outputs = new Map<string, { value: TensorValue; labels: readonly string[] | undefined }>();
  for (const statement of decl.body.statements) {
    guarded(cx, statement, () => {
      if (statement.kind === 'InputStmt') checkInput(cx, statement, inputs);
      else if (statement.kind === 'OutputStmt') checkOutput(cx, statement, inputs, outputs);
      else checkStatements(cx, [statement]);
    });
  }
  if (outputs.size === 0) {
    const wanted = decl.body.statements.some((statement) => statement.kind === 'OutputStmt');
    if (!wanted)
      cx.error('N2009', decl.name.span, `\`${decl.name.text}\` has no output`, {
        help: 'add `output logits`',
        ...endWith('output', decl.body, module.source),
      });
    return undefined;
  }
  const func: Func = {
    id: `model ${decl.name.text}`,
    name: decl.name.text,
    flavour: 'model',
    docs: decl.docs,
    span: decl.span,
    sizes: dynamic,
    hyperCount: 0,
    where: [],
    inputs: [...inputs.values()].map(({ value }) => value),
    body: cx.region.finish(),
    isOpen: cx.isOpen,
    outputs: [...outputs.values()].map(({ value }) => value),
  };
  checkParamSizes(cx, func.body.params);
  if (checker.complaints.errorCount === 0) warnOfUnused(cx, decl.body.statements);
  const entry: ModelEntry = {
    name: decl.name.text,
    func: func.id,
    inputs: [...inputs].map(([name, { pixels }]) => ({ name, pixels })),
    outputs: [...outputs].map(([name, { labels }]) => ({ name, labels })),
    hypers,
  };
  const values = <T extends { value: TensorValue }>(map: ReadonlyMap<string, T>) =>
    new Map([...map].map(([name, { value }]) => [name, value]));
  const failedOutputs = decl.body.statements.flatMap((statement) =>
    statement.kind === 'OutputStmt' && !outputs.has(statement.name.text) ? [statement.name.text] : [],
  );
  const places = new Map(
    decl.body.statements.flatMap((statement) =>
      statement.kind === 'InputStmt' || statement.kind === 'OutputStmt'
        ? [[statement.name.text, statement.name.span] as const]
        : [],
    ),
  );
  const bound = assignedIn(decl.body.statements);
  return {
    entry,
    func,
    names,
    bound,
    inputs: values(inputs),
    outputs: values(outputs),
    places,
    failedOutputs,
  };
}

function modelHyper(
  cx: Context,
  entity: ModelEntity,
  hyper: HyperDecl,
  set: Readonly<Record<string, string>>,
): Val {
  const name = hyper.name.text;
  const text = Object.hasOwn(set, name) ? set[name] : undefined;
  if (text !== undefined) return parseHyper(cx, hyper, text);
  if (hyper.default !== undefined) return cx.checker.constants.defaultOf(entity.module, hyper, hyper.default);
  cx.error('N3003', hyper.span, `the hyper-parameter \`${name}\` of the model has no value`, {
    help: `give it a default, or a value on the command line: \`--set ${name}=...\``,
  });
  return { kind: 'poison' };
}

/** The text of `--set name=value` as the hyper-parameter's type reads it. */
function parseHyper(cx: Context, hyper: HyperDecl, text: string): Val {
  const kind = hyper.type.kind === 'PlainHyper' ? hyper.type.name : undefined;
  const wrong = (what: string): Val => {
    cx.error(
      'N3005',
      hyper.span,
      `\`${hyper.name.text}\` is ${what}, and was set to ${JSON.stringify(text)}`,
    );
    return { kind: 'poison' };
  };
  switch (kind) {
    case 'int': {
      const value = /^-?\d+$/.test(text) ? Number(text) : NaN;
      return Number.isSafeInteger(value) ? { kind: 'int', size: constant(value) } : wrong('an integer');
    }
    case 'float': {
      const value = text.trim() === '' ? NaN : Number(text);
      return Number.isFinite(value) ? { kind: 'float', value } : wrong('a float');
    }
    case 'bool':
      if (text !== 'true' && text !== 'false') return wrong('true or false');
      return { kind: 'bool', prop: { kind: 'known', value: text === 'true' } };
    case 'string':
      return { kind: 'string', value: text };
    case 'labels': {
      const entity = cx.module.names.get(text);
      return entity?.kind === 'labels'
        ? cx.checker.constants.labels(entity)
        : wrong('the name of labels that the file knows');
    }
    case 'axis':
    case undefined:
      return wrong('of a kind that only the source can set');
  }
}

function hyperText(val: Val): string {
  switch (val.kind) {
    case 'int':
      return String(isConstant(val.size) ?? '?');
    case 'float':
    case 'string':
      return String(val.value);
    case 'bool':
      return String(val.prop.kind === 'known' && val.prop.value);
    case 'labels':
      return `${val.values?.length ?? 0} labels`;
    case 'items':
      return `[${val.items.map(hyperText).join(', ')}]`;
    default:
      return describe(val);
  }
}

/** Bare axes of the inputs that no hyper-parameter fixes: the batch, known only when the program runs. */
function declareDynamicSizes(cx: Context, decl: ModelDecl, dynamic: SizeVar[]): void {
  const inputs = decl.body.statements.filter((statement) => statement.kind === 'InputStmt');
  const axes = inputs.flatMap(({ type }) => type.axes);
  for (const axis of axes) {
    if (axis.kind === 'RestAxes') {
      cx.error('N4010', axis.span, 'the input of a model has axes with names; a rest of axes is for blocks');
      continue;
    }
    const name = sizeNameOf(axis);
    if (name === undefined || cx.scope.lookup(name) !== undefined || cx.module.names.has(name)) continue;
    const v = freshVar(name);
    dynamic.push(v);
    cx.facts = cx.facts.withVar(v);
    cx.origins.set(v, { span: axis.span, what: 'known only when the program runs' });
    cx.scope.bind(name, { kind: 'int', size: variable(v) }, axis.span);
  }
  for (const axis of axes) {
    if (axis.kind === 'NamedAxis' && axis.size !== undefined) refuseOpenNames(cx, axis.size, axis.name.text);
  }
}

export function readType(cx: Context, type: TensorTypeSyntax) {
  const rest = (formal: string): Axis => ({ name: formal, size: constant(1) });
  return readTensorType(cx, type, new Map(), rest, 'output');
}

function checkInput(
  cx: Context,
  statement: InputStmt,
  inputs: Map<string, { value: TensorValue; pixels: Pixels | undefined }>,
): void {
  const name = statement.name.text;
  if (inputs.has(name)) {
    cx.error('N2002', statement.name.span, `there are two inputs \`${name}\``);
    return;
  }
  if (statement.type.isDamaged) {
    cx.declare(statement.name, POISON);
    return;
  }
  const type = readType(cx, statement.type);
  for (const axis of type.axes) {
    const size = isConstant(axis.size);
    if (size !== undefined && size < 1) {
      cx.error('N4009', statement.span, `axis ${axis.name} of \`${name}\` has size ${size}`, {
        help: 'give it at least 1, or leave the axis out',
      });
    }
  }
  const value = cx.tensor(name, type, statement.name.span);
  cx.declare(statement.name, tensorVal(value), true);
  const pixels = statement.from === undefined ? undefined : checkPixels(cx, statement.from);
  const means = pixels?.mean.length;
  if (means !== undefined && !type.axes.some((axis) => isConstant(axis.size) === means)) {
    cx.error(
      'N3010',
      statement.span,
      `\`pixels\` gives ${means} mean${means === 1 ? '' : 's'}, and no axis of ${printType(type)} has that size`,
      { help: 'there is one for each channel: 3 for RGB, or 1 for gray images' },
    );
  }
  inputs.set(name, { value, pixels });
}

/** `pixels(mean: [...], std: [...])`. */
function checkPixels(cx: Context, expr: Expr): Pixels | undefined {
  const example = {
    help: 'for example `from pixels(mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225])`',
  };
  if (expr.kind !== 'CallExpr' || expr.callee.kind !== 'NameExpr' || expr.callee.name.text !== 'pixels') {
    return cx.error('N3005', expr.span, 'an input comes `from pixels(...)`', example);
  }
  const lists = new Map<string, readonly number[]>();
  for (const arg of expr.args) {
    const name = arg.name?.text;
    if (name !== 'mean' && name !== 'std') {
      return cx.error('N3001', arg.span, '`pixels` takes `mean` and `std`', example);
    }
    if (lists.has(name)) return cx.error('N3002', arg.span, `\`${name}\` is given twice`);
    const val = cx.evaluate(arg.value);
    const numbers = val.kind === 'items' ? val.items.map(numberOf) : [];
    if (numbers.length === 0 || !numbers.every((n): n is number => n !== undefined)) {
      return cx.error('N3005', arg.value.span, `\`${name}\` is a list of numbers, one a channel`, example);
    }
    if (name === 'std' && numbers.some((n) => n <= 0)) {
      return cx.error('N3010', arg.value.span, 'a standard deviation is larger than 0');
    }
    lists.set(name, numbers);
  }
  const mean = lists.get('mean');
  const std = lists.get('std');
  if (mean === undefined || std === undefined)
    return cx.error('N3003', expr.span, '`pixels` needs `mean` and `std`', example);
  if (mean.length !== std.length)
    return cx.error(
      'N3010',
      expr.span,
      `\`mean\` and \`std\` have one number a channel, not ${mean.length} and ${std.length}`,
    );
  return { mean, std };
}

function numberOf(val: Val): number | undefined {
  if (val.kind === 'float') return val.value;
  return val.kind === 'int' ? isConstant(val.size) : undefined;
}

function checkOutput(
  cx: Context,
  statement: OutputStmt,
  inputs: ReadonlyMap<string, { readonly value: TensorValue }>,
  outputs: Map<string, { value: TensorValue; labels: readonly string[] | undefined }>,
): void {
  const name = statement.name.text;
  if (outputs.has(name)) {
    cx.error('N2002', statement.name.span, `there are two outputs \`${name}\``);
    return;
  }
  const { value } = statement;
  const val =
    value === undefined
      ? cx.evaluate({ kind: 'NameExpr', name: statement.name, span: statement.name.span })
      : named(cx, name, value, () => cx.evaluate(value));
  if (val.kind === 'poison') return;
  if (val.kind !== 'tensor') {
    cx.error('N3006', statement.span, `an output is a tensor, not ${describe(val)}`);
    return;
  }
  const input = inputs.get(name)?.value;
  if (input !== undefined && input.id !== val.tensor.id) {
    // An ONNX file knows its tensors by one name each.
    const message = `\`${name}\` is an input already, and this output is another tensor`;
    cx.error('N2002', statement.name.span, message, { help: 'give the output another name' });
    return;
  }
  if (value === undefined) cx.scope.bind(name, val, statement.name.span);
  else cx.declare(statement.name, val);
  let labels: readonly string[] | undefined;
  if (statement.labels !== undefined) {
    const given = cx.evaluate(statement.labels);
    if (given.kind === 'poison') return;
    if (given.kind !== 'labels' || given.values === undefined) {
      cx.error('N3005', statement.labels.span, `labels are expected here, not ${describe(given)}`);
      return;
    }
    labels = given.values;
    if (!val.tensor.type.axes.some((axis) => equalSize(axis.size, given.count))) {
      cx.error(
        'N3010',
        statement.labels.span,
        `there are ${labels.length} labels, and no axis of ${printType(val.tensor.type)} has that size`,
        { help: 'labels are a size, too: `-> K: Findings` makes an axis with one element for each of them' },
      );
    }
  }
  outputs.set(name, { value: val.tensor, labels });
}

/** Says which condition of a model its hyper-parameters break, and what they are. */
function refuseHypers(cx: Context, { name }: ModelDecl, condition: Expr): void {
  const names = new Set(freeNamesOf(condition).map(({ text }) => text));
  const notes = [...names].flatMap((hyper) => {
    const val = cx.scope.lookup(hyper)?.val;
    return val?.kind === 'int' ? [`here ${hyper} = ${print(val.size)}`] : [];
  });
  const text = cx.module.source.slice(condition.span);
  cx.error('N4006', condition.span, `\`${name.text}\` demands \`${text}\`, which does not hold here`, {
    notes,
    help: 'give its hyper-parameters other values, by their defaults or by `--set name=value`',
  });
}

/** Parameters must have sizes that are known when the model is built. */
function checkParamSizes(cx: Context, params: readonly ParamDecl[]): void {
  for (const param of params) {
    // What is opaque becomes a number when the model is unfolded.
    const dynamic = param.value.type.axes.find(
      ({ size }) => isConstant(size) === undefined && !varsOf(size).some((v) => cx.opaque.has(v)),
    );
    if (dynamic === undefined) continue;
    const names = listNames([...new Set(varsOf(dynamic.size).map(({ name }) => name))]);
    cx.error(
      'N5003',
      param.span,
      `a parameter would have an axis of size ${print(dynamic.size)}, and ${names} is known only when the program runs`,
      {
        notes: [`the parameter is ${printParameter(param.value.type)}`],
        help: `keep ${names} out of the axes that are mapped or declared: a parameter is the same for every batch`,
      },
    );
  }
}
