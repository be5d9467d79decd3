import { formatSafetensors, parseSafetensors } from '../../../src/compiler/lower/tfjs/assets/safetensors.mjs';
import type { Batch } from '../../../src/runtime/batches.ts';
import type { Engine, EngineIdentity } from '../../../src/runtime/training/engine.ts';

export const toyIdentity: EngineIdentity = {
  engine: 'toy',
  version: '1',
  provider: 'test',
  instructionSet: 'none',
  threads: 1,
};

/** A linear model of the pixels with momentum, in float32: small, deterministic, and with a state worth saving. */
export class ToyEngine implements Engine {
  readonly identity: EngineIdentity;
  readonly rate = 0.05;
  step = 0;
  readonly #labels: number;
  #weights: Float32Array;
  #momentum: Float32Array;

  constructor(labels: number, pixels: number, identity = toyIdentity) {
    this.identity = identity;
    this.#labels = labels;
    this.#weights = new Float32Array(labels * pixels);
    this.#momentum = new Float32Array(labels * pixels);
  }

  trainOn(batch: Batch): Promise<number> {
    const scores = this.#scores(batch);
    const gradient = new Float32Array(this.#weights.length);
    const pixels = this.#weights.length / this.#labels;
    scores.forEach((score, at) => {
      const error = 1 / (1 + Math.exp(-score)) - (batch.labels[at] ?? 0);
      const [row, label] = [Math.floor(at / this.#labels), at % this.#labels];
      for (let p = 0; p < pixels; p++) {
        const i = label * pixels + p;
        gradient[i] = (gradient[i] ?? 0) + (error * (batch.images[row * pixels + p] ?? 0)) / batch.size;
      }
    });
    this.#momentum = this.#momentum.map((value, i) => 0.9 * value + (gradient[i] ?? 0));
    this.#weights = this.#weights.map((value, i) => value - this.rate * (this.#momentum[i] ?? 0));
    this.step++;
    return Promise.resolve(this.#loss(batch, scores));
  }

  evaluate(batch: Batch) {
    const scores = this.#scores(batch);
    return Promise.resolve({ loss: this.#loss(batch, scores), scores });
  }

  exportState(): Promise<Uint8Array> {
    const shape = [this.#weights.length];
    const tensors = new Map([
      ['weights', { shape, data: this.#weights }],
      ['momentum', { shape, data: this.#momentum }],
    ]);
    return Promise.resolve(formatSafetensors(tensors, { step: String(this.step) }));
  }

  importState(file: Uint8Array): void {
    const { tensors, metadata } = parseSafetensors(file);
    const [weights, momentum] = [tensors.get('weights'), tensors.get('momentum')];
    if (weights?.data.length !== this.#weights.length || momentum === undefined) {
      throw new RangeError('the weights do not fit the model:\n  weights is of another length');
    }
    this.#weights = Float32Array.from(weights.data);
    this.#momentum = Float32Array.from(momentum.data);
    this.step = Number(metadata['step']);
  }

  exportWeights(): Promise<Uint8Array> {
    return Promise.resolve(
      formatSafetensors([['weights', { shape: [this.#weights.length], data: this.#weights }]], {}),
    );
  }

  close(): void {
    // Nothing to free.
  }

  #scores({ images, size }: Batch): Float32Array {
    const pixels = this.#weights.length / this.#labels;
    return Float32Array.from({ length: size * this.#labels }, (_, at) => {
      const [row, label] = [Math.floor(at / this.#labels), at % this.#labels];
      let sum = 0;
      for (let p = 0; p < pixels; p++)
        sum += (this.#weights[label * pixels + p] ?? 0) * (images[row * pixels + p] ?? 0);
      return sum;
    });
  }

  #loss({ labels, size }: Batch, scores: Float32Array): number {
    let sum = 0;
    scores.forEach((score, at) => (sum += Math.log1p(Math.exp(score)) - (labels[at] ?? 0) * score));
    return Math.fround(sum / size);
  }
}
