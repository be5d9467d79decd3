import { fileURLToPath } from 'node:url';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { SourceFile } from '../compiler/source/source-file.ts';
import type { CheckedDocument } from './checked-document.ts';
import type { ServerHost } from './host.ts';
import { ProjectNames } from './names/project-names.ts';
import { Project } from './project.ts';

interface OpenDocument {
  readonly uri: string;
  readonly path: string;
  readonly project: Project;
  version: number;
  /** Undefined when something that it reads has changed since. */
  checked: CheckedDocument | undefined;
}

/**
 * The open documents, each checked as the root of a program of its own. A document is checked when somebody asks, and
 * again when it, or a file that its program reads or looked for, has changed.
 */
export class Session {
  private readonly host: ServerHost;
  private readonly projects = new Map<string, Project>();
  private readonly documents = new Map<string, OpenDocument>();
  private readonly names = new WeakMap<Project, ProjectNames>();

  constructor(host: ServerHost) {
    this.host = host;
  }

  /** Takes the text of a document, new or changed. Documents that are not files are not checked. */
  change(document: TextDocument): void {
    const open = this.documents.get(document.uri) ?? this.open(document.uri);
    if (open === undefined) return;
    open.version = document.version;
    open.project.cover(open.path, document.uri, document.getText());
    this.forget(open.project, open.path);
  }

  close(uri: string): void {
    const open = this.documents.get(uri);
    if (open === undefined) return;
    this.documents.delete(uri);
    open.project.uncover(open.path);
    if (open.project.isUnused) this.projects.delete(open.project.root);
    this.forget(open.project, open.path);
  }

  /** Files have changed on the disk. */
  changeOnDisk(uris: readonly string[]): void {
    for (const uri of uris) {
      const file = toFile(uri);
      if (file === undefined) continue;
      for (const project of this.projects.values()) this.forget(project, project.pathOf(file));
    }
  }

  /** The documents that have to be checked again. */
  stale(): readonly string[] {
    return [...this.documents.values()].filter(({ checked }) => checked === undefined).map(({ uri }) => uri);
  }

  /** All documents, checked. */
  all(): readonly CheckedDocument[] {
    return [...this.documents.keys()].flatMap((uri) => this.checked(uri) ?? []);
  }

  /** A document as it is now; undefined for one that is not open or no file. */
  checked(uri: string): CheckedDocument | undefined {
    const open = this.documents.get(uri);
    if (open === undefined) return undefined;
    return (open.checked ??= check(open));
  }

  openProjects(): readonly Project[] {
    return [...this.projects.values()];
  }

  /** What names mean in all files of a document's project. */
  namesOf({ project }: CheckedDocument): ProjectNames {
    let names = this.names.get(project);
    if (names === undefined) this.names.set(project, (names = new ProjectNames(project)));
    return names;
  }

  private open(uri: string): OpenDocument | undefined {
    const file = toFile(uri);
    if (file === undefined) return undefined;
    const found = this.host.projectOf(file);
    const project = this.projects.get(found.root) ?? new Project(found);
    this.projects.set(found.root, project);
    const document = {
      uri,
      path: found.entry,
      project,
      version: 0,
      checked: undefined,
    };
    this.documents.set(uri, document);
    return document;
  }

  private forget(project: Project, path: string): void {
    for (const open of this.documents.values()) {
      if (open.project !== project || open.checked === undefined) continue;
      const { sources, diagnostics } = open.checked.compilation;
      // A file that was missing is in no list of sources; that it is missing was said.
      const waits = diagnostics.some(({ code }) => code === 'N2003' || code === 'N2006');
      if (waits || sources.has(path) || open.path === path) open.checked = undefined;
    }
  }
}

function check({ uri, version, path, project }: OpenDocument): CheckedDocument {
  const compilation = project.workspace.compile(path, { reader: project.reader });
  const source = compilation.sources.get(path) ?? new SourceFile(path, '');
  const module = compilation.program?.root;
  return { uri, version, path, project, source, compilation, module };
}

function toFile(uri: string): string | undefined {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined;
  }
}
