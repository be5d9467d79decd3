import { surfaceOps } from '../../../../src/compiler/ops/registry.ts';
import { SourceFile } from '../../../../src/compiler/source/source-file.ts';
import type { Span } from '../../../../src/compiler/source/span.ts';
import type {
  Argument,
  AxisDecl,
  BlockDecl,
  CallExpr,
  Expr,
  Name,
  SourceUnit,
  Statement,
  TensorType,
} from '../../../../src/compiler/syntax/ast.ts';
import { parse } from '../../../../src/compiler/syntax/parse.ts';
import { nodesOf } from '../../../../src/compiler/syntax/walk.ts';
import type { Choices } from '../program/choices.ts';
import { apply, type Edit } from './edit.ts';

interface Subject {
  readonly source: string;
  readonly unit: SourceUnit;
  readonly choices: Choices;
}

/** A change that leaves the text a program, mostly, and changes what it means. Undefined where there is no place for it. */
type Mutation = (subject: Subject) => Edit | undefined;

/** The mistakes that people make: each changes one place of a program that was right. */
const mutations: readonly [Mutation, ...Mutation[]] = [
  changeNumber,
  dropCondition,
  swapAxes,
  dropArgument,
  changeWindow,
  renameAxis,
  replaceOperation,
  changeSize,
  replaceName,
  dropStatement,
  changeOperator,
  dropAxis,
  changeType,
];

/** Changes a source in a few places; it need not be right. */
export function mutateSyntax(source: string, choices: Choices): string {
  let text = source;
  for (let count = choices.chance(30) ? 2 : 1; count > 0; count--) {
    const { unit } = parse(new SourceFile('mutant.net', text));
    const edit = choices.pick(mutations)({ source: text, unit, choices });
    if (edit !== undefined) text = apply(text, edit);
  }
  return text;
}

type KindOf<K> = Extract<
  Expr | Statement | TensorType | AxisDecl | Argument | Name | BlockDecl,
  { readonly kind: K }
>;

function all<K extends KindOf<string>['kind']>({ unit }: Subject, kind: K): readonly KindOf<K>[] {
  const isOne = (node: { readonly kind: string }): node is KindOf<K> => node.kind === kind;
  return [...nodesOf(unit)].filter(isOne).sort((a, b) => a.span.start - b.span.start);
}

function replace({ start, end }: Span, text: string): Edit {
  return { start, end, text };
}

// ---------------------------------------------------------------- numbers and sizes

function changeNumber(subject: Subject): Edit | undefined {
  const { choices } = subject;
  const literal = choices.pickOf(all(subject, 'NumberLiteral'));
  if (literal === undefined) return undefined;
  const { value } = literal;
  const other = choices.pick([value + 1, value - 1, 0, 2 * value, 1, value + 2, 7, 1000]);
  return replace(literal.span, String(other));
}

function changeSize(subject: Subject): Edit | undefined {
  const { choices, source } = subject;
  const binary = choices.pickOf(all(subject, 'BinaryExpr'));
  if (binary === undefined) return undefined;
  const [left, right] = [binary.left, binary.right].map(({ span }) => source.slice(span.start, span.end));
  return replace(
    binary.span,
    choices.pick([
      left ?? '',
      right ?? '',
      `floordiv(${left}, ${right})`,
      `(${left}) + 1`,
      `ceildiv(${left}, 2)`,
    ]),
  );
}

function changeOperator(subject: Subject): Edit | undefined {
  const binary = subject.choices.pickOf(all(subject, 'BinaryExpr'));
  return (
    binary &&
    replace(
      binary.operatorSpan,
      subject.choices.pick(['+', '-', '*', '/', '%', '==', '>=', '<', '!=', 'and', '++']),
    )
  );
}

/** A condition of a `where`, with the comma or the word before it. */
function dropCondition(subject: Subject): Edit | undefined {
  const blocks = all(subject, 'BlockDecl').filter(({ where }) => where.length > 0);
  const block = subject.choices.pickOf(blocks);
  const condition = block && subject.choices.pickOf(block.where);
  if (block === undefined || condition === undefined) return undefined;
  const { start, end } = condition.span;
  const [first] = block.where;
  if (condition !== first) return { start: subject.source.lastIndexOf(',', start), end, text: '' };
  const next = block.where[1];
  if (next !== undefined) return { start, end: next.span.start, text: '' };
  return { start: subject.source.lastIndexOf('where', start), end, text: '' };
}

// ---------------------------------------------------------------- axes

function swapAxes(subject: Subject): Edit | undefined {
  const types = all(subject, 'TensorType').filter(({ axes }) => axes.length > 1);
  const type = subject.choices.pickOf(types);
  if (type === undefined) return undefined;
  const i = subject.choices.below(type.axes.length - 1);
  const [a, b] = [type.axes[i]?.name.span, type.axes[i + 1]?.name.span];
  if (a === undefined || b === undefined) return undefined;
  const text = (span: Span): string => subject.source.slice(span.start, span.end);
  const between = subject.source.slice(a.end, b.start);
  return { start: a.start, end: b.end, text: text(b) + between + text(a) };
}

function dropAxis(subject: Subject): Edit | undefined {
  const type = subject.choices.pickOf(all(subject, 'TensorType').filter(({ axes }) => axes.length > 1));
  const axis = type && subject.choices.pickOf(type.axes);
  if (type === undefined || axis === undefined) return undefined;
  const kept = type.axes.filter((other) => other !== axis);
  const dtype = type.dtype?.text ?? '';
  return replace(
    type.span,
    `${dtype}[${kept.map(({ span }) => subject.source.slice(span.start, span.end)).join(', ')}]`,
  );
}

const axisNames = ['C', 'H', 'W', 'N', 'T', 'D', 'A0', 'Z'] as const;

/** A name that may be an axis's, wherever it stands. */
function renameAxis(subject: Subject): Edit | undefined {
  const names = all(subject, 'Name').filter(({ text }) => /^[A-Z]\d?$/.test(text) && !/^F\d$/.test(text));
  const name = subject.choices.pickOf(names);
  return name && replace(name.span, subject.choices.pick(axisNames));
}

function changeType(subject: Subject): Edit | undefined {
  const type = subject.choices.pickOf(all(subject, 'TensorType'));
  if (type === undefined) return undefined;
  const { start } = type.span;
  const end = type.dtype?.span.end ?? start;
  return { start, end, text: subject.choices.pick(['int32', 'bool', '']) };
}

// ---------------------------------------------------------------- calls and names

function dropArgument(subject: Subject): Edit | undefined {
  const call = subject.choices.pickOf(all(subject, 'CallExpr').filter(({ args }) => args.length > 0));
  if (call === undefined) return undefined;
  const kept = [...call.args];
  kept.splice(subject.choices.below(kept.length), 1);
  return withArguments(subject, call, kept);
}

function withArguments({ source }: Subject, call: CallExpr, args: readonly Argument[]): Edit | undefined {
  const [first, last] = [call.args[0], call.args.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const texts = args.map(({ span }) => source.slice(span.start, span.end));
  return { start: first.span.start, end: last.span.end, text: texts.join(', ') };
}

const windowSettings = [
  'stride',
  'padding',
  'dilation',
  'groups',
  'over',
  'into',
  'by',
  'step',
  'start',
  'mode',
];

/** A stride, a padding, a number of groups: another one, or one where none was. */
function changeWindow(subject: Subject): Edit | undefined {
  const { choices } = subject;
  const settings = all(subject, 'Argument').filter(
    ({ name }) => name !== undefined && windowSettings.includes(name.text),
  );
  const setting = choices.pickOf(settings);
  if (setting === undefined || choices.chance(30)) {
    const conv = choices.pickOf(all(subject, 'CallExpr').filter(({ args }) => args.length > 1));
    const end = conv?.args.at(-1)?.span.end;
    if (end === undefined) return undefined;
    const text = choices.pick([
      ', stride: 2',
      ', padding: 1',
      ', padding: valid',
      ', groups: 2',
      ', dilation: 2',
      ', stride: 3',
    ]);
    return { start: end, end, text };
  }
  return replace(
    setting.value.span,
    choices.pick(['2', '1', '3', '0', 'valid', 'same', '[H: 2]', '[C: 2]', 'nearest']),
  );
}

function replaceOperation(subject: Subject): Edit | undefined {
  const { choices } = subject;
  const blocks = all(subject, 'BlockDecl').map(({ name }) => name.text);
  const known = new Set([...surfaceOps.keys(), ...blocks]);
  const uses = all(subject, 'NameExpr').filter(({ name }) => known.has(name.text));
  const use = choices.pickOf(uses);
  const other = choices.pickOf([...known]);
  return use && other !== undefined ? replace(use.span, other) : undefined;
}

function replaceName(subject: Subject): Edit | undefined {
  const uses = all(subject, 'NameExpr');
  const [use, other] = [subject.choices.pickOf(uses), subject.choices.pickOf(uses)];
  return use && other && replace(use.span, other.name.text);
}

function dropStatement(subject: Subject): Edit | undefined {
  const statements = [
    ...all(subject, 'BindStmt'),
    ...all(subject, 'AssertStmt'),
    ...all(subject, 'ParamStmt'),
  ];
  const statement = subject.choices.pickOf(statements);
  return statement && replace(statement.span, '');
}
