import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import type { IToken } from 'chevrotain';
import type { AnyCstNode, DeclarationLineCstNode } from '../../grammar/cst-types.ts';
import { NumberToken, StringToken } from '../../grammar/tokens.ts';
import { danglingComments, openingComment } from './comments.ts';
import { printExpression } from './print-expression.ts';
import { endOf, isNode, type FormatNode } from './tree.ts';

const { group, hardline, ifBreak, indent, join, line, softline, fill } = builders;

/** Prints the child that is the `i`th of the list `key`. */
export type Print = (key: string, i: number, child: AnyCstNode) => Doc;

/** One rule of the grammar at a time; a rule's name is its node's. */
export function printNode(node: FormatNode, text: string, print: Print): Doc {
  const lists: Readonly<Record<string, readonly object[] | undefined>> = node.children;
  const child = (key: string, i: number): Doc => {
    const at = lists[key]?.[i];
    return at !== undefined && isNode(at) ? print(key, i, at) : '';
  };
  const one = (key: string): Doc => child(key, 0);
  const has = (key: string): boolean => lists[key] !== undefined;
  const many = (key: string): Doc[] => (lists[key] ?? []).map((_, i) => child(key, i));
  const clause = (key: string, before: Doc): Doc => (has(key) ? [before, one(key)] : '');
  const onlyChild = (): Doc => Object.keys(lists).map(one);

  switch (node.name) {
    // ------------------------------------------------------------ declarations
    case 'file':
      return printFile(node, many('declarationLine'), text);
    case 'declarationLine':
      return clause('declaration', '');
    case 'declaration':
    case 'statement':
    case 'trainItem':
    case 'suffix':
      return onlyChild();
    case 'languageLine':
      return ['language ', image(node.children.version)];
    case 'importDecl': {
      const names = bracketed(node, '{', many('names'), '}', line);
      return ['import ', names, ' from ', image(node.children.path)];
    }
    case 'importedName':
      return node.children.alias === undefined
        ? image(node.children.name)
        : [image(node.children.name), ' as ', image(node.children.alias)];
    case 'labelsDecl':
      return ['labels ', image(node.children.name), ' = ', one('values')];
    case 'blockDecl': {
      // What does not fit moves to a line of its own, unless the hyper-parameters had to be broken anyway.
      const id = Symbol('hypers');
      const result = [one('inputs'), ' -> ', one('outputs')];
      return [
        [image(node.children.flavour), ' ', image(node.children.name), group(one('hypers'), { id })],
        ifBreak(result, group(indent(indent([softline, result]))), { groupId: id }),
        openingComment(node),
        has('requirements') ? [one('requirements'), hardline] : ' ',
        one('body'),
      ];
    }
    case 'modelDecl': {
      const head = ['model ', image(node.children.name), clause('hypers', '')];
      return [
        head,
        openingComment(node),
        has('requirements') ? [one('requirements'), hardline] : ' ',
        one('body'),
      ];
    }
    case 'trainDecl':
      return ['train ', image(node.children.model), ' ', printLines(node, many('lines'), text)];
    case 'trainLine':
      return clause('trainItem', '');
    case 'trainTensor':
      return [image(node.children.role), ' ', image(node.children.name), ': ', one('tensorType')];
    case 'setting':
      return [image(node.children.name), ' ', one('value')];

    // ------------------------------------------------------------ signatures
    case 'hypers':
      return bracketed(node, '(', many('hyper'), ')');
    case 'hyper':
      return [image(node.children.name), ': ', one('type'), clause('default', ' = ')];
    case 'hyperType':
      return node.children.plain === undefined ? onlyChild() : image(node.children.plain);
    case 'listType':
      return ['[', one('element'), ']'];
    case 'blockType':
      return ['block', bracketed(node, '(', many('inputs'), ')'), ' -> ', one('outputs')];
    case 'inputs':
      return bracketed(node, '(', many('input'), ')');
    case 'tensorDecl':
      return [image(node.children.name), ': ', one('tensorType'), clause('default', ' = ')];
    case 'outputs':
      return node.children.LParen === undefined
        ? one('tensorType')
        : bracketed(node, '(', many('tensorType'), ')');
    case 'tensorType':
      return [image(node.children.dtype), bracketed(node, '[', many('axis'), ']')];
    case 'axis':
      return node.children.rest === undefined ? one('sizedAxis') : ['...', image(node.children.rest)];
    case 'sizedAxis':
      return [image(node.children.name), clause('size', ': ')];
    case 'requirements':
      return indent([hardline, 'where ', group(indent(join([',', line], many('condition'))))]);

    // ------------------------------------------------------------ statements
    case 'body':
      return printLines(node, many('lines'), text);
    case 'line':
      return clause('statement', '');
    case 'bind': {
      const targets = join(
        ', ',
        (node.children.targets ?? []).map(({ image: name }) => name),
      );
      return [node.children.tuple === undefined ? targets : ['(', targets, ')'], ' = ', one('value')];
    }
    case 'returnStmt': {
      const values = many('values');
      return ['return ', values.length === 1 ? values : group(indent(join([',', line], values)))];
    }
    case 'forStmt': {
      const element = image(node.children.element);
      const names =
        node.children.index === undefined ? element : ['(', image(node.children.index), ', ', element, ')'];
      return ['for ', names, ' in ', one('range'), ' ', one('body')];
    }
    case 'ifStmt': {
      const bodies = many('body');
      const branches = many('condition').map((condition, i) => ['if ', condition, ' ', bodies[i] ?? '']);
      return [join(' else ', branches), clause('otherwise', ' else ')];
    }
    case 'assertStmt':
      return ['assert ', one('condition')];
    case 'paramStmt':
      return ['param ', image(node.children.name), ': ', one('tensorType'), ' = ', one('init')];
    case 'inputStmt': {
      const from = has('from') ? indent([line, 'from ', one('from')]) : '';
      return group(['input ', image(node.children.name), ': ', one('tensorType'), from]);
    }
    case 'outputStmt': {
      const labels = has('labels') ? indent([line, 'labels ', one('labels')]) : '';
      return group(['output ', image(node.children.name), clause('value', ' = '), labels]);
    }

    // ------------------------------------------------------------ expressions
    case 'condition':
      return one('expression');
    case 'expression':
      return printExpression(node, one, many);
    case 'operation':
      return node.children.operator === undefined
        ? one('rangeEnd')
        : [image(node.children.operator), ' ', one('operand')];
    case 'rangeEnd':
      return ['..', clause('operand', '')];
    case 'operand': {
      const prefixes = (node.children.prefix ?? []).map(({ image: sign }) =>
        sign === 'not' ? 'not ' : sign,
      );
      return [prefixes, one('primary'), many('suffix')];
    }
    case 'call':
      return bracketed(node, '(', many('argument'), ')');
    case 'argument': {
      const name = node.children.name === undefined ? '' : [image(node.children.name), ': '];
      return [name, one('value'), clause('to', ' -> ')];
    }
    case 'axisTarget':
      return node.children.LSquare === undefined ? one('axes') : bracketed(node, '[', many('axes'), ']');
    case 'index':
      return ['[', one('expression'), ']'];
    case 'primary': {
      const { number, string, bool, name } = node.children;
      const token = number ?? string ?? bool ?? name;
      return token === undefined ? onlyChild() : image(token);
    }
    case 'group':
      return bracketed(node, '(', many('items'), ')');
    case 'list':
      return isTable(node)
        ? group([
            '[',
            indent([softline, fill(join([',', line], many('items')))]),
            ifBreak(','),
            softline,
            ']',
          ])
        : bracketed(node, '[', many('items'), ']');
    case 'listItem':
      return [node.children.key === undefined ? '' : [image(node.children.key), ': '], one('value')];

    case 'mistakenValue':
    case 'mistakenEquals':
      throw new Error(`a faultless tree has no ${node.name}`);
  }
}

function image(tokens: readonly IToken[] | undefined): string {
  return tokens?.[0]?.image ?? '';
}

/** Items in brackets on one line, or each on its own with a comma after the last. */
function bracketed(
  node: FormatNode,
  open: string,
  items: readonly Doc[],
  close: string,
  gap: Doc = softline,
): Doc {
  const comment = openingComment(node);
  if (items.length === 0) {
    const inside = danglingComments(node);
    return inside === undefined
      ? group([open, comment, softline, close])
      : group([open, comment, indent([softline, inside]), softline, close]);
  }
  const listed = join([',', line], [...items]);
  return group([open, comment, indent([gap, listed]), ifBreak(','), gap, close]);
}

/** Lists of nothing but literals, such as label names, fill their lines. */
function isTable(node: Extract<FormatNode, { name: 'list' }>): boolean {
  const items: readonly FormatNode[] = node.children.items ?? [];
  return node.comments === undefined && items.length > 1 && items.every(isLiteralItem);
}

function isLiteralItem(node: FormatNode): boolean {
  if (node.comments !== undefined) return false;
  const children = Object.values(node.children).flat();
  const [only] = children;
  if (children.length !== 1 || only === undefined) return false;
  return 'children' in only
    ? isLiteralItem(only)
    : only.tokenType === NumberToken || only.tokenType === StringToken;
}

/** Statements or settings in braces. */
function printLines(
  node: Extract<FormatNode, { name: 'body' | 'trainDecl' }>,
  docs: readonly Doc[],
  text: string,
): Doc {
  const comment = openingComment(node);
  if (docs.length === 0) {
    const inside = danglingComments(node);
    return ['{', comment, inside === undefined ? '' : [indent([hardline, inside]), hardline], '}'];
  }
  const lines: readonly AnyCstNode[] = node.children.lines ?? [];
  return ['{', comment, indent([hardline, separated(lines, docs, text)]), hardline, '}'];
}

/** Declarations with bodies stand apart, as does the version; the others are grouped as the user grouped them. */
function printFile(node: Extract<FormatNode, { name: 'file' }>, docs: readonly Doc[], text: string): Doc {
  if (docs.length === 0) {
    const inside = danglingComments(node);
    return inside === undefined ? '' : [inside, hardline];
  }
  const lines = node.children.declarationLine ?? [];
  return [separated(lines, docs, text, standsApart), hardline];
}

const spacious = new Set(['languageLine', 'blockDecl', 'modelDecl', 'trainDecl']);

function standsApart(line: DeclarationLineCstNode): boolean {
  return (line.children.declaration ?? []).some(({ children }) =>
    Object.keys(children).some((kind) => spacious.has(kind)),
  );
}

/** Lines with at most one blank line between two: where the text has one, or where either is `apart`. */
function separated<Line extends AnyCstNode>(
  lines: readonly Line[],
  docs: readonly Doc[],
  text: string,
  apart: (line: Line) => boolean = () => false,
): Doc[] {
  return docs.map((printed, i) => {
    const at = lines[i];
    const next = lines[i + 1];
    if (at === undefined || next === undefined) return printed;
    const blank = apart(at) || apart(next) || blankLineAfter(text, at);
    return [printed, hardline, blank ? hardline : ''];
  });
}

function blankLineAfter(text: string, node: AnyCstNode): boolean {
  const rest = /[^\n]*\n[ \t]*\n/y;
  rest.lastIndex = endOf(node);
  return rest.test(text);
}
