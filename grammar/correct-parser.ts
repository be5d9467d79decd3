import { EOF, type CstElement, type CstNode, type CstNodeLocation, type IToken } from 'chevrotain';
import type { Lookahead, Production, Sequence } from './production.ts';
import { ruleTable } from './rule-table.ts';
import { closing, Comma } from './tokens.ts';

/**
 * The tree of tokens in which nothing is wrong; undefined where something is, which `NetParser` has to find out.
 *
 * That parser has to analyse the grammar before it can recover from a mistake, and to a process that checks one file
 * this is as much work as to parse all that the file imports. Here the grammar is a table that was generated from it,
 * decisions and all, and the first token that does not fit ends it. The trees are the same, which a test compares.
 */
export function parseCorrect(input: readonly IToken[]): CstNode | undefined {
  const reader = new Reader(input);
  try {
    const tree = reader.node('file');
    return reader.isAtEnd ? tree : undefined;
  } catch (error) {
    if (error instanceof Mistake) return undefined;
    throw error;
  }
}

/** Thrown at the first token that does not fit. */
class Mistake extends Error {}

class Reader {
  private readonly input: readonly IToken[];
  private at = 0;

  constructor(input: readonly IToken[]) {
    this.input = input;
  }

  get isAtEnd(): boolean {
    return this.at === this.input.length;
  }

  node(rule: string): LocatedNode {
    const node: LocatedNode = { name: rule, children: {}, location: { startOffset: NaN, endOffset: NaN } };
    this.sequence(sequenceOf(rule), node);
    return node;
  }

  private sequence(parts: Sequence, into: LocatedNode): void {
    for (const part of parts) this.part(part, into);
  }

  private part(part: Production, into: LocatedNode): void {
    switch (part.kind) {
      case 'token': {
        const token = this.input[this.at];
        if (token === undefined || !part.types.includes(token.tokenTypeIdx)) throw new Mistake();
        this.at++;
        add(into, part.label, token, token);
        return;
      }
      case 'rule': {
        const node = this.node(part.name);
        add(into, part.label, node, node.location);
        return;
      }
      case 'choice': {
        const chosen = part.alternatives[this.choose(part.lookahead) ?? -1];
        if (chosen === undefined) throw new Mistake();
        this.sequence(chosen, into);
        return;
      }
      case 'optional':
        if (this.choose(part.lookahead) !== undefined) this.sequence(part.body, into);
        return;
      case 'atLeastOne':
        this.sequence(part.body, into);
        while (this.choose(part.lookahead) !== undefined) this.sequence(part.body, into);
        return;
      case 'many':
        while (this.choose(part.lookahead) !== undefined) this.sequence(part.body, into);
        return;
      case 'items':
        this.part(part.item, into);
        for (let comma = this.takeComma(into); comma; comma = this.takeComma(into)) {
          const next = this.input[this.at];
          if (next !== undefined && closing.has(next.tokenType)) return;
          this.part(part.item, into);
        }
    }
  }

  private takeComma(into: LocatedNode): boolean {
    const token = this.input[this.at];
    if (token?.tokenType !== Comma) return false;
    this.at++;
    add(into, Comma.name, token, token);
    return true;
  }

  private choose({ byBoth, byFirst }: Lookahead): number | undefined {
    const first = this.typeAt(this.at);
    return byBoth.get(first)?.[this.typeAt(this.at + 1)] ?? byFirst[first];
  }

  private typeAt(at: number): number {
    return this.input[at]?.tokenTypeIdx ?? endType;
  }
}

const endType = EOF.tokenTypeIdx ?? -1;

function add({ children, location }: LocatedNode, label: string, element: CstElement, place: Place): void {
  const known = children[label];
  if (known === undefined) children[label] = [element];
  else known.push(element);
  const { startOffset, endOffset = NaN } = place;
  if (Number.isNaN(location.startOffset)) {
    location.startOffset = startOffset;
    location.endOffset = endOffset;
  } else if (location.endOffset < endOffset) {
    location.endOffset = endOffset;
  }
}

type Place = Pick<CstNodeLocation, 'startOffset' | 'endOffset'>;

interface LocatedNode extends CstNode {
  readonly location: Required<Place>;
}

const sequences = new Map<string, Sequence>();

/** Rules are read from the table when they are first needed. */
function sequenceOf(rule: string): Sequence {
  let parts = sequences.get(rule);
  if (parts === undefined) {
    const read = ruleTable[rule];
    if (read === undefined) throw new Error(`the grammar has no rule ${rule}`);
    sequences.set(rule, (parts = read()));
  }
  return parts;
}
