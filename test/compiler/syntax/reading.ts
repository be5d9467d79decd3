import { readFileSync, readdirSync } from 'node:fs';
import { parse } from '../../../src/compiler/syntax/parse.ts';
import { SourceFile } from '../../../src/compiler/source/source-file.ts';
import type { Expr, SourceUnit, Statement } from '../../../src/compiler/syntax/ast.ts';

/** Sources that use every construct, by file name. */
export function corpus(): ReadonlyMap<string, string> {
  const folder = new URL('../../grammar/corpus/', import.meta.url);
  const names = readdirSync(folder).sort();
  return new Map(names.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));
}

export function read(text: string) {
  return parse(new SourceFile('test.net', text));
}

/** The complaints about a source, one a line: `line:column code message`. */
export function problems(text: string): string[] {
  const source = new SourceFile('test.net', text);
  return parse(source).diagnostics.map(({ code, span, message }) => {
    const { line, column } = source.position(span.start);
    return `${line}:${column} ${code} ${message}`;
  });
}

const positions = new Set(['span', 'operatorSpan']);

/** What a tree means: itself without places and comments. */
export function meaning(unit: SourceUnit): string {
  return JSON.stringify(unit.declarations, (key, value: unknown) => (positions.has(key) ? undefined : value));
}

/** The statements of a block with this body, which must be faultless. */
export function statements(body: string): readonly Statement[] {
  const { unit, diagnostics } = read(`language 1\nblock F()(x: [N]) -> [N] {\n${body}\n}\n`);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const [block] = unit.declarations;
  return block?.kind === 'BlockDecl' ? block.body.statements : [];
}

/** An expression with every operator, call and bracket written out, so that its structure can be read. */
export function structure(expr: Expr | undefined): string {
  if (expr === undefined) return '';
  switch (expr.kind) {
    case 'NumberLiteral':
      return expr.text;
    case 'StringLiteral':
      return JSON.stringify(expr.value);
    case 'BoolLiteral':
      return String(expr.value);
    case 'NameExpr':
      return expr.name.text;
    case 'ListLiteral':
      return `[${expr.items.map(({ key, value }) => (key ? `${key.text}: ` : '') + structure(value)).join(', ')}]`;
    case 'TupleExpr':
      return `tuple(${expr.items.map(structure).join(', ')})`;
    case 'UnaryExpr':
      return `(${expr.operator} ${structure(expr.operand)})`;
    case 'BinaryExpr':
      return `(${structure(expr.left)} ${expr.operator} ${structure(expr.right)})`;
    case 'PipeExpr':
      return `(${structure(expr.value)} |> ${structure(expr.stage)})`;
    case 'CallExpr': {
      const args = expr.args.map(({ name, value, to }) => {
        const axes = to?.axes.map((axis) => axis.name.text + (axis.size ? `: ${structure(axis.size)}` : ''));
        const target =
          axes === undefined ? '' : ` -> ${to?.bracketed ? `[${axes.join(', ')}]` : axes.join()}`;
        return (name ? `${name.text}: ` : '') + structure(value) + target;
      });
      return `${structure(expr.callee)}(${args.join(', ')})`;
    }
    case 'IndexExpr':
      return `${structure(expr.list)}[${structure(expr.index)}]`;
    case 'RangeExpr':
      return `(${structure(expr.from)}..${structure(expr.to)})`;
    case 'ErrorExpr':
      return '<error>';
  }
}

/** The structure of one expression. */
export function expression(text: string): string {
  const [statement] = statements(`y = ${text}`);
  return statement?.kind === 'BindStmt' ? structure(statement.value) : '';
}
