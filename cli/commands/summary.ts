import type { Cost } from '../../src/compiler/passes/cost.ts';
import { defineCommand } from '../command.ts';
import { compileModel, type CompiledModel } from '../compile-model.ts';
import { depthOption } from '../depth-option.ts';
import { exitCodes } from '../exit-codes.ts';
import { jsonOption, jsonReport } from '../json.ts';
import { ProblemReport } from '../problem-report.ts';
import { modelChoice, sourceOptions } from '../source-options.ts';
import { table } from '../table.ts';

export const summaryCommand = defineCommand({
  command: 'summary <file>',
  summary: 'Show what each block costs: output shape, parameters, FLOPs, activation memory',
  examples: [
    ['$0 summary models/mair.net', 'All blocks, for one sample'],
    ['$0 summary models/mair.net --depth 1', 'Only the parts of the model itself'],
    ['$0 summary models/mair.net --set size=320', 'With larger images'],
  ],
  options: (cli) =>
    sourceOptions(cli)
      .positional('file', { type: 'string', demandOption: true, describe: 'The source (.net)' })
      .option('depth', depthOption)
      .option('json', jsonOption),

  run: async (args, terminal) => {
    const problems = new ProblemReport(terminal, args.json);
    const model = await compileModel(args.file, modelChoice(args), problems.report);
    const costs = model && (await costsOf(model, problems.report));
    if (args.json) {
      const blocks = costs?.rows.map(jsonRow) ?? [];
      terminal.out(
        jsonReport('summary', {
          ok: costs !== undefined,
          file: args.file,
          blocks,
          diagnostics: problems.collected,
        }),
      );
    } else if (costs !== undefined) {
      terminal.out(render(costs, args.depth ?? Infinity));
    }
    return costs === undefined ? exitCodes.source : exitCodes.ok;
  },
});

interface Costs {
  readonly rows: readonly Cost[];
  readonly print: (type: Cost['outputs'][number]) => string;
}

async function costsOf(model: CompiledModel, report: ProblemReport['report']): Promise<Costs | undefined> {
  const [{ flatten }, { cost }, { printType }] = await Promise.all([
    import('../../src/compiler/ir/inline.ts'),
    import('../../src/compiler/passes/cost.ts'),
    import('../../src/compiler/ir/tensor-type.ts'),
  ]);
  const { graph, diagnostics } = flatten(model.module, { mode: 'infer' });
  report(diagnostics, model);
  return graph && { rows: cost(graph), print: printType };
}

function render({ rows, print }: Costs, deepest: number): string {
  const [whole, ...blocks] = rows;
  const shown = blocks.filter(({ depth }) => depth <= deepest);
  const line = (cost: Cost, name: string): string[] => [
    name,
    cost.block,
    cost.outputs.map(print).join(', '),
    grouped(cost.parameters),
    millions(cost.flops),
    memory(cost.activationBytes),
  ];
  const lines = shown.map((cost) => line(cost, `${'  '.repeat(cost.depth - 1)}${cost.name}`));
  if (whole !== undefined) lines.push(line(whole, 'total'));
  const text = table(
    [
      { title: 'block' },
      { title: 'of' },
      { title: 'output' },
      { title: 'parameters', align: 'right' },
      { title: 'MFLOPs', align: 'right' },
      { title: 'activations', align: 'right' },
    ],
    lines,
  );
  return `${text}\n\nFor one sample. A multiply-add counts as two operations; activations are what training keeps.`;
}

function jsonRow({ path, block, outputs, ...others }: Cost): Readonly<Record<string, unknown>> {
  const shapes = outputs.map(({ dtype, axes }) => ({
    dtype,
    axes: axes.map(({ name, size }) => ({ name, size: size.value ?? null })),
  }));
  return { path, block, outputs: shapes, ...others };
}

const grouped = (count: number): string => count.toLocaleString('en-US');
const millions = (count: number): string =>
  (count / 1e6).toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const memory = (bytes: number): string =>
  bytes < 2 ** 20 ? `${(bytes / 2 ** 10).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
