import { compile } from '../../../src/compiler/compile.ts';
import { codes } from '../../../src/compiler/diagnostics/codes.ts';
import { hasErrors, type Diagnostic } from '../../../src/compiler/diagnostics/diagnostic.ts';
import type { Graph } from '../../../src/compiler/ir/graph.ts';
import { flatten } from '../../../src/compiler/ir/inline.ts';
import { verifyGraph } from '../../../src/compiler/ir/verify-graph.ts';
import { elements } from '../../../src/compiler/ops/sizes-of.ts';
import { cost } from '../../../src/compiler/passes/cost.ts';
import { evaluate } from '../../../src/compiler/shapes/size.ts';
import type { SourceFile } from '../../../src/compiler/source/source-file.ts';
import type { SourceReader } from '../../../src/compiler/source/reader.ts';
import type { Finding } from './finding.ts';
import type { Target } from './run-targets.ts';
import { targetsDiffer } from './targets-differ.ts';

/** What a source came to. */
export type Fate = 'refused' | 'no model' | 'too large to be run' | 'run';

export interface Outcome {
  readonly fate: Fate;
  readonly finding: Finding | undefined;
}

/**
 * Holds a source, whatever it is, to what holds for all: it is refused with diagnostics that stand in the files, or its
 * model has everywhere outputs of the same shapes. Exceptions pass through.
 */
export async function breakMutant(
  path: string,
  reader: SourceReader,
  source: string,
  targets: readonly Target[],
): Promise<Outcome> {
  const finding = (what: string): Finding => ({ source, what });
  const { module, diagnostics, sources } = compile(path, { reader });
  const astray = misplaced(diagnostics, sources);
  if (astray !== undefined) return { fate: 'refused', finding: finding(astray) };
  if (hasErrors(diagnostics)) return { fate: 'refused', finding: undefined };
  if (module === undefined) return { fate: 'no model', finding: undefined };
  const unfolded = flatten(module, { mode: 'infer' });
  const later = misplaced(unfolded.diagnostics, sources);
  if (later !== undefined) return { fate: 'refused', finding: finding(later) };
  const { graph } = unfolded;
  if (graph === undefined) return { fate: 'refused', finding: undefined };
  const problems = verifyGraph(graph);
  if (problems.length > 0)
    return { fate: 'run', finding: finding(['the graph is not well formed', ...problems].join('\n')) };
  if (isTooLarge(graph)) return { fate: 'too large to be run', finding: undefined };
  // A changed program may divide by what vanishes: values say nothing.
  const problem = await targetsDiffer({ module, graph, targets, comparesValues: false });
  const isRefusal = problem !== undefined && /cannot take the model$/.test(problem);
  return {
    fate: isRefusal ? 'refused' : 'run',
    finding: problem === undefined || isRefusal ? undefined : finding(problem),
  };
}

/** What is wrong with diagnostics as such: a code that is not in the table, a place outside of its file. */
export function misplaced(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, SourceFile>,
): string | undefined {
  for (const { code, message, span, related, fix } of diagnostics) {
    if (!Object.hasOwn(codes, code)) return `there is no code ${code}`;
    const places = [
      span,
      ...related.map((other) => other.span),
      ...(fix?.edits.map((edit) => edit.span) ?? []),
    ];
    for (const { file, start, end } of places) {
      const length = sources.get(file)?.text.length;
      const isInside = length !== undefined && start >= 0 && start <= end && end <= length;
      // A file that could not be read has no text to stand in.
      if (!isInside && (length !== undefined || start !== 0 || end !== 0)) {
        return `${code} stands at ${file}:${start}-${end}, outside of the file (${message})`;
      }
    }
  }
  return undefined;
}

/** What the interpreter does in a fraction of a second, for a few samples. */
const limits = { flops: 2e7, elements: 1e6, nodes: 3_000 };

function isTooLarge(graph: Graph): boolean {
  if (graph.nodes.length > limits.nodes) return true;
  const sizes = new Map(graph.dynamic.map((v) => [v, 4]));
  const values = [...graph.inputs, ...graph.params].map(({ value }) => value);
  for (const { outputs } of graph.nodes) values.push(...outputs);
  const largest = values.some(
    ({ type }) => !(evaluate(elements(type), (v) => sizes.get(v) ?? 4) <= limits.elements),
  );
  return largest || !((cost(graph)[0]?.flops ?? 0) <= limits.flops);
}
