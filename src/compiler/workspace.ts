import { CheckMemory } from './check/check-memory.ts';
import { compileWith, type Compilation, type CompileOptions } from './compile.ts';
import { ResolveMemory } from './resolve/resolve-memory.ts';

/**
 * Compiles programs of one project again and again while files change, as an editor or `--watch` does: an edit in a block
 * checks that block, and what depends on its signature; what programs have in common is checked once. The results are
 * those of {@link compile}; places in earlier results move with the text, and those in what was edited are no longer true.
 */
export class Workspace {
  private readonly resolved = new ResolveMemory();
  private readonly checked = new CheckMemory(true);

  compile(path: string, options: CompileOptions): Compilation {
    return compileWith(this.resolved, this.checked, path, options);
  }
}
