import { fixAt, type DiagnosticDetails } from '../diagnostics/diagnostic.ts';
import type { ResolvedModule } from '../resolve/program.ts';

/**
 * How to get at a name that is declared by a file from which other names are imported: the import can have it, too.
 * Undefined where no such file declares it.
 */
export function missingImport(module: ResolvedModule, name: string): DiagnosticDetails | undefined {
  for (const declaration of module.unit.declarations) {
    if (declaration.kind !== 'ImportDecl') continue;
    const last = declaration.names.at(-1);
    const isDeclaredThere = declaration.names.some(({ name: imported, alias }) => {
      const entity = module.names.get((alias ?? imported).text);
      return entity !== undefined && entity.kind !== 'poison' && entity.module.own.has(name);
    });
    if (last === undefined || !isDeclaredThere) continue;
    const path = declaration.from.value;
    return {
      help: `import it: "${path}" declares it`,
      fix: fixAt(`Import \`${name}\` from "${path}"`, last.span.after, `, ${name}`),
    };
  }
  return undefined;
}
