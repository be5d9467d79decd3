import { holds, substitute as substituteProp, varsOf, type Prop } from '../shapes/prop.ts';
import {
  constant,
  isConstant,
  SizeError,
  substitute,
  varsOf as varsOfSize,
  type Size,
  type SizeVar,
} from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { Func, LoopStatement, Module, Region, Statement } from './module.ts';

type Sizes = ReadonlyMap<SizeVar, Size>;

/**
 * How many nodes a function of the module unfolds to, or a little less: what a lower bound is needed for is to refuse a
 * program that explodes before it is unfolded. It takes the time of reading the module once for each set of sizes in
 * use; calls and turns that are alike are counted once.
 *
 * @param enough where to stop: a larger number may be returned as anything above it
 */
export function nodesIn(module: Module, entry: string, enough: number): Measured {
  return new Measure(module, enough).entry(entry);
}

export interface Measured {
  readonly nodes: number;
  /** The statement of the entry that contributes most. */
  readonly largest: Span | undefined;
}

class Measure {
  private readonly module: Module;
  private readonly enough: number;
  private readonly known = new Map<string, number>();
  private readonly deciding = new Map<Region, ReadonlySet<SizeVar>>();

  constructor(module: Module, enough: number) {
    this.module = module;
    this.enough = enough;
  }

  entry(id: string): Measured {
    let [nodes, most] = [0, 0];
    let largest: Span | undefined;
    for (const statement of this.function(id).body.statements) {
      const count = this.statement(statement, new Map());
      nodes += count;
      if (count <= most || !('span' in statement)) continue;
      [most, largest] = [count, statement.span];
    }
    return { nodes, largest };
  }

  private function(id: string): Func {
    const func = this.module.functions.get(id);
    if (func === undefined) throw new Error(`the module has no function ${id}`);
    return func;
  }

  private func(id: string, sizes: readonly Size[]): number {
    const func = this.function(id);
    const key = `${id} ${sizes.map((size) => size.key).join(' ')}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const count = this.region(func.body, bound(func, sizes));
    this.known.set(key, count);
    return count;
  }

  private region(region: Region, sizes: Sizes): number {
    let count = 0;
    for (const statement of region.statements) {
      count += this.statement(statement, sizes);
      if (count > this.enough) return count;
    }
    return count;
  }

  private statement(statement: Statement, sizes: Sizes): number {
    switch (statement.kind) {
      case 'op':
        return 1;
      case 'call':
        return this.func(statement.callee, statement.sizes.map((size) => substitute(size, sizes))); // prettier-ignore
      case 'loop':
        return this.loop(statement, sizes);
      case 'if': {
        const truth = truthOf(substituteProp(statement.condition, sizes));
        if (truth === undefined) return 0;
        return this.region(truth ? statement.then : statement.otherwise, sizes);
      }
      case 'list':
      case 'append':
      case 'get':
      case 'slice':
      case 'check':
        return 0;
    }
  }

  /** A turn counts itself, so that an empty one is not free. */
  private loop(statement: LoopStatement, sizes: Sizes): number {
    const turns = isConstant(substitute(statement.count, sizes));
    if (turns === undefined) return 0;
    const { body, index } = statement;
    if (!this.decidesIn(body).has(index)) return turns * (1 + this.region(body, sizes));
    let count = 0;
    for (let turn = 0; turn < turns && count <= this.enough; turn++) {
      count += 1 + this.region(body, new Map(sizes).set(index, constant(turn)));
    }
    return count;
  }

  /** The variables on which it depends how much a region unfolds to. */
  private decidesIn(region: Region): ReadonlySet<SizeVar> {
    const known = this.deciding.get(region);
    if (known !== undefined) return known;
    const found = new Set<SizeVar>();
    const add = (vars: Iterable<SizeVar>): void => {
      for (const v of vars) found.add(v);
    };
    for (const statement of region.statements) {
      if (statement.kind === 'call') for (const size of statement.sizes) add(varsOfSize(size));
      if (statement.kind === 'loop') {
        add(varsOfSize(statement.count));
        add(this.decidesIn(statement.body));
      }
      if (statement.kind === 'if') {
        add(varsOf(statement.condition));
        add(this.decidesIn(statement.then));
        add(this.decidesIn(statement.otherwise));
      }
    }
    this.deciding.set(region, found);
    return found;
  }
}

function bound(func: Func, sizes: readonly Size[]): Sizes {
  return new Map(func.sizes.flatMap((v, i) => {
    const size = sizes[i];
    return size === undefined ? [] : [[v, size] as const];
  })); // prettier-ignore
}

function truthOf(prop: Prop): boolean | undefined {
  if (varsOf(prop).length > 0) return undefined;
  try {
    return holds(prop, () => 0);
  } catch (error) {
    if (error instanceof SizeError) return undefined;
    throw error;
  }
}
