import type { BlockDecl, Declaration, LabelsDecl, ModelDecl, SourceUnit, TrainDecl } from '../syntax/ast.ts';
import type { SourceFile } from '../source/source-file.ts';
import type { Span } from '../source/span.ts';

/** What a name at the top of a file stands for. */
export type Entity =
  | { readonly kind: 'block'; readonly decl: BlockDecl; readonly module: ResolvedModule }
  | { readonly kind: 'labels'; readonly decl: LabelsDecl; readonly module: ResolvedModule }
  | { readonly kind: 'model'; readonly decl: ModelDecl; readonly module: ResolvedModule }
  /** A name whose declaration could not be found; complained about already. */
  | { readonly kind: 'poison' };

export type BlockEntity = Extract<Entity, { kind: 'block' }>;
export type LabelsEntity = Extract<Entity, { kind: 'labels' }>;
export type ModelEntity = Extract<Entity, { kind: 'model' }>;

/** One file with every name that its top level can see, imports included. */
export interface ResolvedModule {
  readonly path: string;
  readonly source: SourceFile;
  readonly unit: SourceUnit;
  readonly names: ReadonlyMap<string, Entity>;
  /** The names that the file itself declares: what others may import. */
  readonly own: ReadonlyMap<string, Declaration>;
  readonly trains: readonly TrainDecl[];
}

/** All files of a compilation. `modules` has imported files before those that import them; the last is the root. */
export interface ResolvedProgram {
  readonly root: ResolvedModule;
  readonly modules: readonly ResolvedModule[];
  readonly sources: ReadonlyMap<string, SourceFile>;
}

export interface Declared {
  readonly entity: Entity;
  readonly span: Span;
}
