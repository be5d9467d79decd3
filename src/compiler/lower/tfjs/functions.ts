import { axisNames } from '../../ir/tensor-type.ts';
import type { Func, Module } from '../../ir/module.ts';
import { ops, surfaceOps } from '../../ops/registry.ts';
import { chooseAxisOrder } from '../axis-order.ts';
import type { TfjsHelper } from './emitter.ts';
import { writeFunction, type Convention } from './function-writer.ts';
import { commentLines, entry } from './literals.ts';
import { functionName, mentions, variantName, type Names } from './names.ts';
import { opUses } from './op-uses.ts';
import type { ParameterUse } from './parameter-rows.ts';
import type { ProgramContext } from './program-context.ts';
import { callsIn, resolveCalls, type WrittenFunction } from './written-function.ts';

/** All functions of a module as JavaScript. */
export interface WrittenFunctions {
  /** The blocks that model and loss need, callees first. */
  readonly blocks: readonly string[];
  readonly model: Entry;
  readonly loss: Entry | undefined;
  readonly helpers: ReadonlySet<TfjsHelper>;
  readonly parameters: ParameterUse;
}

/** The model or the loss: its body, whose inputs the program has to name. */
export interface Entry {
  readonly func: Func;
  readonly usesRandom: boolean;
  readonly inputs: readonly string[];
  readonly lines: readonly string[];
}

/**
 * Writes every function. Functions of one block whose texts are equal become one; a block of which several stay is told
 * apart by what its variants differ in.
 */
export function writeFunctions(module: Module, names: Names): WrittenFunctions {
  const funcOf = (id: string): Func => {
    const func = module.functions.get(id);
    if (func === undefined) throw new Error(`the module has no function ${id}`);
    return func;
  };
  const model = funcOf(module.model.func);
  const loss = module.training && funcOf(module.training.func);
  const blocks = [...module.functions.values()].filter((func) => func !== model && func !== loss);
  // Local names stay clear of every name that a function may get.
  const candidates = candidateNames(blocks, names);
  const program: ProgramContext & { readonly written: Map<string, WrittenFunction> } = {
    ops,
    written: new Map<string, WrittenFunction>(),
    // Inputs and outputs are transposed once each; what is inside should not be.
    sorted: chooseAxisOrder(opUses(module), 'channels-last'),
    names,
    helpers: new Set<TfjsHelper>(),
    isAnonymous: anonymousNames(module),
  };
  const write = (func: Func, convention: Convention): WrittenFunction => {
    const written = writeFunction(func, program, convention);
    program.written.set(func.id, written);
    return written;
  };
  for (const func of blocks) write(func, { kind: 'block' });
  const results = module.model.outputs.map(({ name }) => name);
  const writtenModel = write(model, {
    kind: 'entry',
    returned: (texts) => `return { ${texts.map((text, i) => entry(results[i] ?? '', text)).join(', ')} };`,
  });
  const writtenLoss =
    loss && write(loss, { kind: 'entry', returned: (texts) => `return ${texts.join(', ')};` });
  if (writtenLoss?.usesWeights === true) throw new Error('a loss has no weights');

  const needed = reachable(
    [writtenModel, ...(writtenLoss === undefined ? [] : [writtenLoss])],
    program.written,
  );
  const merged = mergeEqual(blocks.map(({ id }) => id).filter((id) => needed.has(id)), program.written); // prettier-ignore
  const nameOf = chooseNames(merged, program.written, candidates);
  const entryOf = ({ inputs, lines, func, usesRandom }: WrittenFunction): Entry => ({
    inputs,
    usesRandom,
    lines: lines.map((line) => resolveCalls(line, nameOf)),
    func,
  });
  return {
    blocks: [...new Set(merged.values())].map((id) => functionText(nameOf, id, program.written)),
    model: entryOf(writtenModel),
    loss: writtenLoss && entryOf(writtenLoss),
    helpers: program.helpers,
    parameters: {
      orderOf: (func, decl) =>
        program.written.get(func.id)?.orders.get(decl) ?? program.sorted(axisNames(decl.value.type)),
      usesWeights: (func) => program.written.get(func.id)?.usesWeights ?? false,
    },
  };
}

/** Hints that the compiler made up: values that go by them have no name in the source. */
function anonymousNames(module: Module): (hint: string) => boolean {
  const made = new Set(['list', 'slice', 'get', ...[...module.functions.values()].map(({ name }) => name)]);
  return (hint) => made.has(hint) || ops.has(hint) || surfaceOps.has(hint);
}

interface Candidates {
  readonly plain: string;
  readonly variant: string;
}

function candidateNames(blocks: readonly Func[], names: Names): ReadonlyMap<string, Candidates> {
  const plain = new Map<string, string>();
  for (const { name } of blocks) if (!plain.has(name)) plain.set(name, names.fresh(functionName(name)));
  return new Map(
    blocks.map(({ id, name }) => {
      const own = plain.get(name) ?? name;
      return [id, { plain: own, variant: id === name ? own : names.fresh(variantName(id)) }];
    }),
  );
}

function reachable(
  entries: readonly WrittenFunction[],
  written: ReadonlyMap<string, WrittenFunction>,
): ReadonlySet<string> {
  const found = new Set<string>();
  const pending = [...entries];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const id of next.lines.flatMap(callsIn)) {
      const callee = written.get(id);
      if (found.has(id) || callee === undefined) continue;
      found.add(id);
      pending.push(callee);
    }
  }
  return found;
}

/** The function that stands for each: itself, or an earlier one with the same text. */
function mergeEqual(
  ids: readonly string[],
  written: ReadonlyMap<string, WrittenFunction>,
): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  const merged = new Map<string, string>();
  for (const id of ids) {
    const one = written.get(id);
    if (one === undefined) continue;
    const body = one.lines.map((line) => resolveCalls(line, (callee) => `<${merged.get(callee) ?? callee}>`));
    const signature = parametersOf(one);
    const text = [one.func.name, signature, withoutLocalNames(body.join('\n'), signature)].join('\n');
    const same = first.get(text) ?? id;
    first.set(text, same);
    merged.set(id, same);
  }
  return merged;
}

/** The text with its local variables numbered as they come, so that texts that differ in those alone are equal. */
function withoutLocalNames(text: string, signature: string): string {
  const numbers = new Map<string, number>();
  for (const [, list] of text.matchAll(/\b(?:const|let) (?:\[([^\]]*)\]|[\w$]+)/g)) {
    for (const name of (list ?? '').split(', ')) if (name !== '') numbers.set(name, numbers.size);
  }
  for (const [, name] of text.matchAll(/\b(?:const|let) ([\w$]+)/g)) {
    if (name !== undefined && !numbers.has(name)) numbers.set(name, numbers.size);
  }
  return text.replaceAll(/(?<![.\w$])[A-Za-z_$][\w$]*/g, (word) => {
    const number = mentions(signature, word) ? undefined : numbers.get(word);
    return number === undefined ? word : `$${number}`;
  });
}

function chooseNames(
  merged: ReadonlyMap<string, string>,
  written: ReadonlyMap<string, WrittenFunction>,
  candidates: ReadonlyMap<string, Candidates>,
): (id: string) => string {
  const variants = new Map<string, Set<string>>();
  for (const id of merged.values()) {
    const name = written.get(id)?.func.name ?? id;
    variants.set(name, (variants.get(name) ?? new Set()).add(id));
  }
  return (id) => {
    const kept = merged.get(id) ?? id;
    const names = candidates.get(kept);
    if (names === undefined) throw new Error(`${id} has no name`);
    return (variants.get(written.get(kept)?.func.name ?? kept)?.size ?? 1) > 1 ? names.variant : names.plain;
  };
}

function parametersOf({ inputs, usesWeights, usesTraining, usesRandom, options }: WrittenFunction): string {
  const named = [
    ...options.map(({ name }) => name),
    ...(usesTraining ? ['training'] : []),
    ...(usesRandom ? ['random'] : []),
  ];
  return [
    ...inputs,
    ...(usesWeights ? ['w'] : []),
    ...(named.length > 0 ? [`{ ${named.join(', ')} }`] : []),
  ].join(', ');
}

function functionText(
  nameOf: (id: string) => string,
  id: string,
  written: ReadonlyMap<string, WrittenFunction>,
): string {
  const one = written.get(id);
  if (one === undefined) throw new Error(`${id} is not written`);
  return [
    ...one.func.docs.flatMap(commentLines),
    `function ${nameOf(id)}(${parametersOf(one)}) {`,
    ...one.lines.map((line) => `  ${resolveCalls(line, nameOf)}`),
    '}',
  ].join('\n');
}
