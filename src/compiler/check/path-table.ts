import type { Path, PathPart } from '../ir/module.ts';
import type { SizeVar } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';

/** A place of the tree of paths. Turns of loops are numbers where a loop is unrolled, else the loop's index. */
interface PathNode {
  /** Those who keep parameters here; several only where branches exclude each other. */
  readonly claims: Claim[];
  /** What follows: names, and turns of unrolled loops as digits. */
  readonly below: Map<string, PathNode>;
  /** Turns of loops that are not unrolled, by their indices. */
  readonly openTurns: Map<SizeVar, PathNode>;
  /** Claims here and below. */
  count: number;
}

interface Claim {
  readonly path: Path;
  readonly span: Span;
  /** Whether it has instances inside: a block, in contrast to an operation, whose parameters are right below it. */
  readonly isBlock: boolean;
}

/**
 * The paths of the parameterised instances of one function. Two of them conflict where their parameters could meet:
 * they are equal, or one is a block's and the other follows it with a name, as `y/conv` is inside of a block `y` with a
 * `conv`.
 * A turn that is not known yet may be any.
 */
export class PathTable {
  private readonly root: PathNode = emptyNode();
  private readonly journal: Claim[] = [];

  /** Takes a path, or returns the place of a claim that it conflicts with. */
  claim(path: Path, span: Span, isBlock: boolean): Span | undefined {
    const claim = { path, span, isBlock };
    const conflict = conflictWith(this.root, claim, 0);
    if (conflict === undefined) this.add(claim);
    return conflict?.span;
  }

  /** A point to go back to. */
  mark(): number {
    return this.journal.length;
  }

  /** Gives back all that was claimed since the mark. */
  release(mark: number): readonly Claim[] {
    const released = this.journal.splice(mark);
    for (const { path } of released.toReversed()) {
      for (const node of this.nodesOn(path)) node.count--;
      this.nodesOn(path).at(-1)?.claims.pop();
    }
    return released;
  }

  /** Takes back what was released for a while. */
  restore(claims: readonly Claim[]): void {
    for (const claim of claims) this.add(claim);
  }

  private add(claim: Claim): void {
    this.journal.push(claim);
    const nodes = this.nodesOn(claim.path);
    for (const node of nodes) node.count++;
    nodes.at(-1)?.claims.push(claim);
  }

  /** The nodes from the root to a path, made where they are missing. */
  private nodesOn(path: Path): readonly PathNode[] {
    const nodes = [this.root];
    let node = this.root;
    for (const part of path) {
      node = typeof part === 'string' ? entry(node.below, part) : entry(node.openTurns, part);
      nodes.push(node);
    }
    return nodes;
  }
}

function entry<K>(nodes: Map<K, PathNode>, key: K): PathNode {
  let node = nodes.get(key);
  if (node === undefined) nodes.set(key, (node = emptyNode()));
  return node;
}

function emptyNode(): PathNode {
  return { claims: [], below: new Map(), openTurns: new Map(), count: 0 };
}

function conflictWith(node: PathNode, claim: Claim, depth: number): Claim | undefined {
  if (node.count === 0) return undefined;
  const part = claim.path[depth];
  if (part === undefined) return node.claims[0] ?? (claim.isBlock ? claimBelowName(node) : undefined);
  const block = isTurn(part) ? undefined : node.claims.find(({ isBlock }) => isBlock);
  if (block !== undefined) return block;
  for (const next of candidates(node, part)) {
    const conflict = conflictWith(next, claim, depth + 1);
    if (conflict !== undefined) return conflict;
  }
  return undefined;
}

/** What may be the same as `part` below a node. */
function* candidates(node: PathNode, part: PathPart): Iterable<PathNode> {
  if (typeof part === 'string') {
    const same = node.below.get(part);
    if (same !== undefined) yield same;
  } else {
    for (const [other, next] of node.below) if (isTurn(other)) yield next;
  }
  if (isTurn(part)) yield* node.openTurns.values();
}

/** A claim inside of a node, behind a name: a turn next to it belongs to a loop of its own. */
function claimBelowName(node: PathNode): Claim | undefined {
  for (const [part, next] of node.below) {
    if (isTurn(part) || next.count === 0) continue;
    const found = next.claims[0] ?? anyClaimBelow(next);
    if (found !== undefined) return found;
  }
  return undefined;
}

function anyClaimBelow(node: PathNode): Claim | undefined {
  for (const next of [...node.below.values(), ...node.openTurns.values()]) {
    const found = next.claims[0] ?? anyClaimBelow(next);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a part of a path is the turn of a loop, and no name. */
export function isTurn(part: PathPart): boolean {
  return typeof part !== 'string' || /^\d/.test(part);
}

/** A path as messages show it; a turn that is not known as the name of the loop's index. */
export function printPath(path: Path): string {
  return path.map((part) => (typeof part === 'string' ? part : `{${part.name}}`)).join('/');
}
