import { interpretGraph } from '../src/compiler/interpret/interpret-graph.ts';
import { flatten } from '../src/compiler/ir/inline.ts';
import type { Module } from '../src/compiler/ir/module.ts';
import { initialWeights } from '../src/compiler/targets/initial-weights.ts';
import type { Bench, BenchContext } from './bench.ts';
import { median, row, type Row } from './row.ts';
import { networks, type Form, type Network } from './scale/network.ts';
import { runFile } from './scale/run-file.ts';
import { moduleOf, onnxFile, tfjsProgram } from './scale/stages.ts';

const SIZES = [1_000, 2_000, 5_000, 10_000, 20_000];
const [SMALL, LARGE] = [2_000, 20_000];
const FORMS: readonly Form[] = ['written out', 'by loop'];
const ROUNDS = 3;
/** How much more a layer of the large network may cost than one of the small. Garbage collection takes most of it. */
const LIMIT = 1.5;
/** The program by loop differs in the digits of the number of layers. */
const LIMIT_OF_TEXT = 1.001;
/** Of the greatest magnitude: what float32 adds up to over 20,000 layers. */
const TOLERANCE = 1e-4;

/** Networks of 1,000 to 20,000 layers to both targets, and the files in ONNX Runtime. */
export const bench: Bench = {
  title: `a layer of ${LARGE} costs no more than ${LIMIT} times one of ${SMALL}, and ONNX Runtime runs the files`,
  run: async (context) => {
    const rows: Row[] = [];
    for (const network of networks) {
      for (const form of FORMS) rows.push(...(await compileAll(network, form, context)));
      rows.push(await deviation(network, context));
    }
    return rows;
  },
};

type Target = 'onnx' | 'tfjs';

/** Microseconds of processor time a layer for each target and size, as a table and as rows. */
async function compileAll(network: Network, form: Form, { log }: BenchContext): Promise<readonly Row[]> {
  const times = new Map<string, number[]>();
  const lengths = new Map<number, number>();
  const note = (target: Target, layers: number, microseconds: number): void => {
    const key = `${target} ${layers}`;
    times.set(key, [...(times.get(key) ?? []), microseconds / layers]);
  };
  // Round 0 is for the engine, which compiles our code while it runs.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const layers of round === 1 ? SIZES : [SMALL, LARGE]) {
      const source = network.source(layers, form);
      const front = await processorTime(() => moduleOf(source));
      const onnx = await processorTime(() => onnxFile(front.result));
      const tfjs = await processorTime(() => tfjsProgram(front.result));
      lengths.set(layers, tfjs.result.length);
      if (round === 0) continue;
      note('onnx', layers, front.microseconds + onnx.microseconds);
      note('tfjs', layers, front.microseconds + tfjs.microseconds);
    }
  }
  const cost = (target: Target, layers: number): number => median(times.get(`${target} ${layers}`) ?? []);
  const title = `${network.name}, ${form}`;
  for (const target of ['onnx', 'tfjs'] as const) {
    const costs = SIZES.map((layers) => `${layers}: ${cost(target, layers).toFixed(0)}`);
    log(`${title}, ${target}: microseconds a layer, ${costs.join(', ')}`);
  }
  const unit = `microseconds a layer, ${LARGE} against ${SMALL}`;
  const rows = (['onnx', 'tfjs'] as const).map((target) =>
    row(`${title}, ${target}: ${unit}`, cost(target, LARGE), cost(target, SMALL), LIMIT),
  );
  if (form === 'written out') return rows;
  const [large = NaN, small = NaN] = [lengths.get(LARGE), lengths.get(SMALL)];
  return [...rows, row(`${title}, tfjs: characters of the program`, large, small, LIMIT_OF_TEXT)];
}

async function processorTime<T>(
  work: () => T | Promise<T>,
): Promise<{ readonly result: T; readonly microseconds: number }> {
  const start = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(start);
  return { result, microseconds: user + system };
}

/** How far the largest file, run by ONNX Runtime, is from the interpreter in float64. */
async function deviation(network: Network, { log }: BenchContext): Promise<Row> {
  const count = network.input.reduce((product, size) => product * size, 1);
  const input = Float32Array.from({ length: count }, (_, i) => Math.sin(i + 1));
  let worst = 0;
  for (const form of FORMS) {
    const module = moduleOf(network.source(LARGE, form));
    const start = performance.now();
    const given = await runFile(await onnxFile(module), input, network.input);
    log(
      `${network.name}, ${form}: ${LARGE} layers made, loaded and run in ${((performance.now() - start) / 1e3).toFixed(1)} s`,
    );
    const wanted = interpreted(module, input);
    const largest = Math.max(...wanted.map(Math.abs));
    worst = Math.max(worst, ...wanted.map((value, i) => Math.abs(value - (given[i] ?? NaN)) / largest));
  }
  return row(
    `${network.name}: deviation of ONNX Runtime against ${TOLERANCE}, ${LARGE} layers`,
    worst,
    TOLERANCE,
    1,
  );
}

function interpreted(module: Module, input: Float32Array): readonly number[] {
  const { graph } = flatten(module, { mode: 'infer' });
  const [declared] = graph?.inputs ?? [];
  if (graph === undefined || declared === undefined) throw new Error('the network has no graph');
  const sizes = new Map(graph.dynamic.map((v) => [v.name, 1]));
  const axes = declared.value.type.axes.map(({ name, size }) => ({
    name,
    size: size.value ?? sizes.get(name) ?? 1,
  }));
  const array = { type: { dtype: 'f32' as const, axes }, data: Float64Array.from(input) };
  const { outputs } = interpretGraph(graph, new Map([['x', array]]), initialWeights(graph.params, 0));
  return [...(outputs.get('y')?.data ?? [])];
}
