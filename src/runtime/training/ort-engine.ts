import { availableParallelism, cpus } from 'node:os';
import type * as OnnxRuntime from 'onnxruntime-node';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { uniforms } from '../../compiler/random/generator.mjs';
import type { Batch } from '../batches.ts';
import { UserError } from '../errors.ts';
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from '../safetensors.ts';
import type { Engine } from './engine.ts';
import type { BatchTensor, StepGraph, StepParameter, StepProgram } from './step-program.ts';

export interface OrtEngineOptions {
  readonly seed: number;
  /** Of the whole training, which schedules need to know. */
  readonly steps: number;
  /** The output that samples are ranked by. */
  readonly scores: string;
  /** Threads that a step computes on; as many as there are processors where it is left out. */
  readonly threads?: number;
  /** The execution provider: `cpu` where it is left out. */
  readonly provider?: string;
}

/** Marks the checkpoints of all engines; see `exportTrainer` of the generated programs. */
const stateFormat = 'netc-trainer-1';

/** Trains with the step graphs of the target `onnx-train` in ONNX Runtime, on the CPU. */
export async function startOrtEngine(program: StepProgram, options: OrtEngineOptions): Promise<Engine> {
  const ort = await import('onnxruntime-node').catch((cause: unknown) => {
    throw notAvailable('ONNX Runtime cannot be loaded', cause);
  });
  const engine = new OrtEngine(ort, program, options);
  await engine.open();
  return engine;
}

type Ort = typeof OnnxRuntime;

interface Step {
  readonly graph: StepGraph;
  readonly session: InferenceSession;
}

class OrtEngine implements Engine {
  readonly #ort: Ort;
  readonly #program: StepProgram;
  readonly #options: OrtEngineOptions;
  readonly #steps = new Map<number, Promise<Step>>();
  #evaluation: InferenceSession | undefined;
  /** The parameters as they are, and a second tensor for each that changes, into which a step writes: the two swap. */
  readonly #current = new Map<string, Tensor>();
  readonly #spare = new Map<string, Tensor>();
  #seed: number;
  #step = 0;
  #origin: string | undefined;

  constructor(ort: Ort, program: StepProgram, options: OrtEngineOptions) {
    this.#ort = ort;
    this.#program = program;
    this.#options = options;
    this.#seed = options.seed;
    const initial = program.initial(options.seed);
    for (const { path, shape } of program.parameters) {
      const values = initial.get(path) ?? new Float32Array(elements(shape));
      this.#current.set(path, this.#tensor(values, shape));
    }
  }

  async open(): Promise<void> {
    this.#evaluation = await this.#session(this.#program.evaluation.file);
  }

  get identity() {
    return {
      engine: 'ort',
      version: this.#ort.env.versions.node ?? this.#ort.env.versions.common,
      provider: (this.#options.provider ?? 'cpu').toUpperCase(),
      // Its kernels are chosen by the processor.
      instructionSet: `${process.arch} ${cpus()[0]?.model ?? ''}`.trim(),
      threads: this.#threads,
    };
  }

  get step(): number {
    return this.#step;
  }

  get rate(): number {
    return this.#program.learningRate(this.#step, this.#options.steps);
  }

  get origin(): string | undefined {
    return this.#origin;
  }

  async trainOn(batch: Batch): Promise<number> {
    const { graph, session } = await this.#stepFor(batch.size);
    const numbers = { rate: this.rate, step: this.#step + 1 };
    const feeds = this.#batchFeeds(batch);
    for (const path of graph.reads) feeds[path] = this.#parameter(path);
    for (const { name, valueAt } of graph.scalars) {
      feeds[name] = this.#tensor(Float32Array.of(valueAt(numbers)), []);
    }
    for (const { name, stream, shape } of graph.draws) {
      feeds[name] = this.#tensor(uniforms(elements(shape), this.#seed, stream, numbers.step), shape);
    }
    const fetches: Record<string, Tensor | null> = { loss: null };
    for (const path of graph.replaces) fetches[nextName(path)] = this.#spareFor(path);
    for (const output of graph.watch?.outputs ?? []) fetches[output] = null;
    const results = await session.run(feeds, fetches).catch((error: unknown) => {
      throw outOfMemory(error) ?? error;
    });
    this.#origin = graph.watch?.originOf((output) => Number.isFinite(scalarOf(results[output])));
    // Only now, when all of the step is there, it counts.
    for (const path of graph.replaces) {
      const next = results[nextName(path)];
      if (next === undefined) throw new Error(`the step gave no new ${path}`);
      this.#spare.set(path, this.#parameter(path));
      this.#current.set(path, next);
    }
    this.#step = numbers.step;
    return scalarOf(results['loss']);
  }

  async evaluate(batch: Batch) {
    const feeds = this.#batchFeeds(batch);
    for (const path of this.#program.evaluation.reads) feeds[path] = this.#parameter(path);
    const { scores } = this.#options;
    if (this.#evaluation === undefined) throw new Error('the engine is closed');
    const results = await this.#evaluation.run(feeds, ['loss', scores]);
    const data = results[scores]?.data;
    if (!(data instanceof Float32Array)) throw new Error(`the graph gave no ${scores}`);
    return { loss: scalarOf(results['loss']), scores: Float32Array.from(data) };
  }

  exportState(): Promise<Uint8Array> {
    const metadata = { format: stateFormat, step: String(this.#step), seed: String(this.#seed) };
    return Promise.resolve(this.#encode(this.#program.parameters, metadata));
  }

  exportWeights(): Promise<Uint8Array> {
    const own = this.#program.parameters.filter(({ role }) => role !== 'slot');
    return Promise.resolve(this.#encode(own, { format: 'netc-1' }));
  }

  importState(file: Uint8Array): void {
    const { tensors, metadata } = decodeSafetensors(file, 'the checkpoint');
    const { step = '', seed } = metadata;
    if (!/^\d+$/.test(step)) {
      throw new RangeError('the file does not say how many steps were taken: it is not of a trainer');
    }
    const { parameters } = this.#program;
    const problems = parameters.flatMap(({ path, shape }) => {
      const found = tensors.get(path)?.shape;
      if (found === undefined) return [`${path} is missing`];
      return found.join() === shape.join()
        ? []
        : [`${path} is [${found.join(', ')}], not [${shape.join(', ')}]`];
    });
    const known = new Set(parameters.map(({ path }) => path));
    for (const name of tensors.keys()) if (!known.has(name)) problems.push(`${name} is not of this model`);
    if (problems.length > 0) {
      const more = problems.length > 10 ? `\n  and ${problems.length - 10} more` : '';
      throw new RangeError(
        `the file does not fit the model:\n  ${problems.slice(0, 10).join('\n  ')}${more}`,
      );
    }
    for (const { path, shape } of parameters) {
      const data = tensors.get(path)?.data;
      if (!(data instanceof Float32Array)) throw new RangeError(`${path} is not of float32`);
      this.#current.set(path, this.#tensor(Float32Array.from(data), shape));
    }
    this.#step = Number(step);
    if (seed !== undefined) this.#seed = Number(seed);
  }

  close(): void {
    for (const step of this.#steps.values()) void step.then(({ session }) => session.release());
    void this.#evaluation?.release();
    this.#evaluation = undefined;
    this.#steps.clear();
    this.#current.clear();
    this.#spare.clear();
  }

  get #threads(): number {
    return this.#options.threads ?? availableParallelism();
  }

  #stepFor(batch: number): Promise<Step> {
    const known = this.#steps.get(batch);
    if (known !== undefined) return known;
    const made = this.#program.stepFor(batch).then(async (graph) => ({
      graph,
      session: await this.#session(graph.file),
    }));
    this.#steps.set(batch, made);
    return made;
  }

  async #session(file: Uint8Array): Promise<InferenceSession> {
    const { provider = 'cpu' } = this.#options;
    const options: InferenceSession.SessionOptions = {
      executionProviders: [provider],
      // What its optimiser does to a step costs seconds and gains nothing: the graph comes as it is to be run.
      graphOptimizationLevel: 'disabled',
      executionMode: 'sequential',
      intraOpNumThreads: this.#threads,
      // A plan of all memory in advance takes a third more than what is needed at any time.
      enableMemPattern: false,
      logSeverityLevel: 4,
      // Threads that wait give their processor to others: 6 % slower on an idle machine, 3 times faster on a busy one.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    };
    try {
      return await this.#ort.InferenceSession.create(file, options);
    } catch (error) {
      if (provider !== 'cpu') throw notAvailable(`ONNX Runtime does not compute on ${provider} here`, error);
      throw outOfMemory(error) ?? error;
    }
  }

  #batchFeeds(batch: Batch): Record<string, Tensor> {
    const feeds: Record<string, Tensor> = {};
    for (const [name, { data, shape }] of this.#program.tensorsOf(batch))
      feeds[name] = this.#tensor(data, shape);
    return feeds;
  }

  #tensor(data: Float32Array, shape: BatchTensor['shape']): Tensor {
    return new this.#ort.Tensor('float32', data, shape);
  }

  #parameter(path: string): Tensor {
    const tensor = this.#current.get(path);
    if (tensor === undefined) throw new Error(`there is no parameter ${path}`);
    return tensor;
  }

  #spareFor(path: string): Tensor {
    const known = this.#spare.get(path);
    if (known !== undefined) return known;
    const { dims, size } = this.#parameter(path);
    return this.#tensor(new Float32Array(size), dims);
  }

  #encode(parameters: readonly StepParameter[], metadata: Readonly<Record<string, string>>): Uint8Array {
    const tensors = parameters.map(({ path, shape }): [string, SafeTensor] => {
      const { data } = this.#parameter(path);
      if (!(data instanceof Float32Array)) throw new Error(`${path} is not of float32`);
      return [path, { dtype: 'F32', shape, data: ownedBy(data) }];
    });
    return Buffer.concat(encodeSafetensors(new Map(tensors), { model: this.#program.model, ...metadata }));
  }
}

function notAvailable(message: string, cause: unknown): UserError {
  return new UserError('R4008', `${message}: ${textOf(cause)}`, {
    remedy: 'Train with --provider cpu, or with --engine tfjs.',
    cause,
  });
}

/** Undefined where the error says something else. */
function outOfMemory(cause: unknown): UserError | undefined {
  if (!/alloc|out of memory/i.test(textOf(cause))) return undefined;
  return new UserError('R4009', `There is not enough memory for a step: ${textOf(cause)}`, {
    remedy: 'Take a smaller --batch, or close what else needs memory.',
    cause,
  });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Tensors of the library say no more than that their buffer may be shared; those here never are. */
function ownedBy(data: Float32Array): Float32Array<ArrayBuffer> {
  return data.buffer instanceof ArrayBuffer
    ? new Float32Array(data.buffer, data.byteOffset, data.length)
    : Float32Array.from(data);
}

function nextName(path: string): string {
  return `next/${path}`;
}

function scalarOf(tensor: Tensor | undefined): number {
  const value = tensor?.data[0];
  if (typeof value !== 'number') throw new Error('the graph did not give a number that it has');
  return value;
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
