import { MarkupKind, type Hover, type Position } from 'vscode-languageserver';
import { describe, type Val } from '../compiler/check/value.ts';
import { surfaceOps } from '../compiler/ops/registry.ts';
import type { SurfaceOp } from '../compiler/ops/surface-op.ts';
import { operationSignature } from '../compiler/reference/operation-signature.ts';
import type { Entity } from '../compiler/resolve/program.ts';
import type { Span } from '../compiler/source/span.ts';
import type { Declaration } from '../compiler/syntax/ast.ts';
import { documentationOf, headOf } from './block-text.ts';
import type { CheckedDocument } from './checked-document.ts';
import { costText } from './costs.ts';
import { definitionOf } from './names/definitions.ts';
import type { Occurrence, Symbol } from './names/occurrence.ts';
import { occurrencesAt } from './names/occurrences.ts';
import { toOffset, toRange } from './positions.ts';
import { shapeOf } from './shape-of.ts';

/** What is known of what stands at a position: shape, cost, signature, documentation. */
export function hover(document: CheckedDocument, position: Position): Hover | null {
  const { module, source } = document;
  if (module === undefined) return null;
  const found = occurrencesAt(module, toOffset(source, position));
  const parts = found.flatMap((occurrence) => textOf(document, occurrence) ?? []);
  const [first] = found;
  if (first === undefined || parts.length === 0) return null;
  return {
    contents: { kind: MarkupKind.Markdown, value: parts.join('\n\n---\n\n') },
    range: toRange(source, first.name.span),
  };
}

function textOf(document: CheckedDocument, occurrence: Occurrence): string | undefined {
  const { symbol, name } = occurrence;
  switch (symbol.kind) {
    case 'block':
    case 'model':
    case 'labels':
    case 'alias':
      return ofEntity(symbol.entity);
    case 'operation':
      return ofOperation(surfaceOps.get(symbol.op));
    case 'argument':
      return ofArgument(surfaceOps.get(symbol.op), name.text);
    case 'hyper':
    case 'input':
    case 'size':
    case 'variable':
      return ofLocal(document, occurrence, symbol);
    case 'axis':
      return fenced(`${name.text}: axis`);
    case 'function':
      return `${fenced(`${name.text}(a: int, b: int) -> int`)}\n\nDivides and rounds ${name.text === 'ceildiv' ? 'up' : 'down'}.`;
    case 'setting':
    case 'choice':
      return undefined;
  }
}

function fenced(text: string): string {
  return `\`\`\`net\n${text}\n\`\`\``;
}

function withDocs(text: string, docs: string): string {
  return docs === '' ? fenced(text) : `${fenced(text)}\n\n${docs}`;
}

function ofEntity(entity: Entity): string | undefined {
  switch (entity.kind) {
    case 'block':
      return withDocs(headOf(entity), documentationOf(entity.decl));
    case 'model':
      return withDocs(`model ${entity.decl.name.text}`, documentationOf(entity.decl));
    case 'labels': {
      const { items } = entity.decl.values;
      const shown = items.slice(0, 20).map(({ span }) => entity.module.source.slice(span));
      const rest = items.length > shown.length ? ', ...' : '';
      const text = `labels ${entity.decl.name.text} = [${shown.join(', ')}${rest}]`;
      return withDocs(text, [`${items.length} labels.`, ...entity.decl.docs].join('\n'));
    }
    case 'poison':
      return undefined;
  }
}

function ofOperation(op: SurfaceOp | undefined): string | undefined {
  if (op === undefined) return undefined;
  const rows = Object.entries(op.arguments).map(([name, { doc, default: otherwise }]) => {
    const ending = otherwise === undefined ? '' : ` (default: \`${otherwise}\`)`;
    return `- \`${name}\`: ${doc}${ending}`;
  });
  return [fenced(operationSignature(op)), op.doc, rows.join('\n'), `For example \`${op.example}\``]
    .filter((part) => part !== '')
    .join('\n\n');
}

function ofArgument(op: SurfaceOp | undefined, name: string): string | undefined {
  const spec = op?.arguments[name];
  if (spec === undefined) return undefined;
  const ending = spec.default === undefined ? '' : ` By default \`${spec.default}\`.`;
  return `${fenced(`${name}:`)}\n\n${spec.doc}.${ending}`;
}

function ofLocal(
  document: CheckedDocument,
  { name, symbol }: Occurrence,
  { owner }: Extract<Symbol, { readonly kind: 'hyper' | 'input' | 'size' | 'variable' }>,
): string | undefined {
  const { module, compilation } = document;
  const place = module && definitionOf(module, { name, symbol, isDefinition: false });
  if (place === undefined) return undefined;
  const values = compilation.notes.filter((note) => note.name.span.isSameAs(place)).map(({ val }) => val);
  const texts = [...new Set(values.map((val) => `${name.text}: ${valueText(val)}`))];
  if (texts.length === 0) return declarationText(document, owner, place);
  const docs = docsAt(owner, place);
  const cost =
    owner.kind === 'ModelDecl' && compilation.module?.model.name === owner.name.text
      ? costText(compilation.module, name.text)
      : undefined;
  return [fenced(texts.slice(0, 4).join('\n')), ...(cost === undefined ? [] : [cost]), ...docs].join('\n\n');
}

function valueText(val: Val): string {
  return shapeOf(val) ?? (val.kind === 'poison' ? 'unknown, after a mistake' : describe(val));
}

/** Hyper-parameters and sizes have no value while their block is defined: their declaration is shown. */
function declarationText(
  { compilation }: CheckedDocument,
  owner: Declaration,
  place: Span,
): string | undefined {
  const source = compilation.sources.get(place.file);
  if (source === undefined) return undefined;
  if (owner.kind === 'BlockDecl' || owner.kind === 'ModelDecl') {
    const hyper = owner.hypers.find(({ name }) => name.span.isSameAs(place));
    if (hyper !== undefined) return fenced(source.slice(hyper.span));
  }
  return fenced(`${source.slice(place)}: int`);
}

function docsAt(owner: Declaration, place: Span): readonly string[] {
  if (owner.kind !== 'BlockDecl' && owner.kind !== 'ModelDecl') return [];
  const statement = owner.body.statements.find(
    (other) => other.kind === 'BindStmt' && other.targets.some(({ span }) => span.isSameAs(place)),
  );
  return statement?.kind === 'BindStmt' && statement.docs.length > 0 ? [statement.docs.join('\n')] : [];
}
