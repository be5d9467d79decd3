import { join } from 'node:path';
import type { Graph } from '../../src/compiler/ir/graph.ts';
import type { FileToWrite } from '../../src/runtime/atomic-file.ts';
import type { Verification } from '../../src/verify/verify-targets.ts';
import { defineCommand, UsageError } from '../command.ts';
import { compileModel, type CompiledModel } from '../compile-model.ts';
import { batchOption } from '../batch-option.ts';
import { emitTargets } from '../emit-targets.ts';
import { exitCodes } from '../exit-codes.ts';
import { jsonOption, jsonReport } from '../json.ts';
import { ProblemReport } from '../problem-report.ts';
import { targets as allTargets, type Target } from '../separate-targets.ts';
import { modelChoice, sourceOptions } from '../source-options.ts';
import type { Terminal } from '../terminal.ts';
import { renderChecks, verifyModel } from '../verify-model.ts';
import { writeOutputs } from '../write-outputs.ts';

export const buildCommand = defineCommand({
  command: 'build <file>',
  summary: 'Compile a model to its targets, run them against each other, and write them',
  examples: [
    ['$0 build models/mair.net', 'An ONNX file and a TensorFlow.js program in out/, verified'],
    ['$0 build models/mair.net --target onnx --batch 8', 'Only the ONNX file, for 8 images a run'],
    ['$0 build models/mair.net --preprocess', 'An ONNX file that resizes and normalises images itself'],
    ['$0 build models/mair.net --set size=320 --out big', 'Other hyper-parameters, another folder'],
    ['$0 build models/mair.net --dump-after fold-batch-norm', 'Print the graph after a pass'],
  ],
  options: (cli) =>
    sourceOptions(cli)
      .positional('file', { type: 'string', demandOption: true, describe: 'The source (.net)' })
      .option('target', {
        type: 'string',
        array: true,
        choices: allTargets,
        requiresArg: true,
        describe: 'What to build; both where it is left out',
      })
      .option('out', { type: 'string', default: 'out', requiresArg: true, describe: 'Where the files go' })
      .option('batch', batchOption)
      .option('preprocess', {
        type: 'boolean',
        default: false,
        describe: 'Let the ONNX file take decoded images of any size (uint8, NHWC) and prepare them itself',
      })
      .option('functions', {
        type: 'boolean',
        default: false,
        describe: 'Make each block a function of the ONNX file, so that viewers show the architecture',
      })
      .option('opset', {
        type: 'number',
        requiresArg: true,
        choices: [17, 18, 19, 20, 21] as const,
        describe: 'The operator set of the ONNX file [17]',
      })
      .option('external-data', {
        type: 'boolean',
        default: false,
        describe: 'Put the weights of the ONNX file into a file of their own beside it',
      })
      .option('verify', {
        type: 'boolean',
        default: true,
        describe: 'Run the targets against each other first; --no-verify writes them untested',
      })
      .option('dump-after', {
        type: 'string',
        requiresArg: true,
        describe: 'Print the graph as it is after this pass, and build nothing',
      })
      .option('json', jsonOption),

  run: async (args, terminal) => {
    const choice = modelChoice(args);
    const targets = allTargets.filter((target) => args.target?.includes(target) ?? true);
    const problems = new ProblemReport(terminal, args.json);
    // Started first: it loads what it needs while this thread compiles.
    const layOut = (await import('../lay-out-thread.ts')).startLayOutThread();
    const model = await compileModel(args.file, choice, problems.report);
    if (model !== undefined && args.dumpAfter !== undefined) {
      return dump(model, args.dumpAfter, args.batch, problems, terminal);
    }
    const emitted =
      model &&
      (await emitTargets(model, targets, {
        batch: args.batch,
        prepareImages: args.preprocess,
        functions: args.functions,
        opset: args.opset,
        externalData: args.externalData,
        layOut,
      }));
    if (model !== undefined) problems.report(emitted?.diagnostics ?? [], model);
    const files = emitted?.files;
    let verification: Verification | undefined;
    if (model !== undefined && files !== undefined && args.verify) {
      verification = await verifyModel(model, {
        targets,
        choice,
        batch: args.batch,
        emitted,
        prepareImages: args.preprocess,
      });
      problems.report(verification.diagnostics, model);
    }
    const isGood = files !== undefined && verification?.ok !== false;
    const outputs = isGood ? files.map((file) => ({ ...file, path: join(args.out, file.path) })) : [];
    await writeOutputs(outputs);
    if (args.json) {
      const written = outputs.map(({ path, content, target }) => ({ target, path, bytes: sizeOf(content) }));
      terminal.out(
        jsonReport('build', {
          ok: isGood,
          file: args.file,
          outputs: written,
          verification: verification ?? null,
          diagnostics: problems.collected,
        }),
      );
    } else if (files !== undefined) {
      report(outputs, verification, terminal);
      if (isGood && model !== undefined && (await canTrain(model, targets))) {
        terminal.out(`Train it with: netc train ${args.file}`);
      }
    }
    if (files === undefined) return exitCodes.source;
    return isGood ? exitCodes.ok : exitCodes.verification;
  },
});

function report(
  outputs: readonly FileToWrite[],
  verification: Verification | undefined,
  terminal: Terminal,
): void {
  if (verification !== undefined) terminal.out(`${renderChecks(verification)}\n`);
  if (outputs.length === 0) {
    terminal.err('Nothing was written.');
    return;
  }
  for (const { path, content } of outputs) terminal.out(`wrote ${path} (${readableSize(sizeOf(content))})`);
  terminal.out('Not a medical device: for research and teaching only.');
}

/** Whether the program reads data and learns by itself. */
async function canTrain({ module }: CompiledModel, targets: readonly Target[]): Promise<boolean> {
  if (!targets.includes('tfjs') || module.training === undefined) return false;
  const { imageFacts } = await import('../../src/compiler/lower/tfjs/sections/images.ts');
  return imageFacts(module, module.training) !== undefined;
}

async function dump(
  model: CompiledModel,
  wanted: string,
  batch: number | undefined,
  problems: ProblemReport,
  terminal: Terminal,
) {
  const [{ emitOnnx }, { inferenceStages }, { printGraph }] = await Promise.all([
    import('../../src/compiler/targets/onnx.ts'),
    import('../../src/compiler/targets/inference-graph.ts'),
    import('../../src/compiler/ir/print-graph.ts'),
  ]);
  const stages = [...inferenceStages, 'freeze'];
  if (!stages.includes(wanted))
    throw new UsageError(`there is no pass "${wanted}"; there are ${stages.join(', ')}`);
  const after = (stage: string, graph: Graph): void => {
    if (stage === wanted) terminal.out(printGraph(graph).trimEnd());
  };
  const provenance = { sourceSha256: '', languageVersion: '1', compilerVersion: '' };
  const { diagnostics } = emitOnnx(model.module, {
    provenance,
    after,
    ...(batch === undefined ? {} : { batch }),
  });
  problems.report(diagnostics, model);
  return diagnostics.length === 0 ? exitCodes.ok : exitCodes.source;
}

function sizeOf(content: FileToWrite['content']): number {
  if (typeof content === 'string') return Buffer.byteLength(content);
  return content instanceof Uint8Array
    ? content.length
    : content.reduce((sum, piece) => sum + piece.length, 0);
}

function readableSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
