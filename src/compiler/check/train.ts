import type { Func, TensorValue, TrainingEntry } from '../ir/module.ts';
import { printType } from '../ir/tensor-type.ts';
import { augmentations, averagings, clippings, optimizers, schedules } from '../optimizers/registry.ts';
import type { ResolvedModule } from '../resolve/program.ts';
import { fixAt } from '../diagnostics/diagnostic.ts';
import { suggest } from '../diagnostics/did-you-mean.ts';
import { isConstant } from '../shapes/size.ts';
import type { Setting, TrainDecl } from '../syntax/ast.ts';
import { namesOf } from '../syntax/walk.ts';
import type { Checker } from './checker.ts';
import { Context } from './context.ts';
import { checkReach, type BoundLoss } from './loss-reach.ts';
import { readType, type CheckedModel } from './model.ts';
import { readNamedSetting } from './named-setting.ts';
import { bind, guarded } from './statements.ts';
import { Scope } from './scope.ts';
import { checkStepNames } from './step-names.ts';
import { describe, POISON, tensorVal } from './value.ts';
import { Facts } from '../shapes/facts.ts';

export interface CheckedTraining {
  readonly entry: TrainingEntry;
  readonly func: Func;
}

/** What a `train` can set. */
export const settingNames = [
  'optimizer',
  'schedule',
  'clip',
  'accumulate',
  'average',
  'augment',
  'batch',
  'epochs',
  'seed',
] as const;
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
  cx.inner = model.bound;
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
  for (const name of model.failedOutputs) cx.scope.bind(name, POISON, decl.model.span);

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
        const errors = cx.errorCount;
        const type = readType(cx, item.type);
        if (item.type.isDamaged || cx.errorCount > errors) {
          cx.scope.bind(name, POISON, item.name.span);
          return;
        }
        const value = cx.tensor(name, type, item.name.span);
        cx.declare(item.name, tensorVal(value), true);
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
  const optimizer = optimizerSetting && readNamedSetting(cx, optimizerSetting, optimizers, 'optimiser');
  const scheduleSetting = settings.get('schedule');
  const schedule = scheduleSetting
    ? readNamedSetting(cx, scheduleSetting, schedules, 'schedule')
    : { name: 'constant', args: {}, span: decl.span };
  const clipSetting = settings.get('clip');
  const clipping = clipSetting && readNamedSetting(cx, clipSetting, clippings, 'clipping');
  const averageSetting = settings.get('average');
  const averaging = averageSetting && readNamedSetting(cx, averageSetting, averagings, 'average');
  const augmentSetting = settings.get('augment');
  const augmentation = augmentSetting && readNamedSetting(cx, augmentSetting, augmentations, 'augmentation');
  const count = (name: SettingName, otherwise: number, minimum: number): number => {
    const setting = settings.get(name);
    return setting === undefined ? otherwise : (readCount(cx, setting, minimum) ?? otherwise);
  };
  const accumulation = count('accumulate', 1, 1);
  const batch = count('batch', 16, 1);
  const epochs = count('epochs', 1, 1);
  const seed = count('seed', 0, 0);
  if (cx.errorCount === 0) checkStepNames(cx, decl, model);
  if (loss !== undefined && checker.complaints.errorCount === 0)
    checkReach(cx, decl, model, { ...loss, inputs });
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
    isOpen: cx.isOpen,
    outputs: [loss.value],
  };
  const entry: TrainingEntry = {
    model: decl.model.text,
    func: func.id,
    inputs: inputs.map(({ from }) => from),
    optimizer,
    schedule,
    clipping,
    accumulation,
    averaging,
    augmentation,
    batch,
    epochs,
    seed,
  };
  return { entry, func };
}

function lossOf(cx: Context, decl: TrainDecl): Pick<BoundLoss, 'value' | 'span'> | undefined {
  const bound = cx.scope.lookup('loss');
  if (bound === undefined) {
    return cx.error('N7003', decl.model.span, 'training needs a loss', { help: 'bind one: `loss = ...`' });
  }
  if (bound.val.kind === 'poison') return undefined;
  if (bound.val.kind === 'float' || bound.val.kind === 'int') {
    const message = `the loss does not depend on any weight of \`${decl.model.text}\``;
    const help = 'make it of an output of the model';
    return cx.error('N7005', bound.span, message, { notes: ['it is a constant'], help });
  }
  if (bound.val.kind !== 'tensor')
    return cx.error('N7003', bound.span, `the loss is a scalar, not ${describe(bound.val)}`);
  const { type } = bound.val.tensor;
  if (type.axes.length === 0) return { value: bound.val.tensor, span: bound.span };
  const axes = type.axes.map((axis) => axis.name).join(', ');
  const statement = decl.items.findLast(
    (item) => item.kind === 'BindStmt' && item.targets.some(({ text }) => text === 'loss'),
  );
  const mean = `mean(over: [${axes}])`;
  return cx.error('N7003', bound.span, `the loss is a scalar, and this is ${printType(type)}`, {
    help: `average it: \`... |> ${mean}\``,
    ...(statement === undefined ? {} : { fix: fixAt('Average it', statement.span.after, ` |> ${mean}`) }),
  });
}

function takeSetting(cx: Context, item: Setting, settings: Map<SettingName, Setting>): void {
  const name = item.name.text;
  if (!isSettingName(name)) {
    const { span } = item.name;
    cx.error('N7002', span, `training has no setting \`${name}\``, suggest(name, span, settingNames));
  } else if (settings.has(name)) {
    cx.error('N2002', item.name.span, `\`${name}\` is set twice`);
  } else {
    settings.set(name, item);
  }
}

function readCount(cx: Context, setting: Setting, minimum: number): number | undefined {
  const val = cx.evaluate(setting.value);
  if (val.kind === 'poison') return undefined;
  const value = val.kind === 'int' ? isConstant(val.size) : undefined;
  if (value !== undefined && value >= minimum) return value;
  const message = `\`${setting.name.text}\` is a whole number of at least ${minimum}, not ${describe(val)}`;
  return cx.error('N7004', setting.value.span, message);
}
