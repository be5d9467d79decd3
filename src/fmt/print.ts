import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import { Children, image, type Print } from './children.ts';
import { openingComment } from './comments.ts';
import { bracketed } from './print-brackets.ts';
import { printExpressionNode } from './print-expression.ts';
import { printFile, printLines } from './print-lines.ts';
import { printSignature } from './print-signature.ts';
import type { FormatNode } from './tree.ts';

const { group, hardline, indent, join, line } = builders;

/** One rule of the grammar at a time; a rule's name is its node's. */
export function printNode(node: FormatNode, text: string, print: Print): Doc {
  const children = new Children(node, print);
  switch (node.name) {
    // ------------------------------------------------------------ declarations
    case 'file':
      return printFile(node, children.many('declarationLine'), text);
    case 'declarationLine':
      return children.clause('', 'declaration');
    case 'declaration':
    case 'statement':
    case 'trainItem':
    case 'suffix':
      return children.only();
    case 'languageLine':
      return ['language ', image(node.children.version)];
    case 'importDecl': {
      const names = bracketed(node, '{', children.many('names'), '}', line);
      return ['import ', names, ' from ', image(node.children.path)];
    }
    case 'importedName':
      return node.children.alias === undefined
        ? image(node.children.name)
        : [image(node.children.name), ' as ', image(node.children.alias)];
    case 'labelsDecl':
      return ['labels ', image(node.children.name), ' = ', children.one('values')];
    case 'blockDecl':
      return [
        [image(node.children.flavour), ' ', image(node.children.name)],
        printSignature(node, children),
        children.one('body'),
      ];
    case 'modelDecl': {
      const head = ['model ', image(node.children.name), children.clause('', 'hypers')];
      return [
        head,
        openingComment(node),
        children.has('requirements') ? [children.one('requirements'), hardline] : ' ',
        children.one('body'),
      ];
    }
    case 'trainDecl':
      return ['train ', image(node.children.model), ' ', printLines(node, children.many('lines'), text)];
    case 'trainLine':
      return children.clause('', 'trainItem');
    case 'trainTensor':
      return [image(node.children.role), ' ', image(node.children.name), ': ', children.one('tensorType')];
    case 'setting':
      return [image(node.children.name), ' ', children.one('value')];

    // ------------------------------------------------------------ signatures
    case 'hypers':
      return bracketed(node, '(', children.many('hyper'), ')');
    case 'hyper':
      return [image(node.children.name), ': ', children.one('type'), children.clause(' = ', 'default')];
    case 'hyperType':
      return node.children.plain === undefined ? children.only() : image(node.children.plain);
    case 'listType':
      return ['[', children.one('element'), ']'];
    case 'blockType':
      return ['block', bracketed(node, '(', children.many('inputs'), ')'), ' -> ', children.one('outputs')];
    case 'inputs':
      return bracketed(node, '(', children.many('input'), ')');
    case 'tensorDecl':
      return [image(node.children.name), ': ', children.one('tensorType'), children.clause(' = ', 'default')];
    case 'outputs':
      return node.children.LParen === undefined
        ? children.one('tensorType')
        : bracketed(node, '(', children.many('tensorType'), ')');
    case 'tensorType':
      return [image(node.children.dtype), bracketed(node, '[', children.many('axis'), ']')];
    case 'axis':
      return node.children.rest === undefined
        ? children.one('sizedAxis')
        : ['...', image(node.children.rest)];
    case 'sizedAxis':
      return [image(node.children.name), children.clause(': ', 'size')];
    case 'requirements':
      return indent([hardline, 'where ', group(indent(join([',', line], children.many('condition'))))]);

    // ------------------------------------------------------------ statements
    case 'body':
      return printLines(node, children.many('lines'), text);
    case 'line':
      return children.clause('', 'statement');
    case 'bind': {
      const targets = join(
        ', ',
        (node.children.targets ?? []).map(({ image: name }) => name),
      );
      return [
        node.children.tuple === undefined ? targets : ['(', targets, ')'],
        ' = ',
        children.one('value'),
      ];
    }
    case 'returnStmt': {
      const values = children.many('values');
      return ['return ', values.length === 1 ? values : group(indent(join([',', line], values)))];
    }
    case 'forStmt': {
      const element = image(node.children.element);
      const names =
        node.children.index === undefined ? element : ['(', image(node.children.index), ', ', element, ')'];
      return ['for ', names, ' in ', children.one('range'), ' ', children.one('body')];
    }
    case 'ifStmt': {
      const bodies = children.many('body');
      const branches = children
        .many('condition')
        .map((condition, i) => ['if ', condition, ' ', bodies[i] ?? '']);
      return [join(' else ', branches), children.clause(' else ', 'otherwise')];
    }
    case 'assertStmt':
      return ['assert ', children.one('condition')];
    case 'paramStmt':
      return [
        'param ',
        image(node.children.name),
        ': ',
        children.one('tensorType'),
        ' = ',
        children.one('init'),
      ];
    case 'inputStmt': {
      const from = children.has('from') ? indent([line, 'from ', children.one('from')]) : '';
      return group(['input ', image(node.children.name), ': ', children.one('tensorType'), from]);
    }
    case 'outputStmt': {
      const labels = children.has('labels') ? indent([line, 'labels ', children.one('labels')]) : '';
      return group(['output ', image(node.children.name), children.clause(' = ', 'value'), labels]);
    }

    default:
      return printExpressionNode(node, children);
  }
}
