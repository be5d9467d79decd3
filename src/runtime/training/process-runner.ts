import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { InferenceSession } from 'onnxruntime-node';
import { UserError } from '../errors.ts';
import { startProcess } from '../start-process.ts';
import { giveBackMemory } from './give-back-memory.mjs';
import { withHugePages } from './huge-pages.ts';
import { MessageReader, writtenMessage } from './messages.mjs';
import type { KeptPart, KeptTensors, PlainTensors, Runner } from './runner.ts';
import type { GraphFile } from './step-program.ts';

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
  readonly #child: ChildProcess;
  readonly #requests: Writable;
  /** Answers come in the order of the requests. */
  readonly #waiting: Waiting[] = [];
  readonly #closed: Promise<void>;
  /** Whether a graph was opened since the last step. */
  #hasOpened = false;
  /** Why nothing can be asked for any more. */
  #end: Error | undefined;

  private constructor(child: ChildProcess) {
    const { stdin, stdio } = child;
    const answers = stdio[3] as Readable | null | undefined;
    if (stdin === null || answers === null || answers === undefined) throw new Error('there are no pipes');
    this.#child = child;
    this.#requests = stdin;
    const reader = new MessageReader((answer) => this.#hear(answer as Answer));
    answers.on('data', (piece: Buffer) => {
      try {
        reader.push(piece);
      } catch (error) {
        // No memory for what is sent.
        this.#fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
    stdin.on('error', (error: NodeJS.ErrnoException) => {
      // A process that is not there any more has an end of its own to tell of.
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') this.#fail(error);
    });
    child.on('error', (error) => this.#fail(error));
    this.#closed = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        this.#fail(endedBy(code, signal));
        resolve();
      });
    });
    this.#mayEnd(true);
  }

  /** Starts the process; an error where ONNX Runtime cannot be loaded. `version` is that of the library. */
  static async start(
    sessionOptions: InferenceSession.SessionOptions,
  ): Promise<{ readonly runner: ProcessRunner; readonly version: string }> {
    const file = fileURLToPath(new URL('./runner-process.mjs', import.meta.url));
    const child = await startProcess(() =>
      spawn(process.execPath, [file], {
        env: withHugePages(process.env),
        // Requests; what libraries print, which is no output of ours; answers; and the life line, which is only held.
        stdio: ['pipe', 2, 2, 'pipe', 'pipe'],
        // Signals that a terminal sends to all in front of it mean this process, which knows what to do.
        detached: process.platform !== 'win32',
        windowsHide: true,
      }),
    );
    const runner = new ProcessRunner(child);
    try {
      return { runner, version: await runner.#call<string>('start', sessionOptions) };
    } catch (error) {
      await runner.close();
      throw error;
    }
  }

  /** Whether nothing can be asked for any more: it has been closed, or the process is gone. */
  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  async open(file: GraphFile): Promise<number> {
    const graph = await this.#call<number>('open', file);
    this.#hasOpened = true;
    return graph;
  }

  keep(tensors: KeptTensors): Promise<void> {
    return this.#call('keep', tensors);
  }

  kept(names: readonly string[]): Promise<PlainTensors> {
    return this.#call('kept', names);
  }

  async step(graph: number, tensors: PlainTensors): Promise<PlainTensors> {
    const results = await this.#call<PlainTensors>('step', graph, tensors);
    // By now nobody holds what the graph was made of.
    if (this.#hasOpened) giveBackMemory();
    this.#hasOpened = false;
    return results;
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
    this.#end ??= new Error('the runner is closed');
    this.#mayEnd(false);
    this.#requests.end();
    await this.#closed;
  }

  /** What comes back is of the type that the method of the same name has in `GraphRunner`, which answers there. */
  #call<T>(call: string, ...args: readonly unknown[]): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end);
        return;
      }
      const pieces = writtenMessage({ call, args });
      this.#waiting.push({ resolve: (result) => resolve(result as T), reject });
      this.#mayEnd(false);
      for (const piece of pieces) this.#requests.write(piece);
    });
  }

  #hear({ result, failure, stack }: Answer): void {
    const first = this.#waiting.shift();
    if (this.#waiting.length === 0 && this.#end === undefined) this.#mayEnd(true);
    if (failure === undefined) first?.resolve(result);
    else first?.reject(new Error(failure, { cause: stack }));
  }

  #fail(error: Error): void {
    this.#end ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#end);
  }

  /** Whether this process may end while the other one lives: not as long as that owes an answer. */
  #mayEnd(may: boolean): void {
    for (const handle of [this.#child, ...this.#child.stdio] as readonly (Partial<Referenced> | null)[]) {
      if (may) handle?.unref?.();
      else handle?.ref?.();
    }
  }
}

interface Answer {
  readonly result?: unknown;
  readonly failure?: string;
  /** Where the failure comes from. */
  readonly stack?: string;
}

/** What keeps a process alive; the types of streams do not say that pipes are such. */
interface Referenced {
  ref(): void;
  unref(): void;
}

function endedBy(code: number | null, signal: NodeJS.Signals | null): Error {
  // An end that was asked for is not looked at; else this is what the system sends when it runs out of memory.
  if (signal === 'SIGKILL') {
    return new UserError(
      'R4009',
      'The system has ended the process that computes (SIGKILL), most likely for want of memory.',
      {
        remedy:
          'Close what else needs memory and go on with --resume, with a --memory-budget where that is not enough; or start anew with a smaller --batch.',
      },
    );
  }
  return new UserError('R4010', `The process that computes has ended (${signal ?? `exit code ${code}`}).`, {
    remedy: 'Go on from the last checkpoint with --resume; report it where it happens again.',
  });
}
