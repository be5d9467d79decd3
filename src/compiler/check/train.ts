import type { Func, NamedSetting, TensorValue, TrainingEntry } from '../ir/module.ts';
import { printType } from '../ir/tensor-type.ts';
import { optimizers, schedules } from '../optimizers/registry.ts';
import { completeSettings, type SettingSpecs } from '../optimizers/setting.ts';
import type { ResolvedModule } from '../resolve/program.ts';
import { didYouMean } from '../resolve/suggest.ts';
import { isConstant } from '../shapes/size.ts';
import type { Expr, Setting, TrainDecl } from '../syntax/ast.ts';
import { namesOf } from '../syntax/walk.ts';
import type { Span } from '../source/span.ts';
import type { Checker } from './checker.ts';
import { Context } from './context.ts';
import { evalSize } from './evaluate-as.ts';
import { readType, type CheckedModel } from './model.ts';
import { bind, guarded } from './statements.ts';
import { Scope } from './scope.ts';
import { describe, tensorVal } from './value.ts';
import { Facts } from '../shapes/facts.ts';

export interface CheckedTraining {
  readonly entry: TrainingEntry;
  readonly func: Func;
}

const settingNames = ['optimizer', 'schedule', 'batch', 'epochs', 'seed'] as const;
type SettingName = (typeof settingNames)[number];

function isSettingName(name: string): name is SettingName {
  return settingNames.some((known) => known === name);
}

/** Checks what `train` says of a model: its loss becomes a function of the model's tensors and the targets. */
export function checkTraining(
  checker: Checker,
  module: ResolvedModule,
  decl: TrainDecl,
  model: CheckedModel,
): CheckedTraining | undefined {
  const facts = model.func.sizes.reduce((known, v) => known.withVar(v), Facts.empty);
  const cx = new Context(checker, module, 'top', `train ${decl.model.text}`, facts);
  cx.scope = new Scope(model.names);
  const inputs: { value: TensorValue; from: TrainingEntry['inputs'][number] }[] = [];
  const mentioned = namesOf(decl);
  const offer = (kind: 'input' | 'output', tensors: ReadonlyMap<string, TensorValue>): void => {
    for (const [name, tensor] of tensors) {
      if (!mentioned.has(name)) continue;
      const value = cx.tensor(name, tensor.type);
      cx.scope.bind(name, tensorVal(value), decl.model.span);
      inputs.push({ value, from: { kind, name } });
    }
  };
  offer('input', model.inputs);
  offer('output', model.outputs);

  const settings = new Map<SettingName, Setting>();
  for (const item of decl.items) {
    guarded(cx, item, () => {
      if (item.kind === 'BindStmt') bind(cx, item);
      else if (item.kind === 'Setting') takeSetting(cx, item, settings);
      else {
        const name = item.name.text;
        if (inputs.some(({ value }) => value.hint === name)) {
          cx.error('N2002', item.name.span, `\`${name}\` is declared twice`);
          return;
        }
        const value = cx.tensor(name, readType(cx, item.type));
        cx.scope.bind(name, tensorVal(value), item.name.span);
        inputs.push({ value, from: { kind: item.role, name } });
      }
    });
  }
  const loss = lossOf(cx, decl);
  const optimizerSetting = settings.get('optimizer');
  if (optimizerSetting === undefined) {
    cx.error('N3003', decl.model.span, 'training needs an optimiser', {
      help: 'for example `optimizer adamw(lr: 1e-4)`',
    });
  }
  const optimizer = optimizerSetting && readNamed(cx, optimizerSetting, optimizers, 'optimiser');
  const scheduleSetting = settings.get('schedule');
  const schedule = scheduleSetting
    ? readNamed(cx, scheduleSetting, schedules, 'schedule')
    : { name: 'constant', args: {}, span: decl.span };
  const count = (name: SettingName, otherwise: number, minimum: number): number => {
    const setting = settings.get(name);
    return setting === undefined ? otherwise : (readCount(cx, setting, minimum) ?? otherwise);
  };
  const batch = count('batch', 16, 1);
  const epochs = count('epochs', 1, 1);
  const seed = count('seed', 0, 0);
  if (loss === undefined || optimizer === undefined || schedule === undefined) return undefined;
  const func: Func = {
    id: `train ${decl.model.text}`,
    name: 'loss',
    flavour: 'loss',
    docs: decl.docs,
    span: decl.span,
    sizes: model.func.sizes,
    hyperCount: 0,
    where: [],
    inputs: inputs.map(({ value }) => value),
    body: cx.region.finish(),
    outputs: [loss],
  };
  const entry: TrainingEntry = {
    model: decl.model.text,
    func: func.id,
    inputs: inputs.map(({ from }) => from),
    optimizer,
    schedule,
    batch,
    epochs,
    seed,
  };
  return { entry, func };
}

function lossOf(cx: Context, decl: TrainDecl): TensorValue | undefined {
  const bound = cx.scope.lookup('loss');
  if (bound === undefined) {
    return cx.error('N7003', decl.model.span, 'training needs a loss', { help: 'bind one: `loss = ...`' });
  }
  if (bound.val.kind === 'poison') return undefined;
  if (bound.val.kind !== 'tensor')
    return cx.error('N7003', bound.span, `the loss is a scalar, not ${describe(bound.val)}`);
  const { type } = bound.val.tensor;
  if (type.axes.length === 0) return bound.val.tensor;
  const axes = type.axes.map((axis) => axis.name).join(', ');
  return cx.error('N7003', bound.span, `the loss is a scalar, and this is ${printType(type)}`, {
    help: `average it: \`... |> mean(over: [${axes}])\``,
  });
}

function takeSetting(cx: Context, item: Setting, settings: Map<SettingName, Setting>): void {
  const name = item.name.text;
  if (!isSettingName(name)) {
    const help = didYouMean(name, settingNames);
    cx.error(
      'N7002',
      item.name.span,
      `training has no setting \`${name}\``,
      help === undefined ? {} : { help },
    );
  } else if (settings.has(name)) {
    cx.error('N2002', item.name.span, `\`${name}\` is set twice`);
  } else {
    settings.set(name, item);
  }
}

function readCount(cx: Context, setting: Setting, minimum: number): number | undefined {
  const size = evalSize(cx, setting.value);
  const value = size === undefined ? undefined : isConstant(size);
  if (size === undefined) return undefined;
  if (value !== undefined && value >= minimum) return value;
  return cx.error(
    'N7004',
    setting.value.span,
    `\`${setting.name.text}\` is a whole number of at least ${minimum}`,
  );
}

/** `adamw(lr: 1e-4)`: an entry of a registry with its settings, every one filled in. */
function readNamed(
  cx: Context,
  setting: Setting,
  registry: ReadonlyMap<string, { readonly name: string; readonly settings: SettingSpecs }>,
  kind: string,
): NamedSetting | undefined {
  const { value } = setting;
  const callee = value.kind === 'CallExpr' ? value.callee : value;
  if (callee.kind !== 'NameExpr')
    return cx.error('N7002', value.span, `the name of a known ${kind} is expected here`);
  const entry = registry.get(callee.name.text);
  if (entry === undefined) {
    const help = didYouMean(callee.name.text, registry.keys());
    return cx.error(
      'N7002',
      callee.span,
      `there is no ${kind} \`${callee.name.text}\``,
      help === undefined ? {} : { help },
    );
  }
  const given: Record<string, number | boolean | string> = {};
  const places = new Map<string, Span>();
  for (const arg of value.kind === 'CallExpr' ? value.args : []) {
    const name = arg.name?.text ?? (given['lr'] === undefined && 'lr' in entry.settings ? 'lr' : undefined);
    if (name === undefined || !Object.hasOwn(entry.settings, name)) {
      const help = name === undefined ? undefined : didYouMean(name, Object.keys(entry.settings));
      return cx.error(
        'N3001',
        arg.span,
        `\`${entry.name}\` has no such argument`,
        help === undefined ? {} : { help },
      );
    }
    if (places.has(name)) return cx.error('N3002', arg.span, `\`${name}\` is given twice`);
    const read = readValue(cx, arg.value, name);
    if (read === undefined) return undefined;
    given[name] = read;
    places.set(name, arg.span);
  }
  const { settings, problems } = completeSettings(entry.settings, given);
  for (const { name, text } of problems) {
    cx.error(places.has(name) ? 'N7004' : 'N3003', places.get(name) ?? value.span, text);
  }
  return problems.length > 0 ? undefined : { name: entry.name, args: settings, span: value.span };
}

function readValue(cx: Context, expr: Expr, name: string): number | boolean | undefined {
  const val = cx.evaluate(expr);
  if (val.kind === 'poison') return undefined;
  if (val.kind === 'bool' && val.prop.kind === 'known') return val.prop.value;
  const value = val.kind === 'float' ? val.value : val.kind === 'int' ? isConstant(val.size) : undefined;
  return value ?? cx.error('N3005', expr.span, `\`${name}\` is a number, not ${describe(val)}`);
}
