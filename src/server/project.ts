import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ReadResult, SourceReader } from '../compiler/source/reader.ts';
import { Workspace } from '../compiler/workspace.ts';
import type { HostProject } from './host.ts';

/** A project as the editor shows it: its files on the disk, covered by the documents that are open. */
export class Project {
  readonly root: string;
  readonly reader: SourceReader;
  readonly workspace = new Workspace();
  private readonly host: HostProject;
  private readonly open = new Map<string, { readonly uri: string; text: string }>();

  constructor(host: HostProject) {
    this.host = host;
    this.root = host.root;
    this.reader = { read: (path) => this.read(path) };
  }

  /** Sets the text of an open document. */
  cover(path: string, uri: string, text: string): void {
    this.open.set(path, { uri, text });
  }

  uncover(path: string): void {
    this.open.delete(path);
  }

  get isUnused(): boolean {
    return this.open.size === 0;
  }

  /** The address of a file: the client's own where it is open. */
  uriOf(path: string): string {
    return this.open.get(path)?.uri ?? pathToFileURL(join(this.root, path)).href;
  }

  /** The path of a file as the compiler knows it. */
  pathOf(file: string): string {
    return relative(this.root, file).split(sep).join('/');
  }

  /** Every source: those on the disk and those that are only open. */
  sources(): readonly string[] {
    return [...new Set([...this.host.sources(), ...this.open.keys()])].sort();
  }

  private read(path: string): ReadResult {
    const document = this.open.get(path);
    return document === undefined ? this.host.reader.read(path) : { kind: 'text', text: document.text };
  }
}
