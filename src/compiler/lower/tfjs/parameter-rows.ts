import { axisNames, type TensorType } from '../../ir/tensor-type.ts';
import type {
  Carried,
  Func,
  LoopStatement,
  Module,
  ParamDecl,
  Region,
  Statement,
  Value,
} from '../../ir/module.ts';
import { holds } from '../../shapes/prop.ts';
import { evaluate, soleVariable, varsOf, type Size, type SizeVar } from '../../shapes/size.ts';
import { tensorTypeOf } from './value-table.ts';

/** One weight or piece of state of the model, with its sizes as numbers. */
export interface ParameterRow {
  readonly kind: 'row';
  /** Names, and the turns of loops as numbers. */
  readonly path: readonly (string | number)[];
  readonly shape: readonly number[];
  readonly fan: { readonly in: number; readonly out: number } | undefined;
  readonly decl: ParamDecl;
  /** `permutation[i]` is the axis of the checkpoint that becomes axis i; undefined where nothing moves. */
  readonly permutation: readonly number[] | undefined;
}

/** The rows of a loop, turn by turn. */
export interface ParameterTurns {
  readonly kind: 'turns';
  readonly index: string;
  readonly turns: readonly (readonly ParameterNode[])[];
}

export type ParameterNode = ParameterRow | ParameterTurns;

/** How the functions of the program use their parameters. */
export interface ParameterUse {
  /** How a parameter lies in the program. */
  orderOf(func: Func, decl: ParamDecl): readonly string[];
  /** Whether a function is given the weights of its instance. */
  usesWeights(func: Func): boolean;
}

export interface Parameters {
  readonly rows: readonly ParameterNode[];
  /**
   * Paths of instances that are given weights and have none: at these sizes, no turn of a loop or branch is run that
   * would use one. Those inside of which there is another such instance are left out.
   */
  readonly bare: readonly string[];
}

/**
 * Every parameter of the model, by walking through it with the sizes it was built with. Instances that are called
 * several times are listed once, where they come first.
 */
export function parametersOf(
  module: Module,
  sizes: ReadonlyMap<SizeVar, number>,
  use: ParameterUse,
): Parameters {
  const model = module.functions.get(module.model.func);
  if (model === undefined) throw new Error(`the module has no function ${module.model.func}`);
  const walk = new Walk(module, use);
  const { nodes } = walk.func(model, new Map(sizes), []);
  return { rows: nodes, bare: walk.bare() };
}

/** `a/b` and `a` of `a/b/c`. */
function* ownersOf(path: string): Generator<string> {
  for (let end = path.lastIndexOf('/'); end >= 0; end = path.lastIndexOf('/', end - 1)) {
    yield path.slice(0, end);
    if (end === 0) return;
  }
}

type Env = Map<SizeVar, number>;
/** The lengths of a tensor's axes, by name; undefined where they depend on the input, as the batch does. */
type Lengths = ReadonlyMap<string, number | undefined>;
type At = readonly (string | number)[];

class Walk {
  private readonly module: Module;
  private readonly use: ParameterUse;
  private readonly seen = new Set<string>();
  /** The paths of instances that are given weights. */
  private readonly weighted = new Set<string>();

  constructor(module: Module, use: ParameterUse) {
    this.module = module;
    this.use = use;
  }

  bare(): readonly string[] {
    const owners = new Set<string>();
    for (const path of [...this.seen, ...this.weighted])
      for (const owner of ownersOf(path)) owners.add(owner);
    return [...this.weighted].filter((path) => !owners.has(path));
  }

  func(
    func: Func,
    env: Env,
    at: At,
  ): { readonly nodes: readonly ParameterNode[]; readonly outputs: readonly Lengths[] } {
    const nodes = this.region(func, func.body, env, at);
    return { nodes, outputs: func.outputs.map((output) => lengthsOf(output.type, env)) };
  }

  /** Parameters come where they are first used, so that the table reads in the order of the network. */
  private region(func: Func, region: Region, env: Env, at: At): readonly ParameterNode[] {
    const nodes: ParameterNode[] = [];
    const waiting = new Map(region.params.map((decl) => [decl.value.id, decl]));
    const list = (decl: ParamDecl): void => {
      waiting.delete(decl.value.id);
      nodes.push(...this.row(func, decl, env, at));
    };
    for (const statement of region.statements) {
      const inputs = statement.kind === 'op' || statement.kind === 'call' ? statement.inputs : [];
      for (const { id } of inputs) {
        const decl = waiting.get(id);
        if (decl !== undefined) list(decl);
      }
      nodes.push(...this.statement(func, statement, env, at));
    }
    waiting.forEach(list);
    return nodes;
  }

  private row(func: Func, decl: ParamDecl, env: Env, at: At): readonly ParameterRow[] {
    const path = [...at, ...decl.path.map((part) => (typeof part === 'string' ? part : valueOf(part, env)))];
    const full = path.join('/');
    if (this.seen.has(full)) return [];
    this.seen.add(full);
    const declared = axisNames(decl.value.type);
    const permutation = this.use.orderOf(func, decl).map((name) => declared.indexOf(name));
    return [
      {
        kind: 'row',
        path,
        shape: decl.value.type.axes.map(({ size }) => number(size, env)),
        fan: decl.fan && { in: number(decl.fan.in, env), out: number(decl.fan.out, env) },
        decl,
        permutation: permutation.every((axis, i) => axis === i) ? undefined : permutation,
      },
    ];
  }

  private statement(func: Func, statement: Statement, env: Env, at: At): readonly ParameterNode[] {
    switch (statement.kind) {
      case 'call': {
        const callee = this.module.functions.get(statement.callee);
        if (callee === undefined) throw new Error(`the module has no function ${statement.callee}`);
        const inside: Env = new Map();
        callee.sizes.forEach((variable, i) => {
          const size = statement.sizes[i];
          const value = size && numberOrNone(size, env);
          if (value !== undefined) inside.set(variable, value);
        });
        const path = statement.path.map((part) => (typeof part === 'string' ? part : valueOf(part, env)));
        if (this.use.usesWeights(callee)) this.weighted.add([...at, ...path].join('/'));
        const { nodes, outputs } = this.func(callee, inside, [...at, ...path]);
        statement.outputs.forEach((output, i) => {
          const lengths = [...(outputs[i] ?? [])].map(
            ([name, n]) => [statement.axes.get(name) ?? name, n] as const,
          );
          learn(output, new Map(lengths), env);
        });
        return nodes;
      }
      case 'loop':
        return [this.loop(func, statement, env, at)];
      case 'if': {
        const isTrue = holds(statement.condition, (variable) => valueOf(variable, env));
        const nodes = this.region(func, isTrue ? statement.then : statement.otherwise, env, at);
        for (const { output, then, otherwise } of statement.results) {
          learn(output, lengthsOf(tensorTypeOf(isTrue ? then : otherwise), env), env);
        }
        return nodes;
      }
      case 'op':
      case 'list':
      case 'append':
      case 'get':
      case 'slice':
      case 'check':
        return [];
    }
  }

  private loop(func: Func, statement: LoopStatement, env: Env, at: At): ParameterTurns {
    const { carried, index, body } = statement;
    const count = number(statement.count, env);
    const turns: (readonly ParameterNode[])[] = [];
    let lengths = carried.map(({ initial }) => lengthsOf(tensorTypeOf(initial), env));
    for (let turn = 0; turn < count; turn++) {
      // What a loop changes has another size in each turn, and what is found out in a turn ends with it.
      const inside: Env = new Map(env).set(index, turn);
      carried.forEach(({ current }, i) => learn(current, lengths[i], inside));
      turns.push(this.region(func, body, inside, at));
      lengths = carried.map(({ next }: Carried) => lengthsOf(tensorTypeOf(next), inside));
    }
    carried.forEach(({ final }, i) => learn(final, lengths[i], env));
    return { kind: 'turns', index: index.name, turns };
  }
}

/** Takes sizes that are not known yet from the lengths that a value turned out to have. */
function learn(value: Value, lengths: Lengths | undefined, env: Env): void {
  for (const { name, size } of tensorTypeOf(value).axes) {
    const [variable, length] = [soleVariable(size), lengths?.get(name)];
    if (variable !== undefined && length !== undefined && !env.has(variable)) env.set(variable, length);
  }
}

function lengthsOf(type: TensorType, env: Env): Lengths {
  return new Map(type.axes.map(({ name, size }) => [name, numberOrNone(size, env)]));
}

function valueOf(variable: SizeVar, env: Env): number {
  const value = env.get(variable);
  if (value === undefined) throw new Error(`the size ${variable.name} has no value`);
  return value;
}

function number(size: Size, env: Env): number {
  return evaluate(size, (variable) => valueOf(variable, env));
}

function numberOrNone(size: Size, env: Env): number | undefined {
  if (size.value !== undefined) return size.value;
  return varsOf(size).every((variable) => env.has(variable)) ? number(size, env) : undefined;
}
