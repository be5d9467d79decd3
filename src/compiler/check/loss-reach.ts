import { warningAt } from '../diagnostics/diagnostic.ts';
import type { Region, Statement, TensorValue, TrainingEntry, Value } from '../ir/module.ts';
import { resultsOf, valuesReadIn } from '../ir/statement-values.ts';
import { listNames } from '../ops/axis-checks.ts';
import { isConstant } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { TrainDecl } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import type { CheckedModel } from './model.ts';

/** The loss that a `train` binds, and the tensors that it is given. */
export interface BoundLoss {
  readonly value: TensorValue;
  readonly span: Span;
  readonly inputs: readonly {
    readonly value: TensorValue;
    readonly from: TrainingEntry['inputs'][number];
  }[];
}

/** Something with weights in the body of a model. */
interface Weighted {
  /** With which the paths of its weights begin. */
  readonly name: string;
  readonly span: Span;
  /** By which it has a part in others: its weights, or what the call of a block returns. */
  readonly values: readonly Value[];
  /** False for what may have none, as the block in a branch. */
  readonly isCertain: boolean;
}

type Ids = ReadonlySet<number>;

/**
 * Complains of a loss that no weight has a part in (N7005), and warns of weights that outputs of the model depend on and the
 * loss does not (N7006). What a block returns is taken to depend on all that it is given and on all of its weights, so that
 * what is said here holds whatever the sizes are.
 */
export function checkReach(cx: Context, decl: TrainDecl, model: CheckedModel, loss: BoundLoss): void {
  const weighted = weightedIn(cx, model.func.body);
  const { inModel } = behindLoss(cx, model, loss, isFloat);
  const trained = weighted.filter(isIn(inModel));
  if (trained.length === 0) complain(cx, decl, model, loss, weighted);
  else warnOfIdle(cx, model, weighted, new Set(trained.map(({ name }) => name)));
}

function complain(
  cx: Context,
  decl: TrainDecl,
  model: CheckedModel,
  loss: BoundLoss,
  weighted: readonly Weighted[],
): void {
  const name = `\`${decl.model.text}\``;
  const { inTraining, inModel } = behindLoss(cx, model, loss, () => true);
  if (weighted.some(isIn(inModel))) {
    cx.error('N7005', loss.span, `no gradient goes from the loss to a weight of ${name}`, {
      notes: [
        'comparisons, `argmax` and `cast` to int32 or bool let no gradient pass: what they return changes in leaps',
      ],
      help: 'train by what changes little by little, such as a cross-entropy of the logits',
    });
    return;
  }
  const read = loss.inputs.filter(({ value }) => inTraining.has(value.id));
  const sources = read.map(({ from }) => `the ${from.kind} \`${from.name}\``);
  const weights = weighted.flatMap(({ values }) => values);
  const made = madeOf(model.func.body.statements, weights);
  const trainable = [...model.outputs].flatMap(([output, { id }]) => (made.has(id) ? [`\`${output}\``] : []));
  cx.error('N7005', loss.span, `the loss does not depend on any weight of ${name}`, {
    notes: [sources.length === 0 ? 'it is a constant' : `it depends on ${listFirst(sources)} alone`],
    help:
      trainable.length === 0
        ? `give ${name} an output that something with weights makes, such as \`linear\`, or leave out its \`train\``
        : `let it depend on what weights have a part in: ${listFirst(trainable)}`,
  });
}

/** What no output depends on either is not read, which is said of names (N3013). */
function warnOfIdle(
  cx: Context,
  model: CheckedModel,
  weighted: readonly Weighted[],
  trained: ReadonlySet<string>,
): void {
  const shown = behind(model.func.body.statements, [...model.outputs.values()], isFloat);
  const idle = new Map<string, Weighted>();
  for (const one of weighted.filter(isIn(shown))) {
    const { name, isCertain } = one;
    if (isCertain && !trained.has(name) && !name.startsWith('_') && !idle.has(name)) idle.set(name, one);
  }
  const [first, ...others] = idle.values();
  if (first === undefined) return;
  const all = listFirst([...idle.keys()].map((name) => `\`${name}\``));
  const help = `let the loss depend on what ${others.length === 0 ? 'it computes' : 'they compute'}; a name that begins with \`_\` says that this is meant`;
  const related = firstOf([first, ...others])
    .slice(1)
    .map(({ name, span }) => ({ span, message: `\`${name}\` is made here` }));
  const message = `the loss does not depend on the weights of ${all}: no gradient trains them`;
  cx.report(warningAt('N7006', first.span, message, { help, related }));
}

/** Those that one message names: four, or three where it says in place of the fourth how many more there are. */
function firstOf<T>(all: readonly T[]): readonly T[] {
  return all.slice(0, all.length > 4 ? 3 : 4);
}

function listFirst(names: readonly string[]): string {
  const first = firstOf(names);
  const rest = names.length - first.length;
  return listNames(rest === 0 ? first : [...first, `${rest} more`]);
}

/** The values of the training and of the model that have a part in the loss, by way of values that pass it on. */
function behindLoss(
  cx: Context,
  { func, outputs }: CheckedModel,
  { value, inputs }: BoundLoss,
  passes: (value: Value) => boolean,
): { readonly inTraining: Ids; readonly inModel: Ids } {
  const inTraining = behind(cx.region.statements, [value], passes);
  const read = inputs.flatMap(({ value: { id }, from }) =>
    from.kind === 'output' && inTraining.has(id) ? (outputs.get(from.name) ?? []) : [],
  );
  return { inTraining, inModel: behind(func.body.statements, read, passes) };
}

/** These values, and those that have a part in them; all that a loop or a branch reads has one in what it makes. */
function behind(
  statements: readonly Statement[],
  values: readonly Value[],
  passes: (value: Value) => boolean,
): Ids {
  const found = new Set(values.filter(passes).map(({ id }) => id));
  for (const statement of statements.toReversed()) {
    if (!resultsOf(statement).some(({ id }) => found.has(id))) continue;
    for (const value of valuesReadIn(statement)) if (passes(value)) found.add(value.id);
  }
  return found;
}

/** The other way round: these values, and those that they have a part in, as far as gradients pass. */
function madeOf(statements: readonly Statement[], values: readonly Value[]): Ids {
  const found = new Set(values.filter(isFloat).map(({ id }) => id));
  for (const statement of statements) {
    if (!valuesReadIn(statement).some(({ id }) => found.has(id))) continue;
    for (const value of resultsOf(statement)) if (isFloat(value)) found.add(value.id);
  }
  return found;
}

function isIn(ids: Ids): (weighted: Weighted) => boolean {
  return ({ values }) => values.some(({ id }) => ids.has(id));
}

/** Gradients pass through f32 alone. */
function isFloat({ type }: Value): boolean {
  return (type.kind === 'list' ? type.element : type).dtype === 'f32';
}

function weightedIn(cx: Context, region: Region, isCertain = true): readonly Weighted[] {
  const params = region.params.flatMap(({ role, path: [name], value, span }): readonly Weighted[] =>
    role === 'weight' && typeof name === 'string' ? [{ name, span, values: [value], isCertain }] : [],
  );
  const others = region.statements.flatMap((statement): readonly Weighted[] => {
    switch (statement.kind) {
      case 'call': {
        const [name] = statement.path;
        const { instanceCounter, callees } = cx.checker;
        const callee = callees.get(statement);
        if (typeof name !== 'string' || callee === undefined) return [];
        if (!instanceCounter.isParameterised(callee.entity)) return [];
        const isSure = isCertain && callee.hasWeights;
        return [{ name, span: statement.span, values: statement.outputs, isCertain: isSure }];
      }
      case 'loop':
        return weightedIn(cx, statement.body, isCertain && isConstant(statement.count) !== 0);
      case 'if':
        return [statement.then, statement.otherwise].flatMap((branch) => weightedIn(cx, branch, false));
      default:
        return [];
    }
  });
  return [...params, ...others];
}
