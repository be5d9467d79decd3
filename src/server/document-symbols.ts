import { SymbolKind, type DocumentSymbol } from 'vscode-languageserver';
import type { SourceFile } from '../compiler/source/source-file.ts';
import type { Span } from '../compiler/source/span.ts';
import type { Declaration, Name } from '../compiler/syntax/ast.ts';
import type { CheckedDocument } from './checked-document.ts';
import { toRange } from './positions.ts';

/** The outline of a file: its declarations, and what blocks and models are given and give. */
export function documentSymbols({ module, source }: CheckedDocument): DocumentSymbol[] {
  return (module?.unit.declarations ?? []).flatMap((declaration) => symbolsOf(declaration, source));
}

/** What is known elsewhere under a name of its own. */
export function declarationSymbol(
  declaration: Declaration,
): { readonly name: Name; readonly kind: SymbolKind } | undefined {
  switch (declaration.kind) {
    case 'LabelsDecl':
      return { name: declaration.name, kind: SymbolKind.Enum };
    case 'BlockDecl':
      return { name: declaration.name, kind: SymbolKind.Function };
    case 'ModelDecl':
      return { name: declaration.name, kind: SymbolKind.Class };
    case 'ImportDecl':
    case 'TrainDecl':
      return undefined;
  }
}

function symbolsOf(declaration: Declaration, source: SourceFile): DocumentSymbol[] {
  const symbol = (
    name: Name,
    kind: SymbolKind,
    span: Span,
    children: DocumentSymbol[] = [],
    detail = '',
  ) => ({
    name: name.text,
    detail,
    kind,
    range: toRange(source, span),
    selectionRange: toRange(source, name.span),
    children,
  });
  switch (declaration.kind) {
    case 'ImportDecl':
      return [];
    case 'LabelsDecl':
      return [symbol(declaration.name, SymbolKind.Enum, declaration.span)];
    case 'BlockDecl': {
      const hypers = declaration.hypers.map(({ name, span }) => symbol(name, SymbolKind.Property, span));
      const inputs = declaration.inputs.map(({ name, span }) => symbol(name, SymbolKind.Variable, span));
      const outputs = declaration.outputs.map(({ span }) => source.slice(span)).join(', ');
      return [
        symbol(
          declaration.name,
          SymbolKind.Function,
          declaration.span,
          [...hypers, ...inputs],
          `-> ${outputs}`,
        ),
      ];
    }
    case 'ModelDecl': {
      const hypers = declaration.hypers.map(({ name, span }) => symbol(name, SymbolKind.Property, span));
      const tensors = declaration.body.statements.flatMap((statement) =>
        statement.kind === 'InputStmt' || statement.kind === 'OutputStmt'
          ? [symbol(statement.name, SymbolKind.Variable, statement.span)]
          : [],
      );
      return [symbol(declaration.name, SymbolKind.Class, declaration.span, [...hypers, ...tensors])];
    }
    case 'TrainDecl': {
      const name = { ...declaration.model, text: `train ${declaration.model.text}` };
      return [symbol(name, SymbolKind.Event, declaration.span)];
    }
  }
}
