import { basename, extname } from 'node:path';
import { defineCommand, UsageError } from '../command.ts';
import { compileModel, type CompiledModel } from '../compile-model.ts';
import { depthOption } from '../depth-option.ts';
import { exitCodes } from '../exit-codes.ts';
import { jsonOption, jsonReport } from '../json.ts';
import { ProblemReport } from '../problem-report.ts';
import { modelChoice, sourceOptions } from '../source-options.ts';
import { writeOutputs } from '../write-outputs.ts';

const formats = ['.svg', '.html'];

export const graphCommand = defineCommand({
  command: 'graph <file>',
  summary: 'Draw a model: its blocks and operations, with the shapes between them',
  examples: [
    ['$0 graph models/mair.net', 'A page whose blocks open and close: out/mair.html'],
    ['$0 graph models/mair.net --out mair.svg --depth 1', 'A picture of the parts of the model itself'],
    ['$0 graph models/mair.net --set size=320', 'With larger images'],
  ],
  options: (cli) =>
    sourceOptions(cli)
      .positional('file', { type: 'string', demandOption: true, describe: 'The source (.net)' })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'The file to write, .svg or .html; left out: out/NAME.html',
      })
      .option('depth', { ...depthOption, describe: `${depthOption.describe} [2]` })
      .option('json', jsonOption),

  run: async (args, terminal) => {
    const out = args.out ?? `out/${basename(args.file, '.net')}.html`;
    if (!formats.includes(extname(out))) {
      throw new UsageError(`--out takes a name that ends in .svg or .html, not "${out}"`);
    }
    const problems = new ProblemReport(terminal, args.json);
    const model = await compileModel(args.file, modelChoice(args), problems.report);
    const content = model && (await draw(model, extname(out), args.depth ?? 2, problems.report));
    const outputs = content === undefined ? [] : [{ path: out, content }];
    await writeOutputs(outputs);
    if (args.json) {
      const written = outputs.map(({ path, content: text }) => ({ path, bytes: Buffer.byteLength(text) }));
      terminal.out(
        jsonReport('graph', {
          ok: content !== undefined,
          file: args.file,
          outputs: written,
          diagnostics: problems.collected,
        }),
      );
    } else if (content !== undefined) terminal.out(`wrote ${out}`);
    return content === undefined ? exitCodes.source : exitCodes.ok;
  },
});

async function draw(
  model: CompiledModel,
  format: string,
  depth: number,
  report: ProblemReport['report'],
): Promise<string | undefined> {
  const [{ flatten }, { cost }, { buildDiagram }] = await Promise.all([
    import('../../src/compiler/ir/inline.ts'),
    import('../../src/compiler/passes/cost.ts'),
    import('../graph/build-diagram.ts'),
  ]);
  const { graph, diagnostics } = flatten(model.module, { mode: 'infer' });
  report(diagnostics, model);
  if (graph === undefined) return undefined;
  const diagram = buildDiagram(graph, { sources: model.sources, functions: model.module.functions });
  const title = graph.name;
  const count = (cost(graph)[0]?.parameters ?? 0).toLocaleString('en-US');
  const description = `${count} parameters; from ${basename(model.file)}, blocks ${depth} deep. Each line is a tensor, with its axes and their sizes.`;
  if (format === '.html') {
    const { drawPage } = await import('../graph/draw-page.ts');
    return drawPage(diagram, {
      title,
      description: `${count} parameters; from ${basename(model.file)}. Blocks open and close.`,
      depth,
    });
  }
  const [{ drawSvg }, { layOut }, { openBlocks }] = await Promise.all([
    import('../graph/draw-svg.ts'),
    import('../graph/lay-out.ts'),
    import('../graph/open-blocks.ts'),
  ]);
  return drawSvg(layOut(diagram, openBlocks(diagram, depth)), { title, description, isInteractive: false });
}
