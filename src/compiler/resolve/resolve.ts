import { errorAt, fixAt, type Diagnostic, type DiagnosticDetails } from '../diagnostics/diagnostic.ts';
import { firstErrors } from '../diagnostics/first-errors.ts';
import type { SourceReader } from '../source/reader.ts';
import type { SourceFile } from '../source/source-file.ts';
import { Span } from '../source/span.ts';
import type { ImportDecl } from '../syntax/ast.ts';
import { closest } from '../diagnostics/closest.ts';
import { suggest } from '../diagnostics/did-you-mean.ts';
import type { Entity, ResolvedModule, ResolvedProgram } from './program.ts';
import { ResolveMemory } from './resolve-memory.ts';

export interface Resolution {
  readonly program: ResolvedProgram | undefined;
  readonly sources: ReadonlyMap<string, SourceFile>;
  readonly diagnostics: readonly Diagnostic[];
}

/** How many files a program may have, and how deep their imports may nest. */
const MAX_FILES = 1000;
const MAX_DEPTH = 100;

/** The path of an import, relative to the file that imports it; `..` may lead out of the project, the reader decides. */
export function joinPath(from: string, relative: string): string {
  const parts = relative.startsWith('/') ? [] : from.split('/').slice(0, -1);
  const absolute = from.startsWith('/') || relative.startsWith('/');
  for (const part of relative.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..' && parts.at(-1) !== '') parts.pop();
    else parts.push(part);
  }
  const joined = parts.filter((part, i) => part !== '' || i === 0).join('/');
  return absolute && !joined.startsWith('/') ? `/${joined}` : joined;
}

/**
 * Reads a file and all that it imports, and ties names to their declarations. With the memory of an earlier resolution,
 * declarations that are the same stay the same objects.
 */
export function resolve(path: string, reader: SourceReader, memory = new ResolveMemory()): Resolution {
  const resolver = new Resolver(reader, memory);
  const root = resolver.load(path, undefined);
  const program =
    root === undefined
      ? undefined
      : { root, modules: [...resolver.finished.values()], sources: resolver.sources };
  return { program, sources: resolver.sources, diagnostics: firstErrors(resolver.diagnostics) };
}

class Resolver {
  readonly diagnostics: Diagnostic[] = [];
  readonly sources = new Map<string, SourceFile>();
  readonly finished = new Map<string, ResolvedModule>();
  private readonly failed = new Set<string>();
  /** Files being loaded, outermost first: a path that is in here already is a cycle. */
  private readonly loading: string[] = [];
  private isTooLarge = false;
  private readonly reader: SourceReader;
  private readonly memory: ResolveMemory;

  constructor(reader: SourceReader, memory: ResolveMemory) {
    this.reader = reader;
    this.memory = memory;
  }

  load(path: string, importedAt: Span | undefined): ResolvedModule | undefined {
    const known = this.finished.get(path);
    if (known !== undefined || this.failed.has(path)) return known;
    const place = importedAt ?? Span.startOf(path);
    if (this.loading.includes(path)) {
      const cycle = [...this.loading.slice(this.loading.indexOf(path)), path].join(' -> ');
      this.diagnostics.push(
        errorAt('N2004', place, `the imports form a cycle`, {
          notes: [cycle],
          help: 'move what both files need into a third',
        }),
      );
      return undefined;
    }
    if (this.loading.length >= MAX_DEPTH) {
      return this.refuse(path, errorAt('N6003', place, `imports are nested more than ${MAX_DEPTH} deep`));
    }
    if (this.sources.size >= MAX_FILES) {
      return this.refuse(path, errorAt('N6001', place, `the program has more than ${MAX_FILES} files`));
    }
    const text = this.read(path, place);
    if (text === undefined) {
      this.failed.add(path);
      return undefined;
    }
    const { source, result } = this.memory.parse(path, text);
    this.sources.set(path, source);
    const { unit, diagnostics, isRefused } = result;
    for (const diagnostic of diagnostics) this.diagnostics.push(diagnostic);
    if (isRefused) {
      this.failed.add(path);
      return undefined;
    }
    this.loading.push(path);
    const module = this.tie(path, source, unit);
    this.loading.pop();
    this.finished.set(path, module);
    return module;
  }

  /** Said of the first file that is too much. */
  private refuse(path: string, diagnostic: Diagnostic): undefined {
    if (!this.isTooLarge) this.diagnostics.push(diagnostic);
    this.isTooLarge = true;
    this.failed.add(path);
    return undefined;
  }

  /** What to do about a path that leads nowhere: most often its ending was left out. */
  private fileMeant(path: string, place: Span): DiagnosticDetails {
    const whole = `${path}.net`;
    if (this.reader.read(whole).kind !== 'text')
      return { help: 'paths are relative to the file that imports' };
    const quote = place.elsewhere(place.end - 1, place.end);
    return { help: `did you mean ${whole}?`, fix: fixAt('Write `.net` behind it', quote.before, '.net') };
  }

  private read(path: string, place: Span): string | undefined {
    const result = this.reader.read(path);
    switch (result.kind) {
      case 'text':
        return result.text;
      case 'missing':
        this.diagnostics.push(
          errorAt('N2003', place, `there is no file ${path}`, this.fileMeant(path, place)),
        );
        return undefined;
      case 'outside':
        this.diagnostics.push(
          errorAt('N2005', place, `${path} lies outside the project`, {
            help: 'copy the file into the project; a source reads nothing outside its own folder tree',
          }),
        );
        return undefined;
      case 'unreadable':
        this.diagnostics.push(errorAt('N2006', place, `${path} cannot be read: ${result.reason}`));
        return undefined;
    }
  }

  private tie(path: string, source: SourceFile, unit: ResolvedModule['unit']): ResolvedModule {
    const places = new Map<string, Span>();
    /** What misspelt imports most likely meant: the rest of the file spells it right, which is no second mistake. */
    const meant: string[] = [];
    const module = this.memory.module(path, source, unit);
    const { names, own, trains } = module;

    const declare = (name: string, span: Span, entity: () => Entity): void => {
      const first = places.get(name);
      if (first !== undefined) {
        this.diagnostics.push(
          errorAt('N2002', span, `\`${name}\` is declared twice`, {
            related: [{ span: first, message: 'first declared here' }],
            help: 'rename one of them',
          }),
        );
        return;
      }
      places.set(name, span);
      names.set(name, entity());
    };

    for (const decl of unit.declarations) {
      switch (decl.kind) {
        case 'ImportDecl':
          for (const [name, span, entity] of this.imported(path, decl, meant))
            declare(name, span, () => entity);
          break;
        case 'LabelsDecl':
          own.set(decl.name.text, decl);
          declare(decl.name.text, decl.name.span, () => module.labels(decl));
          break;
        case 'BlockDecl':
          own.set(decl.name.text, decl);
          declare(decl.name.text, decl.name.span, () => module.block(decl));
          break;
        case 'ModelDecl':
          own.set(decl.name.text, decl);
          declare(decl.name.text, decl.name.span, () => module.model(decl));
          break;
        case 'TrainDecl':
          trains.push(decl);
          break;
      }
    }
    for (const name of meant) if (!names.has(name)) names.set(name, { kind: 'poison' });
    return module;
  }

  private imported(path: string, decl: ImportDecl, meant: string[]): [string, Span, Entity][] {
    const target = this.load(joinPath(path, decl.from.value), decl.from.span);
    return decl.names.map(({ name, alias }): [string, Span, Entity] => {
      const local = alias ?? name;
      if (target === undefined) return [local.text, local.span, { kind: 'poison' }];
      const entity = target.own.has(name.text) ? target.names.get(name.text) : undefined;
      if (entity === undefined) {
        const near = closest(name.text, target.own.keys());
        if (near !== undefined && alias === undefined) meant.push(near);
        const details = suggest(name.text, name.span, target.own.keys());
        this.diagnostics.push(
          errorAt('N2007', name.span, `${target.path} declares no \`${name.text}\``, details),
        );
        return [local.text, local.span, { kind: 'poison' }];
      }
      return [local.text, local.span, entity];
    });
  }
}
