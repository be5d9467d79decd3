import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { median } from '../row.ts';

interface Answer {
  readonly ms?: number;
  readonly memory?: number;
}

/** A process that takes a step for each line that it is given. */
export class Stepper {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #times: number[] = [];
  memory = 0;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    if (child.stdout === null) throw new Error('a stepper has no output');
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Waits until it is ready. */
  static async start(
    name: string,
    file: string,
    args: readonly (string | number)[],
    { root, env }: { readonly root: string; readonly env: NodeJS.ProcessEnv },
  ): Promise<Stepper> {
    const child = spawn(file, args.map(String), { cwd: root, env, stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child, 'spawn');
    const stepper = new Stepper(name, child);
    await stepper.#answer();
    return stepper;
  }

  async step(counts: boolean): Promise<void> {
    this.#child.stdin?.write('\n');
    const { ms = NaN, memory = NaN } = await this.#answer();
    this.memory = memory;
    if (counts) this.#times.push(ms);
  }

  /** Milliseconds of a step. */
  get time(): number {
    return median(this.#times);
  }

  stop(): void {
    this.#child.kill();
  }

  async #answer(): Promise<Answer> {
    const answer = await this.#answers.next();
    if (answer.done === true) throw new Error(`${this.name} has ended`);
    return JSON.parse(answer.value) as Answer;
  }
}
