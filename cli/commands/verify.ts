import { defineCommand } from '../command.ts';
import { batchOption } from '../batch-option.ts';
import { compileModel } from '../compile-model.ts';
import { exitCodes } from '../exit-codes.ts';
import { jsonOption, jsonReport } from '../json.ts';
import { ProblemReport } from '../problem-report.ts';
import { modelChoice, sourceOptions } from '../source-options.ts';
import { renderChecks, verifyModel } from '../verify-model.ts';

export const verifyCommand = defineCommand({
  command: 'verify <file>',
  summary: 'Build both targets in memory and run them against each other and the interpreter',
  examples: [
    ['$0 verify models/mair.net', 'What `netc build` does before it writes'],
    ['$0 verify models/mair.net --set size=64', 'The same at another size'],
    ['$0 verify models/mair.net --batch 8', 'With the fixed batch of a deployment'],
  ],
  options: (cli) =>
    sourceOptions(cli)
      .positional('file', { type: 'string', demandOption: true, describe: 'The source (.net)' })
      .option('batch', batchOption)
      .option('json', jsonOption),

  run: async (args, terminal) => {
    const problems = new ProblemReport(terminal, args.json);
    const model = await compileModel(args.file, modelChoice(args), problems.report);
    const options = { targets: ['onnx', 'tfjs'] as const, choice: modelChoice(args), batch: args.batch };
    const verification = model && (await verifyModel(model, options));
    if (model !== undefined && verification !== undefined) problems.report(verification.diagnostics, model);
    if (args.json) {
      const fields = { ok: verification?.ok ?? false, file: args.file, checks: verification?.checks ?? [] };
      terminal.out(jsonReport('verify', { ...fields, diagnostics: problems.collected }));
    } else if (verification !== undefined) {
      terminal.out(renderChecks(verification));
    }
    if (verification === undefined) return exitCodes.source;
    return verification.ok ? exitCodes.ok : exitCodes.verification;
  },
});
