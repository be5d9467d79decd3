import * as t from '../../tokens.ts';
import { groups, include, scope, scoped, whole, words, type Repository, type Rule } from './rule.ts';
import { tokenRules } from './tokens.ts';

/** The names that the compiler knows, which lies above the grammar. */
export interface Vocabulary {
  /** What can be called: operations, functions of sizes, initialisers, optimisers, ... */
  readonly functions: readonly string[];
  /** The types of hyper-parameters that are one word. */
  readonly hyperTypes: readonly string[];
  /** The types of the elements of tensors. */
  readonly elementTypes: readonly string[];
  /** What `train` sets. */
  readonly settings: readonly string[];
  /** The arguments that take axes, of whatever operation. */
  readonly axisArguments: readonly string[];
  /** The arguments that take one of a few words, and the words. */
  readonly choices: ReadonlyMap<string, readonly string[]>;
}

export interface TextMateGrammar {
  readonly name: string;
  readonly scopeName: string;
  readonly fileTypes: readonly string[];
  readonly firstLineMatch: string;
  readonly patterns: readonly Rule[];
  readonly repository: Repository;
}

/**
 * The grammar by which editors colour a source before, or without, a language server. It knows the tokens and, from
 * what stands around them, most of what names mean: parameters, axes in types, calls. Where only the checker could tell
 * (`softmax(x, C)`) it says nothing, and the server's semantic tokens do.
 */
export function textMateGrammar(vocabulary: Vocabulary): TextMateGrammar {
  return {
    name: 'netc',
    scopeName: 'source.net',
    fileTypes: ['net'],
    firstLineMatch: '^language\\s+\\d+',
    patterns: [
      include('comment'),
      include('declaration'),
      include('statement'),
      include('expression'),
      scoped('[{}]', braces),
    ],
    repository: {
      ...tokenRules(),
      ...declarations(),
      ...signatures(vocabulary),
      ...types(vocabulary),
      ...statements(vocabulary),
      ...expressions(vocabulary),
    },
  };
}

const name = t.textOf(t.Identifier);

// The scopes that several rules give.
const axis = 'entity.name.type.axis';
const block = 'entity.name.function';
const parameter = 'variable.parameter';
const defined = 'variable.other.definition';
const colon = 'punctuation.separator.colon';
const comma = 'punctuation.separator.comma';
const braces = 'punctuation.section.block';
const parentheses = 'punctuation.section.parentheses';

/** What is left open ends where a declaration begins, so that half a line does not colour the rest of the file. */
const nextDeclaration = `(?=^(?:language|import|labels|block|loss|model|train)\\s)`;

/**
 * `what` between two brackets, in which no brace can stand. The last group of `open` is the bracket, those before it
 * have the scopes `before`.
 */
function between(
  open: string,
  close: string,
  kind: string,
  what: readonly Rule[],
  before: readonly string[] = [],
): Rule {
  return {
    begin: open,
    beginCaptures: groups(...before, `punctuation.section.${kind}.begin`),
    end: `(${close})|(?=[{}])|${nextDeclaration}`,
    endCaptures: groups(`punctuation.section.${kind}.end`),
    patterns: what,
  };
}

function declarations(): Repository {
  return {
    declaration: {
      patterns: [
        {
          match: `\\b(language)\\s+(${t.textOf(t.NumberToken)})`,
          captures: groups('keyword.other.language', 'constant.numeric'),
        },
        {
          begin: `\\b(import)\\b(?=\\s*\\{)`,
          beginCaptures: groups('keyword.control.import'),
          end: `(?<=")|${nextDeclaration}`,
          patterns: [
            include('comment'),
            { name: scope('meta.path.import'), patterns: [include('string')] },
            {
              match: `(${name})\\s+(as)\\s+(${name})`,
              captures: groups(block, 'keyword.control.import', block),
            },
            scoped(`\\bfrom(?=\\s*["'])`, 'keyword.control.import'),
            scoped(name, block),
            scoped(',', comma),
            scoped('[{}]', braces),
          ],
        },
        {
          match: `\\b(labels)\\s+(${name})(?=\\s*=)`,
          captures: groups('storage.type.labels', 'entity.name.type.labels'),
        },
        signature('block|loss', 'block', block),
        signature('model', 'model', 'entity.name.class'),
        {
          match: `\\b(train)\\s+(${name})(?=\\s*(?:\\{|$))`,
          captures: groups('storage.type.train', 'entity.name.class'),
        },
      ],
    },
  };
}

/** A declaration from its word to the `{` of its body. */
function signature(word: string, kind: string, named: string): Rule {
  const end = `(?=\\{)|${nextDeclaration}`;
  return {
    begin: `\\b(${word})\\s+(${name})(?=\\s*(?:\\(|\\{|where\\b|$))`,
    beginCaptures: groups(`storage.type.${kind}`, named),
    end,
    patterns: [
      include('comment'),
      {
        begin: '\\bwhere\\b',
        beginCaptures: whole('keyword.other.where'),
        end,
        patterns: [include('expression')],
      },
      include('parameters'),
      include('hyperType'),
      include('type'),
      include('fixed'),
    ],
  };
}

function signatures({ hyperTypes, elementTypes }: Vocabulary): Repository {
  const word = words([...new Set([...hyperTypes, ...elementTypes])]);
  const blockType = `\\bblock\\b(?=\\s*\\()`;
  return {
    /** Hyper-parameters or inputs with their types; also the types of what a block returns or takes. */
    parameters: between('(\\()', '\\)', 'parameters', [
      include('comment'),
      { match: `(${name})\\s*(:)`, captures: groups(parameter, colon) },
      {
        begin: '=',
        beginCaptures: whole('keyword.operator.assignment'),
        end: `(?=[,){}])|${nextDeclaration}`,
        patterns: [include('expression')],
      },
      include('hyperType'),
      include('type'),
      include('parameters'),
      include('fixed'),
    ]),
    hyperType: {
      patterns: [
        scoped(blockType, 'storage.type.block'),
        scoped(word, 'storage.type'),
        // Lists: `[int]`, `[[float]]`, `[block([N, C]) -> [N, C]]`.
        {
          match: `(\\[+)\\s*(${word})\\s*(\\]+)`,
          captures: groups('punctuation.section.type.begin', 'storage.type', 'punctuation.section.type.end'),
        },
        between(`(\\[)(?=\\s*${blockType})`, '\\]', 'type', [
          include('hyperType'),
          include('parameters'),
          include('type'),
          include('fixed'),
        ]),
      ],
    },
  };
}

function types({ elementTypes }: Vocabulary): Repository {
  return {
    /** `[N, C: 2 * K, ...R]` */
    type: between('(\\[)', '\\]', 'type', [include('axes')]),
    axes: {
      patterns: [
        include('comment'),
        { match: `(\\.\\.\\.)\\s*(${name})`, captures: groups('keyword.operator.rest', axis) },
        {
          begin: ':',
          beginCaptures: whole(colon),
          end: `(?=[,\\]{}])|${nextDeclaration}`,
          patterns: [include('expression')],
        },
        scoped(name, axis),
        include('fixed'),
      ],
    },
    elementType: scoped(`${words(elementTypes)}(?=\\s*\\[)`, 'storage.type'),
  };
}

function statements({ settings }: Vocabulary): Repository {
  return {
    statement: {
      patterns: [
        {
          begin: `\\b(input|target|weight|param)\\s+(${name})\\s*(:)`,
          beginCaptures: groups('storage.type', parameter, colon),
          end: `(?<=\\])|$|${nextDeclaration}`,
          patterns: [include('comment'), include('elementType'), include('type')],
        },
        {
          match: `(?:^|(?<=\\{))\\s*(output)\\s+(${name})`,
          captures: groups('storage.type', defined),
        },
        // Behind the value of an output; not a value itself.
        {
          match: `(?:^\\s*|(?<=[\\w)\\]]\\s))(labels)(?=\\s+(?!(?:and|or)\\b)[A-Za-z_\\[])`,
          captures: groups('keyword.other.labels'),
        },
        scoped(`\\bfrom(?=\\s+${name}\\s*\\()`, 'keyword.other.from'),
        {
          match: `\\b(for)\\s+(?:(${name})|(\\()\\s*(${name})\\s*(,)\\s*(${name})\\s*(\\)))\\s+(in)\\b`,
          captures: groups(
            'keyword.control.loop',
            defined,
            parentheses,
            defined,
            comma,
            defined,
            parentheses,
            'keyword.control.loop',
          ),
        },
        scoped(`(?<=^|\\s)${words(settings)}(?=\\s+[\\w"\\[])`, 'keyword.other.setting'),
        scoped(`\\b${name}(?=\\s*=(?![=>]))`, defined),
      ],
    },
  };
}

function expressions({ functions, axisArguments, choices }: Vocabulary): Repository {
  const known = words(functions);
  const ofAxes = words(axisArguments);
  const arrow = 'keyword.operator.arrow';
  const operation = 'support.function';
  return {
    expression: {
      patterns: [
        include('comment'),
        include('string'),
        include('number'),
        include('mapping'),
        {
          match: `(\\|>)\\s*(?:(${known})|(?!${words(t.reservedWords)})(${name}))`,
          captures: groups('keyword.operator.pipe', operation, block),
        },
        include('fixed'),
        scoped(`${known}(?=\\s*\\()`, operation),
        scoped(`\\b${name}(?=\\s*\\()`, block),
        include('arguments'),
        include('list'),
        scoped(`\\b${name}`, 'variable.other'),
      ],
    },
    /** `C -> K: 10`, `[H, W] -> T`, `D -> [h: heads, d: D / heads]`. */
    mapping: {
      patterns: [
        scoped(`\\b${name}(?=\\s*->)`, axis),
        between('(\\[)(?=[^\\[\\]]*\\]\\s*->)', '\\]', 'type', [include('axes')]),
        between('(->)\\s*(\\[)', '\\]', 'type', [include('axes')], [arrow]),
        { match: `(->)\\s*(${name})`, captures: groups(arrow, axis) },
      ],
    },
    arguments: between('(\\()', '\\)', 'arguments', [
      between(`(${ofAxes})\\s*(:)\\s*(\\[)`, '\\]', 'type', [include('axes')], [parameter, colon]),
      {
        match: `(${ofAxes})\\s*(:)\\s*(${name})\\b(?!\\s*[(\\[])`,
        captures: groups(parameter, colon, axis),
      },
      ...[...choices].map(([argument, all]): Rule => ({
        match: `\\b(${argument})\\s*(:)\\s*(${words(all)})(?!\\s*\\()`,
        captures: groups(parameter, colon, 'support.constant'),
      })),
      // An operation for a block: `act: relu`.
      {
        match: `\\b(${name})\\s*(:)\\s*(${known})(?=\\s*[,)(])`,
        captures: groups(parameter, colon, operation),
      },
      { match: `\\b(${name})\\s*(:)`, captures: groups(parameter, colon) },
      include('expression'),
    ]),
    /** A list, an index, or numbers for axes, `[H: 3, W: 3]`. */
    list: between('(\\[)', '\\]', 'brackets', [
      { match: `\\b(${name})\\s*(:)`, captures: groups(axis, colon) },
      include('expression'),
    ]),
  };
}
