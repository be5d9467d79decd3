import type { TrainDecl } from '../syntax/ast.ts';
import type { Span } from '../source/span.ts';
import type { Context } from './context.ts';
import type { CheckedModel } from './model.ts';

interface Named {
  readonly what: 'parameter' | 'input' | 'output' | 'target' | 'weight';
  readonly name: string;
  readonly span: Span;
}

/**
 * Complains of tensors with the name of another (N2002): a step of training takes and gives the loss, inputs, outputs,
 * targets and parameters by one name each. Inputs, outputs and targets have been compared where each is declared; of the
 * parameters only one that the model itself declares has a path that could be another's name.
 */
export function checkStepNames(cx: Context, decl: TrainDecl, model: CheckedModel): void {
  const parameters = model.func.body.params.flatMap(({ path: [name, ...more], span }): readonly Named[] =>
    typeof name === 'string' && more.length === 0 ? [{ what: 'parameter', name, span }] : [],
  );
  const tensors = (what: 'input' | 'output', names: ReadonlyMap<string, unknown>): readonly Named[] =>
    Array.from(names.keys(), (name) => ({ what, name, span: model.places.get(name) ?? decl.model.span }));
  const targets = decl.items.flatMap((item): readonly Named[] =>
    item.kind === 'TrainTensor' ? [{ what: item.role, name: item.name.text, span: item.name.span }] : [],
  );
  const others = [...tensors('input', model.inputs), ...tensors('output', model.outputs), ...targets];
  for (const named of [...parameters, ...others]) {
    if (named.name === 'loss') complain(cx, named, `the loss of \`train ${decl.model.text}\``);
  }
  for (const named of others) {
    const parameter = parameters.find(({ name }) => name === named.name && name !== 'loss');
    if (parameter !== undefined) complain(cx, named, 'a parameter', parameter.span);
  }
}

function complain(cx: Context, { what, name, span }: Named, other: string, at?: Span): void {
  cx.error('N2002', span, `the ${what} \`${name}\` has the name of ${other}`, {
    notes: ['a step of training takes and gives all of these by name'],
    help: `give the ${what} another name`,
    related: at === undefined ? [] : [{ span: at, message: 'the parameter is declared here' }],
  });
}
