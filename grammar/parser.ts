import { CstParser, EOF, type IToken, type TokenType } from 'chevrotain';
import type { CstNode, IParserErrorMessageProvider, ParserMethod } from 'chevrotain';
import * as t from './tokens.ts';

/**
 * The grammar, free of actions: what the words mean is decided where the concrete syntax tree becomes the abstract
 * one. Rules named `mistaken...` accept what people write by mistake, so that it can be named in the message;
 * the syntax reference leaves them out.
 *
 * The input comes from `prepare.ts`: brackets are balanced, every statement and declaration ends with exactly one
 * `Terminator` or more, and each begins with a token that can begin one. The parser leans on this when it recovers.
 */
export class NetParser extends CstParser {
  constructor(options: { readonly skipValidations: boolean }) {
    super([...t.tokens], {
      recoveryEnabled: true,
      nodeLocationTracking: 'onlyOffset',
      maxLookahead: 2,
      skipValidations: options.skipValidations,
      errorMessageProvider: expectations,
    });
    this.performSelfAnalysis();
  }

  // -------------------------------------------------------------- declarations

  file = this.RULE('file', () => {
    this.MANY(() => this.SUBRULE(this.declarationLine));
  });

  // An empty line belongs to the rule, so that recovery may stop before a terminator and go on with the next line.
  declarationLine = this.RULE('declarationLine', () => {
    this.OPTION(() => this.SUBRULE(this.declaration));
    this.CONSUME(t.Terminator);
  });

  declaration = this.RULE('declaration', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.languageLine) },
      { ALT: () => this.SUBRULE(this.importDecl) },
      { ALT: () => this.SUBRULE(this.labelsDecl) },
      { ALT: () => this.SUBRULE(this.blockDecl) },
      { ALT: () => this.SUBRULE(this.modelDecl) },
      { ALT: () => this.SUBRULE(this.trainDecl) },
    ]);
  });

  languageLine = this.RULE('languageLine', () => {
    this.CONSUME(t.Language);
    this.CONSUME(t.NumberToken, { LABEL: 'version' });
  });

  importDecl = this.RULE('importDecl', () => {
    this.CONSUME(t.Import);
    this.CONSUME(t.LCurly);
    this.OPTION(() => this.items(this.importedName, 'names'));
    this.CONSUME(t.RCurly);
    this.CONSUME(t.From);
    this.CONSUME(t.StringToken, { LABEL: 'path' });
  });

  importedName = this.RULE('importedName', () => {
    this.CONSUME(t.Name, { LABEL: 'name' });
    this.OPTION(() => {
      this.CONSUME(t.As);
      this.CONSUME1(t.Name, { LABEL: 'alias' });
    });
  });

  labelsDecl = this.RULE('labelsDecl', () => {
    this.CONSUME(t.Labels);
    this.CONSUME(t.Name, { LABEL: 'name' });
    this.CONSUME(t.Equals);
    this.SUBRULE(this.list, { LABEL: 'values' });
  });

  blockDecl = this.RULE('blockDecl', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Block, { LABEL: 'flavour' }) },
      { ALT: () => this.CONSUME(t.Loss, { LABEL: 'flavour' }) },
    ]);
    this.CONSUME(t.Name, { LABEL: 'name' });
    this.SUBRULE(this.hypers);
    this.SUBRULE(this.inputs);
    this.CONSUME(t.Arrow);
    this.SUBRULE(this.outputs);
    this.OPTION(() => this.SUBRULE(this.requirements));
    this.SUBRULE(this.body);
  });

  modelDecl = this.RULE('modelDecl', () => {
    this.CONSUME(t.Model);
    this.CONSUME(t.Name, { LABEL: 'name' });
    this.OPTION(() => this.SUBRULE(this.hypers));
    this.OPTION1(() => this.SUBRULE(this.requirements));
    this.SUBRULE(this.body);
  });

  trainDecl = this.RULE('trainDecl', () => {
    this.CONSUME(t.Train);
    this.CONSUME(t.Name, { LABEL: 'model' });
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.trainLine, { LABEL: 'lines' }));
    this.CONSUME(t.RCurly);
  });

  trainLine = this.RULE('trainLine', () => {
    this.OPTION(() => this.SUBRULE(this.trainItem));
    this.CONSUME(t.Terminator);
  });

  trainItem = this.RULE('trainItem', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.trainTensor), IGNORE_AMBIGUITIES: true },
      { ALT: () => this.SUBRULE(this.bind), IGNORE_AMBIGUITIES: true },
      { ALT: () => this.SUBRULE(this.setting) },
    ]);
  });

  trainTensor = this.RULE('trainTensor', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Target, { LABEL: 'role' }) },
      { ALT: () => this.CONSUME(t.Weight, { LABEL: 'role' }) },
    ]);
    this.CONSUME(t.Name, { LABEL: 'name' });
    this.CONSUME(t.Colon);
    this.SUBRULE(this.tensorType);
  });

  setting = this.RULE('setting', () => {
    this.CONSUME(t.Name, { LABEL: 'name' });
    this.SUBRULE(this.expression, { LABEL: 'value' });
  });

  // -------------------------------------------------------------- signatures

  hypers = this.RULE('hypers', () => {
    this.CONSUME(t.LParen);
    this.OPTION(() => this.items(this.hyper, 'hyper'));
    this.CONSUME(t.RParen);
  });

  hyper = this.RULE('hyper', () => {
    this.CONSUME(t.Name, { LABEL: 'name' });
    this.CONSUME(t.Colon);
    this.SUBRULE(this.hyperType, { LABEL: 'type' });
    this.OPTION(() => {
      this.CONSUME(t.Equals);
      this.SUBRULE(this.expression, { LABEL: 'default' });
    });
  });

  hyperType = this.RULE('hyperType', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.blockType), IGNORE_AMBIGUITIES: true },
      { ALT: () => this.SUBRULE(this.listType) },
      { ALT: () => this.CONSUME(t.Name, { LABEL: 'plain' }) },
    ]);
  });

  listType = this.RULE('listType', () => {
    this.CONSUME(t.LSquare);
    this.SUBRULE(this.hyperType, { LABEL: 'element' });
    this.CONSUME(t.RSquare);
  });

  blockType = this.RULE('blockType', () => {
    this.CONSUME(t.Block);
    this.CONSUME(t.LParen);
    this.OPTION(() => this.items(this.tensorType, 'inputs'));
    this.CONSUME(t.RParen);
    this.CONSUME(t.Arrow);
    this.SUBRULE(this.outputs);
  });

  inputs = this.RULE('inputs', () => {
    this.CONSUME(t.LParen);
    this.OPTION(() => this.items(this.tensorDecl, 'input'));
    this.CONSUME(t.RParen);
  });

  tensorDecl = this.RULE('tensorDecl', () => {
    this.CONSUME(t.Name, { LABEL: 'name' });
    this.CONSUME(t.Colon);
    this.SUBRULE(this.tensorType);
    this.OPTION(() => {
      this.CONSUME(t.Equals);
      this.SUBRULE(this.expression, { LABEL: 'default' });
    });
  });

  outputs = this.RULE('outputs', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.tensorType) },
      {
        ALT: () => {
          this.CONSUME(t.LParen);
          this.items(this.tensorType, 'tensorType');
          this.CONSUME(t.RParen);
        },
      },
    ]);
  });

  tensorType = this.RULE('tensorType', () => {
    this.OPTION(() => this.CONSUME(t.Name, { LABEL: 'dtype' }));
    this.CONSUME(t.LSquare);
    this.OPTION1(() => this.items(this.axis, 'axis'));
    this.CONSUME(t.RSquare);
  });

  axis = this.RULE('axis', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Ellipsis);
          this.CONSUME(t.Name, { LABEL: 'rest' });
        },
      },
      { ALT: () => this.SUBRULE(this.sizedAxis) },
    ]);
  });

  sizedAxis = this.RULE('sizedAxis', () => {
    this.CONSUME(t.Name, { LABEL: 'name' });
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.expression, { LABEL: 'size' });
    });
  });

  requirements = this.RULE('requirements', () => {
    this.CONSUME(t.Where);
    this.items(this.condition, 'condition');
  });

  // -------------------------------------------------------------- statements

  body = this.RULE('body', () => {
    this.CONSUME(t.LCurly);
    this.MANY(() => this.SUBRULE(this.line, { LABEL: 'lines' }));
    this.CONSUME(t.RCurly);
  });

  line = this.RULE('line', () => {
    this.OPTION(() => this.SUBRULE(this.statement));
    this.CONSUME(t.Terminator);
  });

  statement = this.RULE('statement', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.bind), IGNORE_AMBIGUITIES: true },
      { ALT: () => this.SUBRULE(this.returnStmt) },
      { ALT: () => this.SUBRULE(this.forStmt) },
      { ALT: () => this.SUBRULE(this.ifStmt) },
      { ALT: () => this.SUBRULE(this.assertStmt) },
      { ALT: () => this.SUBRULE(this.paramStmt) },
      { ALT: () => this.SUBRULE(this.inputStmt) },
      { ALT: () => this.SUBRULE(this.outputStmt) },
      { ALT: () => this.SUBRULE(this.mistakenValue) },
    ]);
  });

  bind = this.RULE('bind', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Name, { LABEL: 'targets' }) },
      {
        ALT: () => {
          this.CONSUME(t.LParen, { LABEL: 'tuple' });
          this.CONSUME1(t.Name, { LABEL: 'targets' });
          this.MANY({
            GATE: () => this.isAnotherItem(),
            MAX_LOOKAHEAD: 1,
            DEF: () => {
              this.CONSUME(t.Comma);
              this.CONSUME2(t.Name, { LABEL: 'targets' });
            },
          });
          this.OPTION({ MAX_LOOKAHEAD: 1, DEF: () => this.CONSUME1(t.Comma) });
          this.CONSUME(t.RParen);
        },
      },
    ]);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.condition, { LABEL: 'value' });
  });

  returnStmt = this.RULE('returnStmt', () => {
    this.CONSUME(t.Return);
    this.SUBRULE(this.expression, { LABEL: 'values' });
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE1(this.expression, { LABEL: 'values' });
    });
  });

  forStmt = this.RULE('forStmt', () => {
    this.CONSUME(t.For);
    this.OR([
      { ALT: () => this.CONSUME(t.Name, { LABEL: 'element' }) },
      {
        ALT: () => {
          this.CONSUME(t.LParen);
          this.CONSUME1(t.Name, { LABEL: 'index' });
          this.CONSUME(t.Comma);
          this.CONSUME2(t.Name, { LABEL: 'element' });
          this.CONSUME(t.RParen);
        },
      },
    ]);
    this.CONSUME(t.In);
    this.SUBRULE(this.expression, { LABEL: 'range' });
    this.SUBRULE(this.body);
  });

  ifStmt = this.RULE('ifStmt', () => {
    this.CONSUME(t.If);
    this.SUBRULE(this.condition);
    this.SUBRULE(this.body);
    this.MANY(() => {
      this.CONSUME(t.Else);
      this.CONSUME1(t.If);
      this.SUBRULE1(this.condition);
      this.SUBRULE1(this.body);
    });
    this.OPTION(() => {
      this.CONSUME1(t.Else);
      this.SUBRULE2(this.body, { LABEL: 'otherwise' });
    });
  });

  assertStmt = this.RULE('assertStmt', () => {
    this.CONSUME(t.Assert);
    this.SUBRULE(this.condition);
  });

  paramStmt = this.RULE('paramStmt', () => {
    this.CONSUME(t.Param);
    this.CONSUME(t.Name, { LABEL: 'name' });
    this.CONSUME(t.Colon);
    this.SUBRULE(this.tensorType);
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression, { LABEL: 'init' });
  });

  inputStmt = this.RULE('inputStmt', () => {
    this.CONSUME(t.Input);
    this.CONSUME(t.Name, { LABEL: 'name' });
    this.CONSUME(t.Colon);
    this.SUBRULE(this.tensorType);
    this.OPTION(() => {
      this.CONSUME(t.From);
      this.SUBRULE(this.expression, { LABEL: 'from' });
    });
  });

  outputStmt = this.RULE('outputStmt', () => {
    this.CONSUME(t.Output);
    this.CONSUME(t.Name, { LABEL: 'name' });
    this.OPTION(() => {
      this.CONSUME(t.Equals);
      this.SUBRULE(this.expression, { LABEL: 'value' });
    });
    this.OPTION1(() => {
      this.CONSUME(t.Labels);
      this.SUBRULE1(this.expression, { LABEL: 'labels' });
    });
  });

  mistakenValue = this.RULE('mistakenValue', () => {
    this.SUBRULE(this.expression, { LABEL: 'value' });
    this.OPTION(() => {
      this.CONSUME(t.Equals);
      this.SUBRULE1(this.expression, { LABEL: 'bound' });
    });
  });

  // -------------------------------------------------------------- expressions

  /** An expression in a place where `=` is easily written for `==`. */
  condition = this.RULE('condition', () => {
    this.SUBRULE(this.expression);
    this.OPTION(() => this.SUBRULE(this.mistakenEquals));
  });

  mistakenEquals = this.RULE('mistakenEquals', () => {
    this.AT_LEAST_ONE(() => {
      this.CONSUME(t.Equals);
      this.SUBRULE(this.expression);
    });
  });

  // Flat: `precedence.ts` says how operators bind. One rule a level would cost a dozen nodes for each literal.
  expression = this.RULE('expression', () => {
    this.OR([{ ALT: () => this.SUBRULE(this.operand) }, { ALT: () => this.SUBRULE(this.rangeEnd) }]);
    this.MANY(() => this.SUBRULE(this.operation));
  });

  operation = this.RULE('operation', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.InfixOperator, { LABEL: 'operator' });
          this.SUBRULE(this.operand);
        },
      },
      { ALT: () => this.SUBRULE(this.rangeEnd) },
    ]);
  });

  rangeEnd = this.RULE('rangeEnd', () => {
    this.CONSUME(t.Range);
    this.OPTION(() => this.SUBRULE(this.operand));
  });

  operand = this.RULE('operand', () => {
    this.MANY(() => this.CONSUME(t.PrefixOperator, { LABEL: 'prefix' }));
    this.SUBRULE(this.primary);
    this.MANY1(() => this.SUBRULE(this.suffix));
  });

  suffix = this.RULE('suffix', () => {
    this.OR([{ ALT: () => this.SUBRULE(this.call) }, { ALT: () => this.SUBRULE(this.index) }]);
  });

  call = this.RULE('call', () => {
    this.CONSUME(t.LParen);
    this.OPTION(() => this.items(this.argument, 'argument'));
    this.CONSUME(t.RParen);
  });

  argument = this.RULE('argument', () => {
    this.OPTION(() => {
      this.CONSUME(t.Name, { LABEL: 'name' });
      this.CONSUME(t.Colon);
    });
    this.SUBRULE(this.expression, { LABEL: 'value' });
    this.OPTION1(() => {
      this.CONSUME(t.Arrow);
      this.SUBRULE(this.axisTarget, { LABEL: 'to' });
    });
  });

  axisTarget = this.RULE('axisTarget', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.sizedAxis, { LABEL: 'axes' }) },
      {
        ALT: () => {
          this.CONSUME(t.LSquare);
          this.OPTION(() => this.items(this.sizedAxis, 'axes'));
          this.CONSUME(t.RSquare);
        },
      },
    ]);
  });

  index = this.RULE('index', () => {
    this.CONSUME(t.LSquare);
    this.SUBRULE(this.expression);
    this.CONSUME(t.RSquare);
  });

  primary = this.RULE('primary', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.NumberToken, { LABEL: 'number' }) },
      { ALT: () => this.CONSUME(t.StringToken, { LABEL: 'string' }) },
      { ALT: () => this.CONSUME(t.True, { LABEL: 'bool' }) },
      { ALT: () => this.CONSUME(t.False, { LABEL: 'bool' }) },
      { ALT: () => this.CONSUME(t.Name, { LABEL: 'name' }) },
      { ALT: () => this.SUBRULE(this.group) },
      { ALT: () => this.SUBRULE(this.list) },
    ]);
  });

  /** One expression in parentheses; with a comma, a tuple. */
  group = this.RULE('group', () => {
    this.CONSUME(t.LParen);
    this.items(this.expression, 'items');
    this.CONSUME(t.RParen);
  });

  list = this.RULE('list', () => {
    this.CONSUME(t.LSquare);
    this.OPTION(() => this.items(this.listItem, 'items'));
    this.CONSUME(t.RSquare);
  });

  listItem = this.RULE('listItem', () => {
    this.OPTION(() => {
      this.CONSUME(t.Name, { LABEL: 'key' });
      this.CONSUME(t.Colon);
    });
    this.SUBRULE(this.expression, { LABEL: 'value' });
  });

  /**
   * One item or more with commas between and, if wanted, one after the last; the token behind a comma decides. The
   * numbers leave the lower ones to the rules.
   */
  private items(rule: ParserMethod<[], CstNode>, label: string): void {
    this.SUBRULE8(rule, { LABEL: label });
    this.MANY9({
      GATE: () => this.isAnotherItem(),
      MAX_LOOKAHEAD: 1,
      DEF: () => {
        this.CONSUME8(t.Comma);
        this.SUBRULE9(rule, { LABEL: label });
      },
    });
    this.OPTION9({ MAX_LOOKAHEAD: 1, DEF: () => this.CONSUME9(t.Comma) });
  }

  private isAnotherItem(): boolean {
    return !t.closing.has(this.LA(2).tokenType);
  }

  // -------------------------------------------------------------- recovery
  //
  // A statement is lost at most to its own end. Chevrotain would resynchronise at the first token that any open rule
  // could go on with, often in the middle of the line or inside a nested body, and report the rest as new mistakes.
  // The two methods replace its own (their names are its interface between the traits; the version is pinned, and the
  // tests of recovery fail should a new one rename them).

  findReSyncTokenType(): TokenType {
    if (this.errors.length > maxSyntaxErrors) throw new TooManyErrors();
    let ahead = 1;
    while (!isStop(this.LA(ahead))) ahead++;
    return this.LA(ahead).tokenType;
  }

  reSyncTo(stop: TokenType): IToken[] {
    const skipped: IToken[] = [];
    let depth = 0;
    for (let next = this.LA(1); next.tokenType !== EOF; next = this.LA(1)) {
      if (next.tokenType === stop && depth <= 0) break;
      if (next.tokenType === t.LCurly) depth++;
      else if (next.tokenType === t.RCurly) depth--;
      skipped.push(next);
      this.SKIP_TOKEN();
    }
    return skipped;
  }

  // An invented token must carry no meaning of its own: a missing name or number is not made up.
  protected override canTokenTypeBeInsertedInRecovery(type: TokenType): boolean {
    return insertable.has(type);
  }
}

/** After more errors than these the rest is not parsed: to recover from one takes as long as to parse hundreds of lines. */
export const maxSyntaxErrors = 100;

/** Thrown by a rule where there are more; the errors so far are in `errors`. */
export class TooManyErrors extends Error {}

function isStop(token: IToken): boolean {
  return token.tokenType === t.Terminator || token.tokenType === EOF;
}

const insertable = new Set<TokenType>([t.Comma, t.Colon, t.Equals, t.Arrow, t.In, t.From]);

/** Hands the expected token type out through the message; `messages.ts` puts it into words. */
const expectations: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => expected.name,
  buildNotAllInputParsedMessage: () => '',
  buildNoViableAltMessage: () => '',
  buildEarlyExitMessage: () => '',
};

let shared: NetParser | undefined;

/** The parser, made when first asked for. Its construction analyses the grammar and takes some milliseconds. */
export function netParser(): NetParser {
  shared ??= new NetParser({ skipValidations: true });
  return shared;
}

export type Rule = ParserMethod<[], CstNode>;
