import type { CstNode, IToken } from 'chevrotain';
import { lookaheadTable } from './lookahead-table.ts';
import { readLookahead, type Lookahead } from './lookahead.ts';
import { NetParser } from './parser.ts';

/**
 * The tree of tokens in which nothing is wrong; undefined where something is, which {@link NetParser} has to find out.
 *
 * That parser has to analyse the grammar before it can recover from a mistake, and to a process that checks one file
 * this is as much work as to parse all that the file imports. What decides in a correct text is in a table instead.
 */
export function parseCorrect(input: readonly IToken[]): CstNode | undefined {
  shared ??= new CorrectParser();
  shared.input = [...input];
  try {
    const tree = shared.file();
    // What is left over after a whole file.
    return shared.errors.length === 0 ? tree : undefined;
  } catch (error) {
    if (error instanceof Mistake) return undefined;
    throw error;
  }
}

let shared: CorrectParser | undefined;

/** Thrown at the first token that does not fit. */
class Mistake extends Error {}

/**
 * The same grammar without its analysis. The methods replace chevrotain's own; as with those of {@link NetParser}, their
 * names are its interface between the traits, and a test fails should one be renamed.
 */
export class CorrectParser extends NetParser {
  declare private selfAnalysisDone: boolean;
  private readonly decisions = new Map<number, Decision>();

  constructor() {
    super({ skipValidations: true });
  }

  protected override performSelfAnalysis(): void {
    this.selfAnalysisDone = true;
  }

  getLaFuncFromCache(choice: number): Decision {
    const known = this.decisions.get(choice);
    if (known !== undefined) return known;
    const decision = this.decisionOf(choice);
    this.decisions.set(choice, decision);
    return decision;
  }

  /** An OR is told the alternative, everything else whether to go in. */
  private decisionOf(choice: number): Decision {
    const entry = lookaheadTable.get(choice);
    if (entry === undefined) throw new Error(`the lookahead table has no choice ${choice}`);
    const lookahead = readLookahead(typeof entry === 'string' ? [entry] : entry);
    return typeof entry === 'string' ? () => this.choose(lookahead) === 0 : () => this.choose(lookahead);
  }

  private choose({ byBoth, byFirst }: Lookahead): number | undefined {
    const first = this.LA_FAST(1).tokenTypeIdx;
    return byBoth.get(first)?.[this.LA_FAST(2).tokenTypeIdx] ?? byFirst[first];
  }

  /** Looks for a missing separator where a repetition ends; in a correct text there is none. */
  attemptInRepetitionRecovery = (): void => undefined;

  consumeInternalError(): never {
    throw new Mistake();
  }

  raiseNoAltException(): never {
    throw new Mistake();
  }

  raiseEarlyExitException(): never {
    throw new Mistake();
  }
}

type Decision = () => number | boolean | undefined;
