import type { BlockCase, Sizes } from './block-cases.ts';

/**
 * A model of the block. To each input a parameter of zeros is added, so that there is a gradient by it, and `known0`,
 * `known1`, ... weigh the results in the loss.
 */
export function sourceOf({ imports, body, inputs, outputs }: BlockCase): string {
  const axes = (sizes: Sizes) =>
    Object.entries(sizes).map(([axis, size]) => (axis === 'N' ? 'N' : `${axis}: ${size}`));
  const names = Object.entries(inputs);
  const terms = outputs.map(
    (sizes, i) => `sum(y${i} * ${knownName(i)}, over: [${Object.keys(sizes).join(', ')}])`,
  );
  return [
    'language 1',
    ...Object.entries(imports).map(
      ([file, blocks]) => `import { ${blocks.join(', ')} } from "./lib/${file}.net"`,
    ),
    'model Case() {',
    ...names.map(([name, sizes]) => `input ${name}: [${axes(sizes).join(', ')}]`),
    ...names.map(([name, sizes]) => `param ${movedName(name)}: [${axes(sizes).slice(1).join(', ')}] = zeros`),
    ...names.map(([name]) => `${name} = ${name} + ${movedName(name)}`),
    ...body,
    ...outputs.map((_sizes, i) => `output y${i}`),
    '}',
    'train Case {',
    ...outputs.map((sizes, i) => `weight ${knownName(i)}: [${axes(sizes).join(', ')}]`),
    `loss = ${terms.join(' + ')}`,
    'optimizer sgd(lr: 1)',
    'batch 3',
    'epochs 1',
    '}',
    '',
  ].join('\n');
}

/** The first has the name by which the runner of programs knows that there is a loss. */
export const knownName = (i: number): string => (i === 0 ? 'known' : `known${i}`);
export const movedName = (input: string): string => `moved_${input}`;
