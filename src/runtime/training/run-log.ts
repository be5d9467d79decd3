import { open, type FileHandle } from 'node:fs/promises';
import { fromSystem } from '../system-errors.ts';

/**
 * A log of a run: a CSV file that grows row by row. It holds no times, so that a run which was interrupted and resumed
 * has the same bytes as one that was not.
 */
export class RunLog {
  readonly #file: FileHandle;
  readonly #path: string;
  #length: number;
  /** Rows that have not been written yet. */
  #pending = '';

  private constructor(file: FileHandle, path: string, length: number) {
    this.#file = file;
    this.#path = path;
    this.#length = length;
  }

  /** Opens a log and cuts off what stands behind `length`; starts it with its head where nothing is left. */
  static async open(path: string, columns: readonly string[], length: number): Promise<RunLog> {
    try {
      const file = await open(path, length === 0 ? 'w' : 'r+');
      await file.truncate(length);
      const log = new RunLog(file, path, length);
      if (length === 0) log.add(columns);
      return log;
    } catch (error) {
      throw fromSystem(error, path, 'write');
    }
  }

  /** How many bytes long the file is once all rows are written. */
  get length(): number {
    return this.#length + Buffer.byteLength(this.#pending);
  }

  /** Adds a row: numbers with all their digits, nothing for what is undefined. */
  add(cells: readonly (string | number | undefined)[]): void {
    this.#pending += `${cells.map((cell) => cell ?? '').join(',')}\n`;
  }

  /** Writes the rows; with `durable` they are on the disk afterwards. */
  async flush({ durable }: { readonly durable: boolean }): Promise<void> {
    const bytes = Buffer.from(this.#pending);
    this.#pending = '';
    try {
      await this.#file.write(bytes, 0, bytes.length, this.#length);
      this.#length += bytes.length;
      if (durable) await this.#file.sync();
    } catch (error) {
      throw fromSystem(error, this.#path, 'write');
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
