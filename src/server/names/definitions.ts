import type { Span } from '../../compiler/source/span.ts';
import type { ResolvedModule } from '../../compiler/resolve/program.ts';
import type { Declaration, HyperDecl, Name } from '../../compiler/syntax/ast.ts';
import type { Occurrence } from './occurrence.ts';
import { occurrencesOf } from './occurrences.ts';

/** Where what a name stands for is declared or, for a name in a body, was bound last before; undefined for operations. */
export function definitionOf(module: ResolvedModule, occurrence: Occurrence): Span | undefined {
  const { symbol, name } = occurrence;
  switch (symbol.kind) {
    case 'block':
    case 'model':
    case 'labels':
    case 'alias':
      return symbol.entity.kind === 'poison' ? undefined : symbol.entity.decl.name.span;
    case 'hyper':
    case 'input':
    case 'size':
    case 'variable':
      return symbol.path === module.path && module.unit.declarations.includes(symbol.owner)
        ? boundBefore(module, symbol.owner, symbol.key, name)
        : parameterOf(symbol.owner, name.text)?.span;
    case 'axis':
      return occurrencesOf(module, symbol.owner).find((other) => other.symbol.key === symbol.key)?.name.span;
    case 'operation':
    case 'argument':
    case 'function':
    case 'setting':
    case 'choice':
      return undefined;
  }
}

function boundBefore(module: ResolvedModule, owner: Declaration, key: string, use: Name): Span | undefined {
  const bound = occurrencesOf(module, owner).filter(
    (other) => other.isDefinition && other.symbol.key === key,
  );
  const before = bound.findLast(({ name }) => name.span.start <= use.span.start);
  return (before ?? bound[0])?.name.span;
}

/** The hyper-parameter or input of a declaration in another file. */
function parameterOf(owner: Declaration, name: string): Name | undefined {
  if (owner.kind !== 'BlockDecl' && owner.kind !== 'ModelDecl') return undefined;
  const hypers: readonly HyperDecl[] = owner.hypers;
  const named = [...hypers, ...(owner.kind === 'BlockDecl' ? owner.inputs : [])];
  return named.find((parameter) => parameter.name.text === name)?.name;
}
