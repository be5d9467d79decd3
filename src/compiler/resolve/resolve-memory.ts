import { SourceFile } from '../source/source-file.ts';
import type { BlockDecl, Declaration, LabelsDecl, ModelDecl, SourceUnit, TrainDecl } from '../syntax/ast.ts';
import { parse, type ParseResult } from '../syntax/parse.ts';
import type { BlockEntity, Entity, LabelsEntity, ModelEntity, ResolvedModule } from './program.ts';

interface ReadFile {
  readonly source: SourceFile;
  readonly result: ParseResult;
}

/**
 * What stays of a resolution for the next one, after an edit: the pieces of each file, its module, and what its names
 * stand for. A block that was edited is the same block, with another declaration; whoever holds on to it sees the new one.
 */
export class ResolveMemory {
  private readonly files = new Map<string, ReadFile>();
  private readonly modules = new Map<string, LivingModule>();

  parse(path: string, text: string): ReadFile {
    const before = this.files.get(path);
    if (before?.source.isOf(text) === true) return before;
    const source = new SourceFile(path, text);
    const file = { source, result: parse(source, before?.result.pieces) };
    this.files.set(path, file);
    return file;
  }

  /** The module of a file, its tables empty. */
  module(path: string, source: SourceFile, unit: SourceUnit): LivingModule {
    const known = this.modules.get(path) ?? new LivingModule(path, source, unit);
    known.renew(source, unit);
    this.modules.set(path, known);
    return known;
  }
}

class LivingModule implements ResolvedModule {
  readonly path: string;
  source: SourceFile;
  unit: SourceUnit;
  readonly names = new Map<string, Entity>();
  readonly own = new Map<string, Declaration>();
  readonly trains: TrainDecl[] = [];
  private readonly blocks = new Map<string, BlockEntity & { decl: BlockDecl }>();

  constructor(path: string, source: SourceFile, unit: SourceUnit) {
    this.path = path;
    this.source = source;
    this.unit = unit;
  }

  renew(source: SourceFile, unit: SourceUnit): void {
    this.source = source;
    this.unit = unit;
    this.names.clear();
    this.own.clear();
    this.trains.length = 0;
  }

  labels(decl: LabelsDecl): LabelsEntity {
    return { kind: 'labels', decl, module: this };
  }

  model(decl: ModelDecl): ModelEntity {
    return { kind: 'model', decl, module: this };
  }

  block(decl: BlockDecl): BlockEntity {
    const name = decl.name.text;
    const known = this.blocks.get(name);
    if (known !== undefined) {
      known.decl = decl;
      return known;
    }
    const block = { kind: 'block' as const, decl, module: this };
    this.blocks.set(name, block);
    return block;
  }
}
