import { batches, type Batch, type BatchOptions } from '../batches.ts';
import type { Sample } from '../sample.ts';
import type { Engine } from './engine.ts';

export interface SampleScores {
  /** What was kept, in the order of the samples: where it is all, [samples, labels], row-major. */
  readonly scores: Float32Array;
  /** The mean of the batches' losses, each counted as often as it has samples. */
  readonly loss: number;
}

/** Scores all samples in inference mode. Of the scores of each batch, what `keep` makes of them stays in memory. */
export async function evaluateSamples(
  engine: Pick<Engine, 'evaluate'>,
  samples: readonly Sample[],
  options: Pick<BatchOptions, 'size' | 'pixels' | 'cache' | 'signal'>,
  onBatch: (done: number) => void = () => undefined,
  keep: (batch: Batch, scores: Float32Array) => Float32Array = (_batch, scores) => scores,
): Promise<SampleScores> {
  const parts: Float32Array[] = [];
  let lossSum = 0;
  let done = 0;
  for await (const batch of batches(samples, options)) {
    const { loss, scores } = await engine.evaluate(batch);
    parts.push(keep(batch, scores));
    lossSum += loss * batch.size;
    done += batch.size;
    onBatch(done);
  }
  const scores = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    scores.set(part, at);
    at += part.length;
  }
  return { scores, loss: lossSum / Math.max(done, 1) };
}
