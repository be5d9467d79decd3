import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { csvLine } from '../csv.ts';
import { fromSystem } from '../system-errors.ts';

/**
 * A log of a run: a CSV file that grows row by row. It holds no times, so that a run which was interrupted and resumed
 * has the same bytes as one that was not.
 */
export class RunLog {
  readonly #file: FileHandle;
  readonly #path: string;
  #length: number;
  /** Whether all was there that should have been: false for a log that was removed, shortened or edited meanwhile. */
  readonly isWhole: boolean;
  /** Rows that have not been written yet. */
  #pending = '';

  private constructor(file: FileHandle, path: string, length: number, isWhole: boolean) {
    this.#file = file;
    this.#path = path;
    this.#length = length;
    this.isWhole = isWhole;
  }

  /**
   * Opens a log and cuts off what stands behind `length`; starts it with its head where nothing is left. Of a log in
   * which no row ends there, the whole rows before it stay.
   */
  static async open(path: string, columns: readonly string[], length: number): Promise<RunLog> {
    let file: FileHandle | undefined;
    try {
      file = await open(path, constants.O_RDWR | constants.O_CREAT);
      const kept = await endOfRow(file, length);
      await file.truncate(kept);
      const log = new RunLog(file, path, kept, kept === length);
      if (kept === 0) log.add(columns);
      return log;
    } catch (error) {
      await file?.close();
      throw fromSystem(error, path, 'write');
    }
  }

  /** How many bytes long the file is once all rows are written. */
  get length(): number {
    return this.#length + Buffer.byteLength(this.#pending);
  }

  /** Adds a row: numbers with all their digits, nothing for what is undefined. */
  add(cells: readonly (string | number | undefined)[]): void {
    this.#pending += `${csvLine(cells)}\n`;
  }

  /** Writes the rows; with `durable` they are on the disk afterwards. */
  async flush({ durable }: { readonly durable: boolean }): Promise<void> {
    const bytes = Buffer.from(this.#pending);
    this.#pending = '';
    try {
      for (let done = 0; done < bytes.length;) {
        // A disk that is nearly full takes less than it is given, and says so at the next write.
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#length);
        this.#length += bytesWritten;
        done += bytesWritten;
      }
      if (durable) await this.#file.sync();
    } catch (error) {
      throw fromSystem(error, this.#path, 'write');
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** The end of the last row that ends at `length` or before. */
async function endOfRow(file: FileHandle, length: number): Promise<number> {
  const content = (await file.readFile()).subarray(0, length);
  return content.lastIndexOf('\n') + 1;
}
