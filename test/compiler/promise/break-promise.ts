import { compile } from '../../../src/compiler/compile.ts';
import { hasErrors, type Diagnostic } from '../../../src/compiler/diagnostics/diagnostic.ts';
import type { Graph } from '../../../src/compiler/ir/graph.ts';
import { flatten } from '../../../src/compiler/ir/inline.ts';
import type { Module } from '../../../src/compiler/ir/module.ts';
import { verifyGraph } from '../../../src/compiler/ir/verify-graph.ts';
import { memoryReader } from '../../../src/compiler/source/reader.ts';
import type { Finding } from './finding.ts';
import type { Numbers, RandomProgram } from './program/random-program.ts';
import type { Target } from './run-targets.ts';
import { targetsDiffer } from './targets-differ.ts';

/** Wrong numbers are the caller's mistake: the block itself is right for all that satisfy its signature. */
const wrongNumbers = /^N40(05|06|07|08|09|11|12)$|^N3010$/;

/**
 * Holds a program to the promise: it is accepted exactly where its numbers are admissible, and then has outputs of the
 * predicted shapes, in the interpreter and on the targets, with equal values.
 */
export async function breakPromise(
  program: RandomProgram,
  targets: readonly Target[],
): Promise<Finding | undefined> {
  // A model cannot be accepted where its blocks are not: they need no look of their own.
  if (program.numbers[0]?.outputs === undefined) return inDefinition(program);
  for (const numbers of program.numbers) {
    const found = await withNumbers(program, numbers, targets);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The blocks alone are right, whatever a model gives them. */
function inDefinition({ blocks }: RandomProgram): Finding | undefined {
  const { diagnostics } = compiled(blocks);
  if (!hasErrors(diagnostics)) return undefined;
  return { source: blocks, what: `blocks that are right are refused\n${said(diagnostics)}`, outputs: [] };
}

async function withNumbers(
  program: RandomProgram,
  numbers: Numbers,
  targets: readonly Target[],
): Promise<Finding | undefined> {
  const source = program.source(numbers);
  const finding = (what: string): Finding => ({
    source,
    what,
    ...(numbers.outputs === undefined ? {} : { outputs: numbers.header }),
  });
  const { module, graph, diagnostics } = compiled(source);
  const isAccepted = graph !== undefined && module !== undefined;
  if (numbers.outputs === undefined) {
    if (isAccepted) return finding('numbers that are not admissible are accepted');
    const strange = diagnostics.filter(
      ({ severity, code }) => severity === 'error' && !wrongNumbers.test(code),
    );
    return strange.length === 0
      ? undefined
      : finding(`numbers are refused for a wrong reason\n${said(strange)}`);
  }
  if (!isAccepted) return finding(`a program that is right is refused\n${said(diagnostics)}`);
  for (const mode of ['infer', 'train'] as const) {
    const unfolded = flatten(module, { mode });
    const problems =
      unfolded.graph === undefined ? [said(unfolded.diagnostics)] : verifyGraph(unfolded.graph);
    if (problems.length > 0) return finding(`the graph is not well formed\n${problems.join('\n')}`);
  }
  const problem = await targetsDiffer({
    module,
    graph,
    targets,
    comparesValues: true,
    predict: numbers.outputs,
  });
  return problem === undefined ? undefined : finding(problem);
}

function compiled(source: string): {
  readonly module: Module | undefined;
  readonly graph: Graph | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { module, diagnostics } = compile('random.net', { reader: memoryReader({ 'random.net': source }) });
  if (module === undefined) return { module, graph: undefined, diagnostics };
  const unfolded = flatten(module, { mode: 'infer' });
  return { module, graph: unfolded.graph, diagnostics: [...diagnostics, ...unfolded.diagnostics] };
}

function said(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ code, message, notes }) => [`${code} ${message}`, ...notes].join('\n  '))
    .join('\n');
}
