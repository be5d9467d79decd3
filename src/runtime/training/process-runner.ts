import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { InferenceSession } from 'onnxruntime-node';
import { UserError } from '../errors.ts';
import type { KeptPart, PlainTensors, Runner } from './graph-runner.mjs';
import { withHugePages } from './huge-pages.ts';
import { MessageReader, writtenMessage } from './messages.mjs';
import type { GraphFile } from './step-program.ts';

/** The process, with an input and an output to talk through, and the errors of this process. */
type Child = ChildProcessByStdio<Writable, Readable, null>;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Runs graphs in a process of its own: its memory is handed out as is best for them (see `huge-pages.ts`), what the compiler has
 * used is not held beside it, and where the system ends it for want of memory, somebody is left to say so. It writes no
 * files, and lives no longer than this process, however that ends.
 */
export class ProcessRunner implements Runner {
  readonly #child: Child;
  /** Answers come in the order of the requests. */
  readonly #waiting: Waiting[] = [];
  #end: Error | undefined;

  private constructor(child: Child) {
    this.#child = child;
    const answers = new MessageReader((answer) => this.#hear(answer as Answer));
    child.stdout.on('data', (piece: Buffer) => answers.push(piece));
    // Writing to a process that has ended: its end is told by 'close'.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => this.#fail(error));
    child.on('close', (code, signal) => this.#fail(endedBy(code, signal)));
    this.#mayEnd(true);
  }

  /** Starts the process; an error where ONNX Runtime cannot be loaded. `version` is that of the library. */
  static async start(
    sessionOptions: InferenceSession.SessionOptions,
  ): Promise<{ readonly runner: ProcessRunner; readonly version: string }> {
    const file = fileURLToPath(new URL('./runner-process.mjs', import.meta.url));
    const child = spawn(process.execPath, [file], {
      env: withHugePages(process.env),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const runner = new ProcessRunner(child);
    try {
      return { runner, version: await runner.#call<string>('start', sessionOptions) };
    } catch (error) {
      child.stdin.end();
      throw error;
    }
  }

  open(file: GraphFile): Promise<number> {
    return this.#call('open', file);
  }

  keep(tensors: PlainTensors): Promise<void> {
    return this.#call('keep', tensors);
  }

  kept(): Promise<PlainTensors> {
    return this.#call('kept');
  }

  step(graph: number, tensors: PlainTensors): Promise<PlainTensors> {
    return this.#call('step', graph, tensors);
  }

  evaluate(
    graph: number,
    tensors: PlainTensors,
    parts: readonly KeptPart[],
    outputs?: readonly string[],
  ): Promise<PlainTensors> {
    return this.#call('evaluate', graph, tensors, parts, outputs);
  }

  /** Ends the process, after what it was asked for before. */
  async close(): Promise<void> {
    if (this.#end === undefined) await this.#call('close');
    this.#child.stdin.end();
  }

  /** What comes back is of the type that the method of the same name has in `GraphRunner`, which answers there. */
  #call<T>(call: string, ...args: readonly unknown[]): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end);
        return;
      }
      this.#waiting.push({ resolve: (result) => resolve(result as T), reject });
      this.#mayEnd(false);
      for (const piece of writtenMessage({ call, args })) this.#child.stdin.write(piece);
    });
  }

  #hear({ result, failure }: Answer): void {
    const first = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#mayEnd(true);
    if (failure === undefined) first?.resolve(result);
    else first?.reject(new Error(failure));
  }

  #fail(error: Error): void {
    this.#end ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#end);
  }

  /** Whether this process may end while the other one lives: not as long as that owes an answer. */
  #mayEnd(may: boolean): void {
    const { stdin, stdout } = this.#child;
    for (const handle of [this.#child, stdin, stdout] as readonly Partial<Referenced>[]) {
      if (may) handle.unref?.();
      else handle.ref?.();
    }
  }
}

interface Answer {
  readonly result?: unknown;
  readonly failure?: string;
}

/** What keeps a process alive; the types of streams do not say that pipes are such. */
interface Referenced {
  ref(): void;
  unref(): void;
}

function endedBy(code: number | null, signal: NodeJS.Signals | null): Error {
  // What the system sends when it runs out of memory, and nobody else.
  if (signal === 'SIGKILL') {
    return new UserError(
      'R4009',
      'The system has ended the process that computes (SIGKILL), most likely for want of memory.',
      { remedy: 'Take a smaller --batch or a --memory-budget, or close what else needs memory.' },
    );
  }
  return new UserError('R4010', `The process that computes has ended (${signal ?? `exit code ${code}`}).`, {
    remedy: 'Resume the run from its last checkpoint with --resume; report it where it happens again.',
  });
}
