import type { SourceReader } from '../compiler/source/reader.ts';

/** What the server asks of the machine it runs on. */
export interface ServerHost {
  /** The project that a file belongs to, whether the file is on the disk yet or not. */
  projectOf(file: string): HostProject;
}

/** A folder whose sources may import each other; paths of the compiler are relative to it, with `/`. */
export interface HostProject {
  /** Absolute. */
  readonly root: string;
  /** The path of the file that was asked about, as the compiler knows it. */
  readonly entry: string;
  /** Reads the disk. */
  readonly reader: SourceReader;
  /** Every source of the project, by its path as the compiler knows it. */
  sources(): readonly string[];
}
