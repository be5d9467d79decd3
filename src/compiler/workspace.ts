import { CheckMemory } from './check/check-memory.ts';
import { compileWith, type Compilation, type CompileOptions } from './compile.ts';
import { ResolveMemory } from './resolve/resolve-memory.ts';

/**
 * Compiles one program again and again while its files change, as an editor or `--watch` does: an edit in a block checks
 * that block, and what depends on its signature. The results are those of {@link compile}; places in earlier results are
 * no longer true.
 */
export class Workspace {
  private readonly path: string;
  private readonly resolved = new ResolveMemory();
  private readonly checked = new CheckMemory();

  constructor(path: string) {
    this.path = path;
  }

  compile(options: CompileOptions): Compilation {
    return compileWith(this.resolved, this.checked, this.path, options);
  }
}
