import { compile } from '../compile.ts';
import type { Module } from '../ir/module.ts';
import { flatten } from '../ir/inline.ts';
import { printType } from '../ir/tensor-type.ts';
import { writeProgram } from '../lower/tfjs/program.ts';
import { memoryReader } from '../source/reader.ts';
import { emitOnnx } from '../targets/onnx.ts';
import { scalarConstant } from '../ops/constant.ts';

/** An example of an operation, and what the compiler makes of it. */
export interface WorkedExample {
  /** `input x: [N, C: 64, H, W]` or `heads = 4`, for each name of the example. */
  readonly inputs: readonly string[];
  readonly expression: string;
  /** The type of the result; of a list, that of its elements. */
  readonly type: string;
  readonly isList: boolean;
  /** Names of the primitives that it is made of, each once. */
  readonly primitives: readonly string[];
  /** Operators of the ONNX graph for inference, in order. */
  readonly onnx: readonly string[];
  /** The function of the TensorFlow.js program. */
  readonly tfjs: string;
}

interface World {
  readonly tensors: Readonly<Record<string, string>>;
  readonly sizes?: Readonly<Record<string, number>>;
}

/**
 * What the names in examples may stand for. An example takes the first of these worlds in which it compiles: sizes that are
 * known only where the program runs, then known ones, then those that have names.
 */
const worlds: readonly World[] = [
  {
    tensors: {
      x: '[N, C: 64, H, W]',
      y: '[N, C: 64, H, W]',
      a: '[N, C: 64]',
      b: '[N, C: 64]',
      near: '[N, C: 64]',
      far: '[N, C: 64]',
      mask: 'bool[N, C: 64]',
      logits: '[N, K: 10]',
      kind: 'int32[N]',
      tokens: 'int32[N, T]',
      indices: 'int32[N, T]',
      table: '[V: 1000, D: 64]',
      queries: '[N, T, d: 16]',
      keys: '[N, S, d: 16]',
      scores: '[N, T, S]',
    },
  },
  { tensors: { x: '[N, T, D: 64]', keys: '[N, T, D: 64]' } },
  { tensors: { x: '[N, C: 64, H: 32, W: 32]' } },
  { tensors: { x: '[N, T: 16, D: 64]' } },
  { tensors: { x: '[N, T, D: 64]' }, sizes: { heads: 4, D: 64 } },
  { tensors: { x: '[N, T, D: 64]' }, sizes: { T: 16 } },
  { tensors: { x: '[N, C: 64, H, W]' }, sizes: { H: 32, W: 32 } },
];

/** The example compiled for both targets; throws where no meaning of its names makes a program of it. */
export function workedExample(expression: string): WorkedExample {
  const complaints: string[] = [];
  for (const world of worlds) {
    for (const element of ['', '[0]']) {
      const worked = workIn(world, expression, element);
      if (typeof worked !== 'string') return worked;
      complaints.push(worked);
    }
  }
  throw new Error(`\`${expression}\` does not compile:\n${complaints.join('\n')}`);
}

function workIn({ tensors, sizes = {} }: World, expression: string, element: string): WorkedExample | string {
  const words = new Set(expression.match(/[A-Za-z_]\w*/g));
  const inputs = Object.entries(tensors).filter(([name]) => words.has(name));
  const declared = inputs.map(([name, type]) => `input ${name}: ${type}`);
  const bound = Object.entries(sizes).flatMap(([name, size]) =>
    words.has(name) ? [`${name} = ${size}`] : [],
  );
  const model = (statements: readonly string[]): string =>
    ['model M() {', ...declared, ...statements, '}'].join('\n');

  const alone = compiled(model([...bound, `result = ${expression}`, `output only = result${element}`]));
  if (typeof alone === 'string') return alone;
  const { graph } = flatten(alone, { mode: 'infer' });
  const result = graph?.outputs[0]?.value.type;
  if (graph === undefined || result === undefined) return 'it makes no graph';
  const type = printType(result);

  // In a block tensors keep the order of axes in which a program has them; a model turns them to the declared one.
  const parameters = inputs.map(([name, written]) => `${name}: ${written}`).join(', ');
  const block = [
    `block Example()(${parameters}) -> ${type} {`,
    ...bound,
    ...(element === '' ? [`return ${expression}`] : [`result = ${expression}`, `return result${element}`]),
    '}',
  ].join('\n');
  const call = `output only = Example()(${inputs.map(([name]) => name).join(', ')})`;
  const program = compiled(`${block}\n${model([call])}`);
  if (typeof program === 'string') return program;
  return {
    inputs: [...declared, ...bound],
    expression,
    type,
    isList: element !== '',
    primitives: [...new Set(graph.nodes.map(({ op }) => op))].filter((op) => op !== scalarConstant.name),
    onnx: (emitOnnx(alone, { provenance }).model?.graph.nodes ?? []).map(({ opType }) => opType),
    tfjs: functionText(program),
  };
}

const file = 'example.net';

/** The module, or what the compiler says instead. */
function compiled(source: string): Module | string {
  const reader = memoryReader({ [file]: `language 1\n${source}\n` });
  const { module, diagnostics } = compile(file, { reader });
  return module ?? diagnostics.map(({ code, message }) => `${code} ${message}`).join('\n');
}

const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '' };

/** What the program calls for the block. */
function functionText(module: Module): string {
  const sections = writeProgram(module, { file, sourceName: file, sourceSha256: '', netcVersion: '' });
  const text = sections.map((section) => section.text).find((part) => part.startsWith('function example('));
  if (text === undefined) throw new Error('the program has no function for the example');
  return text;
}
