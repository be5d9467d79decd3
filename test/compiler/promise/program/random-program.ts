import fc from 'fast-check';
import type { Block, Hyper } from './block.ts';
import { Choices } from './choices.ts';
import { library, special } from './library.ts';
import { drawFrom, drawSizes, isAdmissible, isSatisfiable, sizeVariables, type Draw } from './numbers.ts';
import { randomBlock, type BlockDecisions } from './random-block.ts';
import {
  evaluate,
  numeral,
  substitute,
  variablesOf,
  type SizeExpression,
  type Sizes,
} from './size-expression.ts';
import { innerAxes, printType, type Tensor } from './tensor.ts';

/** Numbers for the model, and what must come of them. */
export interface Numbers {
  readonly set: Readonly<Record<string, string>>;
  /**
   * The shapes of the outputs by name, for given samples and other sizes that only a run knows; undefined where the
   * numbers are not admissible.
   */
  readonly outputs: ((run: Sizes) => ReadonlyMap<string, readonly number[]>) | undefined;
  /** The outputs as `test/cases/ok` states them: `y0: [N, C: 4]`. */
  readonly header: readonly string[];
}

/**
 * Blocks over symbolic sizes that are right by construction, and a model that calls the last of them. The blocks must be
 * accepted; the model must be accepted exactly if its numbers are admissible.
 */
export interface RandomProgram {
  /** With these numbers for defaults, or with the first ones. */
  source(numbers?: Numbers): string;
  /** The blocks alone. */
  readonly blocks: string;
  /** Admissible ones first; none where hardly any numbers are. */
  readonly numbers: readonly Numbers[];
}

export interface ProgramDecisions {
  readonly blocks: readonly BlockDecisions[];
  readonly numbers: readonly number[];
}

const decisions = (most: number): fc.Arbitrary<number[]> =>
  fc.array(fc.nat(9_999), { maxLength: most, size: 'max' });

export const programDecisions: fc.Arbitrary<ProgramDecisions> = fc.record({
  blocks: fc.array(
    fc.record({
      signature: decisions(2),
      statements: fc.array(decisions(16), { minLength: 1, maxLength: 6, size: 'max' }),
      results: decisions(8),
    }),
    { minLength: 1, maxLength: 3, size: 'max' },
  ),
  numbers: decisions(12),
});

export const programs: fc.Arbitrary<RandomProgram> = programDecisions.map(randomProgram);

export function randomProgram({ blocks, numbers }: ProgramDecisions): RandomProgram {
  const made: Block[] = [];
  for (const [i, block] of blocks.entries()) {
    const drawn = randomBlock(i, block, [...library, ...made]);
    if (isSatisfiable(drawn)) made.push(drawn);
  }
  if (made.length === 0) made.push(randomBlock(0, { signature: [], statements: [[]], results: [] }, []));
  const top = made.at(-1);
  if (top === undefined) throw new Error('a program has a block');
  const text = withLibrary(made.map((block) => block.text)).join('\n\n');
  const choices = new Choices(numbers);
  const model = new ModelText(top, choices);
  const drawn = drawNumbers(top, model, choices);
  return {
    source: (chosen = drawn[0]) =>
      `language 1\n\n${text}\n\n${chosen === undefined ? '' : model.text(chosen.set)}`,
    blocks: `language 1\n\n${text}\n`,
    numbers: drawn,
  };
}

/** Blocks and those of the library that they call. */
function withLibrary(blocks: readonly string[]): readonly string[] {
  const isCalled = (name: string): boolean => blocks.some((text) => text.includes(`${name}(`));
  return [
    ...[...library, ...special].filter(({ name }) => isCalled(name)).map(({ text }) => text),
    ...blocks,
  ];
}

/** The model around a block: each number of the block is a hyper-parameter of the model. */
class ModelText {
  /** Axes whose size only a run knows. */
  readonly dynamic: ReadonlySet<string>;
  readonly outputs: readonly string[];
  private readonly top: Block;
  private readonly given: string;

  constructor(top: Block, choices: Choices) {
    this.top = top;
    const free = [...new Set(top.inputs.flatMap(innerAxes))].filter((name) => !top.pinned.has(name));
    this.dynamic = new Set(free.filter(() => choices.chance(50)));
    this.outputs = top.outputs.map((_, i) => `y${i}`);
    this.given = top.hypers.map((hyper) => `${hyper.name}: ${given(hyper, choices)}`).join(', ');
  }

  text(set: Readonly<Record<string, string>>): string {
    const hypers = Object.entries(set).map(([name, value]) => `${name}: ${typeOf(value)} = ${value}`);
    const inputs = this.top.inputs.map((input) => `  input ${input.name}: ${this.inputType(input)}`);
    const names = this.top.inputs.map(({ name }) => name).join(', ');
    const call = `${this.top.name}(${this.given})(${names})`;
    const [only] = this.outputs;
    const outputs =
      this.outputs.length === 1
        ? [`  output ${only} = ${call}`]
        : [`  (${this.outputs.join(', ')}) = ${call}`, ...this.outputs.map((name) => `  output ${name}`)];
    return [`model M(${hypers.join(', ')}) {`, ...inputs, ...outputs, '}', ''].join('\n');
  }

  private inputType(input: Tensor): string {
    const axes = innerAxes(input).map((name) => (this.dynamic.has(name) ? name : `${name}: size${name}`));
    return `[${['N', ...axes, ...(input.rest === undefined ? [] : ['P: 2', 'Q: 3'])].join(', ')}]`;
  }
}

/** The axes that stand for `...R` in the model. */
const rest = [
  { axis: 'P', size: 2 },
  { axis: 'Q', size: 3 },
];

function given(hyper: Hyper, choices: Choices): string {
  switch (hyper.kind) {
    case 'int':
    case 'bool':
    case 'float':
      return hyper.name;
    case 'string':
      return `"${choices.pick(hyper.options)}"`;
    case 'block':
      return choices.pick(['tanh', 'relu', 'sigmoid']);
  }
}

function typeOf(value: string): string {
  if (value === 'true' || value === 'false') return 'bool';
  return value.includes('.') ? 'float' : 'int';
}

const tries = 60;
const wanted = { admissible: 2, others: 1 };

/** Numbers that the blocks allow, a few of them, and some that they do not. */
function drawNumbers(top: Block, model: ModelText, choices: Choices): readonly Numbers[] {
  const admissible: Numbers[] = [];
  const others: Numbers[] = [];
  const draw = drawFrom(choices.below(9_999));
  for (let i = 0; i < tries && admissible.length < wanted.admissible; i++) {
    const sizes = new Map([...drawSizes(top, draw)].filter(([name]) => !model.dynamic.has(name)));
    const set = settings(top, model, sizes, draw);
    if (isAdmissible(top, sizes)) {
      const outputs = (run: Sizes): ReadonlyMap<string, readonly number[]> =>
        outputsOf(top, model, new Map([...sizes, ...run]));
      admissible.push({ set, outputs, header: headerOf(top, model, sizes) });
    } else if (others.length < wanted.others) {
      others.push({ set, outputs: undefined, header: [] });
    }
  }
  return [...admissible, ...others];
}

function settings(top: Block, model: ModelText, sizes: Sizes, draw: Draw): Readonly<Record<string, string>> {
  const set: Record<string, string> = {};
  for (const name of sizeVariables(top))
    if (!model.dynamic.has(name)) set[`size${name}`] = String(sizes.get(name));
  for (const { kind, name } of top.hypers) {
    if (kind === 'int') set[name] = String(sizes.get(name));
    if (kind === 'bool') set[name] = draw(0, 1) === 0 ? 'false' : 'true';
    if (kind === 'float') set[name] = draw(0, 1) === 0 ? '0.25' : '0.75';
  }
  return set;
}

function outputsOf(top: Block, model: ModelText, sizes: Sizes): ReadonlyMap<string, readonly number[]> {
  return new Map(
    top.outputs.map((output, i) => [
      model.outputs[i] ?? '',
      [
        ...[...output.axes.values()].map((size) => evaluate(size, sizes)),
        ...(output.rest === undefined ? [] : rest.map(({ size }) => size)),
      ],
    ]),
  );
}

function headerOf(top: Block, model: ModelText, sizes: Sizes): readonly string[] {
  const known = new Map([...sizes].map(([name, value]) => [name, numeral(value)]));
  return top.outputs.map((output, i) => {
    const axes = [...output.axes].map(([axis, size]): [string, SizeExpression] => {
      const isKnown = variablesOf(size).every((name) => sizes.has(name) && !model.dynamic.has(name));
      return [axis, isKnown ? numeral(evaluate(size, sizes)) : substitute(size, known)];
    });
    if (output.rest !== undefined) for (const { axis, size } of rest) axes.push([axis, numeral(size)]);
    return `${model.outputs[i]}: ${printType({ ...output, axes: new Map(axes), rest: undefined })}`;
  });
}
