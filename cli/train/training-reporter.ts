import type { Progress } from '../../src/runtime/training/checkpoint.ts';
import type { EpochEvent, Reporter, StepEvent } from '../../src/runtime/training/train.ts';
import type { LiveLine } from '../live-line.ts';
import type { Terminal } from '../terminal.ts';

/** Tells a person how training goes: a line that changes, and one that stays for each epoch. */
export class TrainingReporter implements Reporter {
  readonly #terminal: Terminal;
  readonly #line: LiveLine;
  readonly #epochs: number;
  /** As AUC or Dice. */
  readonly #title: string;
  #mean: number | undefined;
  #epochStart = performance.now();
  #samples = 0;

  constructor(terminal: Terminal, line: LiveLine, epochs: number, title: string) {
    this.#terminal = terminal;
    this.#line = line;
    this.#epochs = epochs;
    this.#title = title;
  }

  begun(): void {
    this.#terminal.err('There is no checkpoint to resume from: the run starts at its beginning.');
  }

  resumed({ step, epoch }: Progress, changes: readonly string[], lostLogs: readonly string[]): void {
    this.#terminal.err(`Resumed after step ${step}, in epoch ${epoch + 1}.`);
    if (changes.length > 0)
      this.#terminal.err(
        `warning: not bit for bit what it would have been, since these have changed: ${changes.join('; ')}`,
      );
    for (const name of lostLogs)
      this.#terminal.err(
        `warning: ${name} was removed, cut or edited; rows from before this step are missing`,
      );
  }

  step({ step, steps, epoch, meanLoss, samples }: StepEvent): void {
    this.#samples += samples;
    const mean = this.#mean === undefined ? '' : `  ${this.#title} ${this.#mean.toFixed(3)}`;
    this.#line.update(
      'training, step',
      step,
      steps,
      'steps',
      `epoch ${epoch + 1}/${this.#epochs}  loss ${meanLoss.toFixed(5)}${mean}`,
    );
  }

  validating(done: number, samples: number): void {
    this.#line.update('validating', done, samples, 'images');
  }

  epoch({ epoch, step, trainLoss, validationLoss, validation, isBest }: EpochEvent): void {
    this.#line.clear();
    this.#mean = validation.mean;
    const seconds = (performance.now() - this.#epochStart) / 1000;
    const mean =
      this.#mean === undefined
        ? `${this.#title} undefined`
        : `${this.#title} ${this.#mean.toFixed(4)} of ${validation.classes}`;
    const cells = [
      `epoch ${epoch + 1}/${this.#epochs}`,
      `step ${step}`,
      `loss ${trainLoss.toFixed(5)}`,
      `validation loss ${validationLoss.toFixed(5)}`,
      mean,
      `${(this.#samples / seconds).toFixed(1)} images/s`,
      ...(isBest ? ['best'] : []),
    ];
    this.#terminal.err(cells.join('  '));
    this.#epochStart = performance.now();
    this.#samples = 0;
  }
}
