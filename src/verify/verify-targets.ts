import { errorAt, type Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import type { Graph } from '../compiler/ir/graph.ts';
import { flatten } from '../compiler/ir/inline.ts';
import type { Module } from '../compiler/ir/module.ts';
import type { TargetFile } from '../compiler/lower/tfjs/lower-tfjs.ts';
import { cost } from '../compiler/passes/cost.ts';
import { Span } from '../compiler/source/span.ts';
import { calmWeights } from './calm-weights.ts';
import { checkGradient, type GradientQuestion } from './check-gradient.ts';
import { preparationDifference } from './check-preparation.ts';
import { stepDifferences, stepFlops } from './check-step.ts';
import { difference } from './difference.ts';
import { firstDifferentBlock, type BlockValues } from './first-different-block.ts';
import { EngineError, startOnnx } from './onnx-engine.ts';
import { smallestVariant, type MakeVariant } from './smallest-variant.ts';
import {
  deviationLimits,
  interpreted,
  interpretedBlocks,
  isWithinLimits,
  makeSubject,
  onnxBlocks,
  onnxFile,
  type Subject,
} from './subject.ts';
import type { Outputs } from './tensors.ts';
import { testInputs } from './test-inputs.ts';
import { startTfjs, type TfjsEngine } from './tfjs-engine.ts';
import { trainingInputs } from './training-inputs.ts';

/** The program of a module: its files and the name of the one that is run. */
export interface Program {
  readonly files: readonly TargetFile[];
  readonly entry: string;
}

export interface VerifyOptions {
  readonly module: Module;
  readonly targets: readonly ('onnx' | 'tfjs' | 'onnx-train')[];
  /** Where the ONNX file has a fixed batch. */
  readonly batch?: number;
  /** The file that is going to be written, or a path to it; its weights are those of the initialisers. */
  readonly onnxFile?: Uint8Array | string;
  /** Whether that file takes decoded images and prepares them itself. */
  readonly prepareImages?: boolean;
  /** Writes the program of a module: of the one that is built, and of a smaller one. */
  readonly writeProgram: (module: Module) => Promise<Program>;
  readonly makeVariant: MakeVariant;
}

/** One thing that was held against another. */
export interface Check {
  readonly name: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  /** What was measured, and the most that it may be; of checks that measure something. */
  readonly measured?: number;
  readonly limit?: number;
  /** What a reader should know: why it was skipped, at what size it was done. */
  readonly note?: string;
}

export interface Verification {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  /** N8001 with the first block that differs, N8002 where an engine could not run. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Outputs agree when they differ by at most this share of the largest. */
const outputLimit = 1e-4;
/** Gradients agree when they differ by at most this share. */
const gradientLimit = 1e-3;
/** In training mode the limit grows with what rounding does, up to where a comparison would say nothing. */
const hopelessGradientLimit = 0.3;
/** Both resize in float32 with sums in another order; logits of a fresh model differ by what that makes of them. */
const preparationLimit = 1e-4;
/** Optimisers divide by small numbers, and so enlarge what rounding has done to a gradient. */
const updateLimit = 1e-2;
const hopeless = 'rounding alone changes it too much at this size';
const batches = [1, 2, 7];
const interpretedBatch = 2;
/** Biases at which the gradient with fixed statistics is looked at, one after another until it agrees. */
const steadyBiases = [2, 2.1, 2.2];
/** More floating point operations than these would take the interpreter minutes. */
const interpreterLimit = 4e9;

/**
 * Runs what was built: the ONNX file in ONNX Runtime, the program in TensorFlow.js, and the interpreter, which defines
 * what both must compute, on equal weights and inputs. The targets are compared at full size in several batch sizes; the
 * interpreter, being slow, sees the smallest input that the model takes.
 */
export async function verifyTargets(options: VerifyOptions): Promise<Verification> {
  const run = new VerificationRun(options);
  try {
    await run.all();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    run.cannotRun(error);
  }
  const { checks, diagnostics } = run;
  return {
    ok: diagnostics.length === 0 && checks.every(({ state }) => state !== 'failed'),
    checks,
    diagnostics,
  };
}

/** What calls of blocks return on two sides, for whoever wants to know where they part. */
type Sides = () => Promise<{ readonly actual: BlockValues; readonly reference: BlockValues }>;

class VerificationRun {
  readonly checks: Check[] = [];
  readonly diagnostics: Diagnostic[] = [];
  private readonly options: VerifyOptions;
  private readonly modelSpan: Span;

  constructor(options: VerifyOptions) {
    this.options = options;
    const { module } = options;
    this.modelSpan = module.functions.get(module.model.func)?.span ?? Span.startOf('');
  }

  async all(): Promise<void> {
    const { module, targets, makeVariant } = this.options;
    const variant = smallestVariant(module, makeVariant);
    const isWhole = variant.module === module;
    await this.runFile();
    const sizes = Object.entries(variant.set).map(([name, value]) => `${name} = ${value}`);
    const note = isWhole ? undefined : `with ${sizes.join(', ')}`;
    const hasBoth = targets.includes('onnx') && targets.includes('tfjs');
    if (hasBoth || (isWhole && this.infers)) {
      await this.withSubject(module, async (whole) => {
        if (hasBoth) await this.compareTargets(whole);
        if (isWhole) await this.compareWithInterpreter(whole, undefined);
      });
    }
    if (!isWhole && this.infers) {
      await this.withSubject(variant.module, (small) => this.compareWithInterpreter(small, note));
    }
    if (targets.includes('onnx-train')) await this.compareStep(variant.module, note);
  }

  /** Whether there is a target that runs the model without a loss. */
  private get infers(): boolean {
    return this.options.targets.some((target) => target !== 'onnx-train');
  }

  /** The very file that is going to be written: that it loads, and gives numbers. */
  private async runFile(): Promise<void> {
    const { module, onnxFile: file, batch = 1, prepareImages = false } = this.options;
    if (file !== undefined && prepareImages) {
      const measured = await preparationDifference(module, file, batch);
      this.checks.push({
        name: 'images prepared by the ONNX file against the runtime',
        state: measured <= preparationLimit ? 'passed' : 'failed',
        measured,
        limit: preparationLimit,
      });
      return;
    }
    const { graph } = flatten(module, { mode: 'infer' });
    if (file === undefined || graph === undefined) return;
    const engine = await startOnnx(file);
    const outputs = await engine.run(testInputs(graph, batch)).finally(() => engine.close());
    const isFinite = [...outputs.values()].every(({ data }) => Array.from(data).every(Number.isFinite));
    this.checks.push({
      name: 'the ONNX file loads and gives numbers',
      state: isFinite ? 'passed' : 'failed',
    });
  }

  cannotRun({ message }: EngineError): void {
    const help = '`netc explain N8002` says what can be done';
    this.diagnostics.push(errorAt('N8002', this.modelSpan, message, { help }));
  }

  private async withSubject(module: Module, action: (subject: Subject) => Promise<void>): Promise<void> {
    const subject = await makeSubject(module);
    const { deviation, scaling } = subject;
    try {
      if (module === this.options.module) {
        // Nothing is wrong with a model whose logits cannot be brought into the limits; the comparison says less.
        const state = isWithinLimits(deviation) ? 'passed' : 'skipped';
        const note = scaling ?? `${deviationLimits.join(' to ')} is wanted`;
        this.checks.push({ name: 'deviation of the logits', state, measured: deviation, note });
      }
      await action(subject);
    } finally {
      await subject.onnx.close();
    }
  }

  // ------------------------------------------------------------ outputs

  /** ONNX Runtime against TensorFlow.js, at the size and the batches that the files are made for. */
  private async compareTargets(subject: Subject): Promise<void> {
    const { batch } = this.options;
    const { module, weights, source } = subject;
    const fixed = batch === undefined ? undefined : await startOnnx(await onnxFile(module, weights, batch));
    const tfjs = await this.startProgram(subject);
    try {
      for (const size of batch === undefined ? batches : [batch]) {
        const inputs = testInputs(source, size);
        const expected = await (fixed ?? subject.onnx).run(inputs);
        const actual = await tfjs.run(inputs);
        const name = `tfjs (${tfjs.backend}) against onnx, batch ${size}`;
        if (this.compare(name, subject, actual, expected)) continue;
        await this.blame('the tfjs program and the ONNX file', subject, async () => ({
          actual: await tfjs.blocks(inputs),
          reference: await onnxBlocks(subject, inputs),
        }));
        return;
      }
    } finally {
      await fixed?.close();
      tfjs.close();
    }
  }

  private async compareWithInterpreter(subject: Subject, note: string | undefined): Promise<void> {
    const { targets } = this.options;
    if (this.isTooSlow('targets against the interpreter', interpretedBatch * flopsOf(subject.source))) return;
    const inputs = testInputs(subject.source, interpretedBatch);
    const expected = interpreted(subject, inputs);
    if (targets.includes('onnx')) {
      const actual = await subject.onnx.run(inputs);
      if (!this.compare('onnx against the interpreter', subject, actual, expected, note)) {
        await this.blame('the ONNX file and the interpreter', subject, async () => ({
          actual: await onnxBlocks(subject, inputs),
          reference: interpretedBlocks(subject, inputs),
        }));
      }
    }
    if (!targets.includes('tfjs')) return;
    const tfjs = await this.startProgram(subject);
    try {
      const actual = await tfjs.run(inputs);
      if (!this.compare('tfjs against the interpreter', subject, actual, expected, note)) {
        await this.blame('the tfjs program and the interpreter', subject, async () => ({
          actual: await tfjs.blocks(inputs),
          reference: interpretedBlocks(subject, inputs),
        }));
      }
      if (subject.module.training === undefined) return;
      await this.compareSteadyGradient(subject, tfjs, note);
      await this.compareTrainingGradient(subject, tfjs, note);
    } finally {
      tfjs.close();
    }
  }

  private compare(
    name: string,
    { source }: Subject,
    actual: Outputs,
    expected: Outputs,
    note?: string,
  ): boolean {
    const differences = source.outputs.map(({ name: output }) => {
      const [a, b] = [actual.get(output), expected.get(output)];
      if (a === undefined || b === undefined || a.shape.join() !== b.shape.join()) return Infinity;
      return difference(a.data, b.data).relative;
    });
    return this.record(name, Math.max(...differences), outputLimit, note);
  }

  private async startProgram({ module, weights }: Subject): Promise<TfjsEngine> {
    const { files, entry } = await this.options.writeProgram(module);
    const engine = await startTfjs(files, entry);
    engine.setWeights(weights);
    return engine;
  }

  // ------------------------------------------------------------ gradient

  /**
   * At weights where float32 shows a gradient to five digits, all parameters count alike. Whether rounding still carries
   * a value across a kink is chance, and another point decides; a wrong gradient is wrong everywhere.
   */
  private async compareSteadyGradient(subject: Subject, engine: TfjsEngine, note?: string): Promise<void> {
    const name = 'gradient of tfjs, fixed statistics';
    const question = this.gradientQuestion(name, subject, engine, { mode: 'infer', batch: 2 });
    if (question === undefined) return;
    const found: number[] = [];
    for (const bias of steadyBiases) {
      const weights = await calmWeights(subject.module, question.graph, subject.weights, bias);
      const { relative } = await checkGradient({ ...question, weights, reach: 100 });
      found.push(relative());
      if (Math.min(...found) <= gradientLimit) break;
    }
    this.recordGradient(name, Math.min(...found), gradientLimit, note);
  }

  /** In training mode batch norms over a handful of values magnify rounding: the limit is what it does, and more. */
  private async compareTrainingGradient(subject: Subject, engine: TfjsEngine, note?: string): Promise<void> {
    const name = 'gradient of tfjs, training mode';
    const question = this.gradientQuestion(name, subject, engine, { mode: 'train', batch: 4 });
    if (question === undefined) return;
    const { weights } = subject;
    const { relative, sensitivity } = await checkGradient({ ...question, weights, reach: 1 });
    const limit = Math.max(gradientLimit, 10 * (await sensitivity()));
    if (limit > hopelessGradientLimit) {
      this.checks.push({ name, state: 'skipped', note: hopeless });
      return;
    }
    this.recordGradient(name, relative(), limit, note);
  }

  private gradientQuestion(
    name: string,
    { module }: Subject,
    engine: TfjsEngine,
    { mode, batch }: { readonly mode: 'train' | 'infer'; readonly batch: number },
  ): Omit<GradientQuestion, 'weights' | 'reach'> | undefined {
    const { graph } = flatten(module, { mode, entry: 'training' });
    // The interpreter goes forward twice.
    if (graph === undefined || this.isTooSlow(name, 2 * batch * flopsOf(graph))) return undefined;
    const inputs = trainingInputs(graph, module, batch);
    return {
      graph,
      inputs,
      gradientsAt: async (weights) => {
        engine.setWeights(weights);
        return (await engine.gradients(inputs, mode)) ?? new Map<string, Float32Array>();
      },
    };
  }

  private recordGradient(name: string, measured: number, limit: number, note: string | undefined): void {
    if (this.record(name, measured, limit, note)) return;
    this.diagnostics.push(
      errorAt('N8001', this.modelSpan, 'the gradient of the tfjs program is not that of the source', {
        notes: [
          `${name}: along a random direction it is off by ${percent(measured)}; at most ${percent(limit)} is rounding`,
        ],
        help: 'this is a bug of netc: please report it with the source',
      }),
    );
  }

  // ------------------------------------------------------------ step of training

  /** The graphs of the target `onnx-train` in ONNX Runtime against the interpreter. */
  private async compareStep(module: Module, note: string | undefined): Promise<void> {
    const against = 'of onnx-train against the interpreter';
    if (this.isTooSlow(`step ${against}`, stepFlops(module))) return;
    const { losses, gradient, sensitivity, updates } = await stepDifferences(module);
    const limit = Math.max(gradientLimit, 10 * sensitivity);
    const checks = [
      { name: `losses ${against}`, measured: losses, limit: outputLimit },
      { name: `gradient ${against}`, measured: gradient, limit },
      { name: `new weights ${against}`, measured: updates, limit: Math.max(updateLimit, 10 * sensitivity) },
    ];
    for (const { name, measured, limit: most } of checks) {
      if (most > hopelessGradientLimit) {
        this.checks.push({ name, state: 'skipped', note: hopeless });
      } else if (!this.record(name, measured, most, note)) {
        this.diagnostics.push(
          errorAt('N8001', this.modelSpan, 'the training step in ONNX Runtime is not that of the source', {
            notes: [`${name}: off by ${percent(measured)}; at most ${percent(most)} is rounding`],
            help: 'this is a bug of netc: please report it with the source',
          }),
        );
      }
    }
  }

  // ------------------------------------------------------------ results

  /** Says where two sides part, after a comparison that has failed. */
  private async blame(sides: string, { source }: Subject, values: Sides): Promise<void> {
    const { actual, reference } = await values();
    const block = firstDifferentBlock(source.blocks, actual, reference, outputLimit);
    const where =
      block === undefined
        ? 'they begin to differ outside of any block'
        : `the first block whose outputs differ is \`${block.path}\`, a ${block.block}`;
    const measured = this.checks.at(-1)?.measured ?? Infinity;
    this.diagnostics.push(
      errorAt('N8001', block?.span ?? this.modelSpan, `${sides} do not compute the same: ${where}`, {
        notes: [
          `outputs differ by ${percent(measured)} of the largest; at most ${percent(outputLimit)} is rounding`,
        ],
        help: 'this is a bug of netc: please report it with the source',
      }),
    );
  }

  private record(name: string, measured: number, limit: number, note: string | undefined): boolean {
    const passed = measured <= limit;
    const state = passed ? 'passed' : 'failed';
    this.checks.push({ name, state, measured, limit, ...(note === undefined ? {} : { note }) });
    return passed;
  }

  private isTooSlow(name: string, flops: number): boolean {
    if (flops <= interpreterLimit) return false;
    this.checks.push({
      name,
      state: 'skipped',
      note: `${(flops / 1e9).toFixed(0)} GFLOPs would take it minutes`,
    });
    return true;
  }
}

function flopsOf(graph: Graph): number {
  return cost(graph)[0]?.flops ?? 0;
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(share * 100).toPrecision(2)} %` : 'more than any number';
}
