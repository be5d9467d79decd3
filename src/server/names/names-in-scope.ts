import { builtins } from '../../compiler/check/global-names.ts';
import { surfaceOps } from '../../compiler/ops/registry.ts';
import type { BlockEntity, Entity, ResolvedModule } from '../../compiler/resolve/program.ts';
import type { Declaration, Name } from '../../compiler/syntax/ast.ts';
import type { Occurrence, Symbol } from './occurrence.ts';

export type LocalKind = 'hyper' | 'input' | 'size' | 'variable' | 'axis';

/**
 * The names that are bound at the place at hand of a declaration. Who walks it says of each name whether it is bound,
 * used, or an axis there; from that follows what the name stands for.
 */
export class NamesInScope {
  /** The names so far that stand for something. */
  readonly found: Occurrence[] = [];
  private readonly module: ResolvedModule;
  private readonly declaration: Declaration;
  /** Innermost last. */
  private readonly scopes: Map<string, LocalKind>[] = [new Map<string, LocalKind>()];

  constructor(module: ResolvedModule, declaration: Declaration) {
    this.module = module;
    this.declaration = declaration;
  }

  // ------------------------------------------------------------ scopes

  /** From here on names are bound further inside. */
  open(): void {
    this.scopes.push(new Map());
  }

  /** The names that a body of its own binds are not known behind it, unless they were before. */
  within(run: () => void): void {
    this.open();
    run();
    this.scopes.pop();
  }

  /** In a `train`: a name that its model binds. */
  bindOutside(text: string): void {
    this.scopes[0]?.set(text, 'variable');
  }

  /** What a name is bound as; undefined where the declaration does not bind it. */
  kindOf(name: string): LocalKind | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const kind = this.scopes[i]?.get(name);
      if (kind !== undefined) return kind;
    }
    return undefined;
  }

  // ------------------------------------------------------------ names

  /** A name of anything, local or not. */
  use(name: Name): void {
    if (this.kindOf(name.text) !== undefined) return this.local(name, false);
    const entity = this.module.names.get(name.text);
    if (entity !== undefined) return this.global(name, entity);
    if (surfaceOps.has(name.text)) {
      this.add(name, { kind: 'operation', key: `operation ${name.text}`, op: name.text });
    } else if (builtins.has(name.text)) this.add(name, { kind: 'function', key: `function ${name.text}` });
  }

  /** A name that is bound from here on; to assign it again keeps it what it is. */
  bind(name: Name, kind: LocalKind): void {
    if (this.kindOf(name.text) === undefined || kind !== 'variable') this.scopes.at(-1)?.set(name.text, kind);
    this.local(name, true);
  }

  local(name: Name, isDefinition: boolean): void {
    const kind = this.kindOf(name.text);
    if (kind === undefined) return;
    const owner = this.ownerOf(name.text);
    const key = localKey(this.module.path, owner, name.text);
    this.add(
      name,
      { kind: kind === 'axis' ? 'hyper' : kind, key, owner, path: this.module.path },
      isDefinition,
    );
  }

  /** In a `train`, what it does not bind itself belongs to its model. */
  private ownerOf(name: string): Declaration {
    if (this.declaration.kind !== 'TrainDecl' || this.scopes.slice(1).some((scope) => scope.has(name))) {
      return this.declaration;
    }
    const model = this.module.names.get(this.declaration.model.text);
    return model?.kind === 'model' ? model.decl : this.declaration;
  }

  /** A name of an axis, which is one and the same in the whole declaration. */
  axis(name: Name, isDefinition = false): void {
    const owner = this.declaration;
    const key = `axis ${localKey(this.module.path, owner, name.text)}`;
    this.add(name, { kind: 'axis', key, owner, path: this.module.path }, isDefinition);
  }

  /** A name of something that a file declares. */
  global(name: Name, entity: Entity, isDefinition = false): void {
    if (entity.kind === 'poison') return;
    const own = entity.decl.name.text;
    if (own !== name.text && !isDefinition) return this.add(name, this.aliasOf(name.text, entity));
    this.add(name, { kind: entity.kind, key: `global ${entity.module.path}#${own}`, entity }, isDefinition);
  }

  aliasOf(text: string, entity: Entity): Symbol {
    return { kind: 'alias', key: `alias ${this.module.path}#${text}`, entity };
  }

  add(name: Name, symbol: Symbol, isDefinition = false): void {
    this.found.push({ name, symbol, isDefinition });
  }
}

function localKey(path: string, owner: Declaration, name: string): string {
  const of =
    owner.kind === 'TrainDecl' ? `train ${owner.model.text}` : 'name' in owner ? owner.name.text : '';
  return `local ${path}#${of}.${name}`;
}

/** What a block declares, seen from a call of it. */
export function localSymbol(
  kind: 'hyper' | 'input',
  { decl, module: { path } }: BlockEntity,
  name: string,
): Symbol {
  return { kind, key: localKey(path, decl, name), owner: decl, path };
}
