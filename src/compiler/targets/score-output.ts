import type { Module } from '../ir/module.ts';
import { axisNames, type TensorType } from '../ir/tensor-type.ts';
import { print } from '../shapes/size.ts';

/**
 * The output by which samples are ranked for each label: of the labelled output and those like it, the one that the loss
 * takes. Those are logits where the loss is computed from logits, which order samples that saturated probabilities no
 * longer tell apart. Undefined where no output has labels.
 */
export function scoreOutput({ model, functions, training }: Module): string | undefined {
  const labelled = model.outputs.find(({ labels }) => labels !== undefined);
  if (labelled === undefined) return undefined;
  const values = functions.get(model.func)?.outputs ?? [];
  const shapes = new Map(model.outputs.map(({ name }, i) => [name, shapeText(values[i]?.type)]));
  const inLoss = training?.inputs.find(
    ({ kind, name }) => kind === 'output' && shapes.get(name) === shapes.get(labelled.name),
  );
  return inLoss?.name ?? labelled.name;
}

function shapeText(type: TensorType | undefined): string {
  if (type === undefined) return '';
  const names = axisNames(type);
  return type.axes.map(({ size }, i) => `${names[i]}: ${print(size)}`).join(', ');
}
