import { maxBracketDepth } from '../brackets.ts';
import { netParser } from '../parser.ts';
import { isolated, levels } from '../precedence.ts';
import { contextualWords, reservedWords, StringToken, Identifier, Not, textOf } from '../tokens.ts';
import { ebnf } from './ebnf.ts';
import { syntaxDiagram } from './syntax-diagram.ts';
import { syntaxRules, type Syntax } from './syntax.ts';

/** What the limits and the version are is known to the compiler, which lies above the grammar. */
export interface Limits {
  readonly languageVersion: number;
  readonly source: {
    readonly length: number;
    readonly tokens: number;
    readonly statements: number;
    readonly statementTokens: number;
    readonly tokenLength: number;
  };
  readonly maxExpressionDepth: number;
}

const sections: readonly {
  readonly title: string;
  readonly intro: string;
  readonly rules: readonly string[];
}[] = [
  {
    title: 'Files and declarations',
    intro:
      'A file begins with the version of the language. A block has two groups in parentheses, hyper-parameters and inputs, both of which may be empty; a loss is a block that returns a scalar; a model has its inputs and outputs in its body.',
    rules: [
      'file',
      'declarationLine',
      'declaration',
      'languageLine',
      'importDecl',
      'importedName',
      'labelsDecl',
      'blockDecl',
      'modelDecl',
      'requirements',
    ],
  },
  {
    title: 'Training',
    intro: 'What is fed to the loss, the loss, and settings: a name and a value.',
    rules: ['trainDecl', 'trainLine', 'trainItem', 'trainTensor', 'setting'],
  },
  {
    title: 'Signatures and types',
    intro:
      'The plain types of hyper-parameters are `int`, `float`, `bool`, `string`, `labels` and `axis`. A tensor has `f32` elements where no element type is written. `C` alone abbreviates `C: C`; `...R` stands for the axes that a block does not touch.',
    rules: [
      'hypers',
      'hyper',
      'hyperType',
      'listType',
      'blockType',
      'inputs',
      'tensorDecl',
      'outputs',
      'tensorType',
      'axis',
      'sizedAxis',
    ],
  },
  {
    title: 'Statements',
    intro:
      'Each ends with its line. `return` stands in blocks and losses, `input` and `output` in models. An expression alone is no statement.',
    rules: [
      'body',
      'line',
      'statement',
      'bind',
      'returnStmt',
      'forStmt',
      'ifStmt',
      'assertStmt',
      'paramStmt',
      'inputStmt',
      'outputStmt',
    ],
  },
  {
    title: 'Expressions',
    intro:
      'Operators bind as the table below says. A call follows what it calls without a line break. `C -> K: 14` in an argument maps an axis to another; `-> []` drops it. The ends of a range may be left out in an index alone.',
    rules: [
      'expression',
      'operation',
      'rangeEnd',
      'operand',
      'suffix',
      'call',
      'argument',
      'axisTarget',
      'index',
      'primary',
      'group',
      'list',
      'listItem',
    ],
  },
];

/** The text of `docs/syntax.md`. Throws where the sections and the grammar differ. */
export function syntaxReference(limits: Limits): string {
  const rules = syntaxRules(netParser().getGAstProductions());
  const listed = sections.flatMap((section) => section.rules);
  const missing = [...rules.keys()].filter((rule) => !listed.includes(rule));
  if (missing.length > 0) throw new Error(`rules without a section: ${missing.join(', ')}`);
  return [
    '<!-- Generated from grammar/ by `npm run generate`. -->',
    '',
    '# Syntax reference',
    '',
    intro,
    ...sections.flatMap(({ title, intro: words, rules: names }) => [
      '',
      `## ${title}`,
      '',
      words,
      ...names.flatMap((name) => [
        '',
        `### ${name}`,
        '',
        `![Diagram of ${name}](${folder}/${name}.svg)`,
        '',
        '```ebnf',
        `${name} = ${ebnf(rule(rules, name))}`,
        '```',
      ]),
    ]),
    '',
    '## Operators',
    '',
    'From the loosest to the tightest. Operators of one level group from the left.',
    '',
    '| level | operators | |',
    '| --- | --- | --- |',
    ...operatorRows(),
    '',
    'Division is exact and the compiler proves it; to round, write `floordiv(a, b)` or `ceildiv(a, b)`.',
    '',
    '## Words, numbers and strings',
    '',
    `- \`NAME\` is \`${textOf(Identifier)}\`, but none of the reserved words: ${listOf(reservedWords)}.`,
    `- These words mean something in their places and are names everywhere else: ${listOf(contextualWords)}.`,
    `- \`NUMBER\` is \`3\`, \`1_000\`, \`0.25\` or \`1e-4\`: digits on both sides of the point, single \`_\` between digits. A number without point and exponent is an integer.`,
    `- \`STRING\` is \`${textOf(StringToken).replaceAll('|', '\\|')}\` on one line, with the escapes \`\\"\`, \`\\\\\`, \`\\n\`, \`\\r\`, \`\\t\` and \`\\u{1F600}\`.`,
    '- `INFIX` and `PREFIX` are the operators of the table.',
    '',
    '## Comments',
    '',
    comments,
    '',
    '## Ends of lines',
    '',
    ends,
    '',
    '## Limits',
    '',
    `- The language version is ${limits.languageVersion}.`,
    `- A file has at most ${written(limits.source.length)} characters, ${written(limits.source.statements)} statements and ${written(limits.source.tokens)} tokens, a statement at most ${written(limits.source.statementTokens)} tokens, a name, number or string at most ${written(limits.source.tokenLength)} characters.`,
    `- Brackets nest at most ${maxBracketDepth} deep.`,
    `- An expression nests at most ${limits.maxExpressionDepth} levels deep; each bracket, prefix, call, index, operator of a chain and stage of a pipe is one. Longer chains are bound to names in between.`,
    '',
  ].join('\n');
}

/** The diagrams that the reference shows, by their paths from it. */
export function syntaxDiagrams(): ReadonlyMap<string, string> {
  const rules = syntaxRules(netParser().getGAstProductions());
  return new Map([...rules].map(([name, syntax]) => [`${folder}/${name}.svg`, syntaxDiagram(name, syntax)]));
}

const folder = 'img/syntax';

function written(count: number): string {
  return count.toLocaleString('en');
}

const intro = `What the parser takes, derived from the parser. A diagram is read along its lines from left to right; what is round
is a token, what is square another rule. In the text below it \`"x"\` is a token as written, \`a | b\` a choice, \`?\` may
be missing, \`*\` is any number, \`+\` at least one. Words in capitals are tokens [described at the
end](#words-numbers-and-strings). What the words mean is told in [the language guide](language.md).

\`\`\`net
language 1
import { ConvBn } from "./lib/common.net"

/// Two convolutions and a shortcut.
block Residual(width: int = 64)(x: [N, C, H, W]) -> [N, C, H, W]
  where width % 2 == 0
{
  y = x |> ConvBn(width, kernel: 3) |> relu
  return relu(x + ConvBn(C, kernel: 3)(y))
}
\`\`\``;

const comments = `\`//\` begins a comment wherever it stands; \`///\` begins documentation, which belongs to the declaration or binding it
stands before. There is no operator \`//\`. A comment that reads like a divisor, \`C // 2\` with at most one blank before
it, is reported; with two blanks before it, it is a comment.`;

const ends = `A line break ends a statement or declaration (\`END\`), unless

- a \`(\` or \`[\` is open, or the \`{\` of an import;
- the line ends with an operator, \`=\`, \`,\`, \`:\` or \`->\`;
- the next line begins with an operator, \`=\`, \`->\`, \`{\`, \`else\`, or with the \`from\` or \`labels\` of an input or output;
- it stands in the head of a block, loss, model or train declaration, which lasts until its \`{\`.

\`END\` also stands before a \`}\` and at the end of the file. Line feeds, carriage returns with line feeds and a leading
byte-order mark are all read.`;

function rule(rules: ReadonlyMap<string, Syntax>, name: string): Syntax {
  const syntax = rules.get(name);
  if (syntax === undefined) throw new Error(`the grammar has no rule \`${name}\``);
  return syntax;
}

function operatorRows(): string[] {
  const rows = levels.map((operators, level) => {
    const note = operators.includes(Not) ? 'prefix' : isolated.has(level) ? 'does not chain' : '';
    return `| ${level + 1} | ${operators.map((operator) => `\`${textOf(operator).replaceAll('|', '\\|')}\``).join(' ')} | ${note} |`;
  });
  return [...rows, `| ${levels.length + 1} | \`-\` | prefix |`];
}

function listOf(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}
