import { laidOut, type Section } from './section.ts';

/** The slot in which a trainer keeps the sum of gradients. */
export const accumulatedSlot = 'accumulated';

/** The function `accumulate` of a program whose optimiser makes a step after several batches. */
export function accumulationSection(batches: number): Section {
  return laidOut(`
/** The batches after which the optimiser makes a step. */
const accumulation = ${batches};

/** Adds the gradients of a batch to those from before. When a step is due, it gives their mean and begins anew. */
function accumulate({ variables, slots, step }, gradients) {
  const isDue = step % accumulation === 0;
  const means = {};
  variables.forEach((variable, i) => {
    const gradient = gradients[variable.name];
    if (gradient === undefined) return;
    const { ${accumulatedSlot} } = slots[i];
    const sum = tf.add(${accumulatedSlot}, gradient);
    ${accumulatedSlot}.assign(isDue ? tf.zerosLike(sum) : sum);
    if (isDue) means[variable.name] = tf.div(sum, accumulation);
  });
  return isDue ? means : undefined;
}
`);
}
