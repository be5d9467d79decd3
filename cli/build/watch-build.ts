import type { LayOut } from '../../src/compiler/lower/tfjs/lay-out.ts';
import { modelOf } from '../compile-model.ts';
import { jsonReport } from '../json.ts';
import { ProblemReport } from '../problem-report.ts';
import type { Terminal } from '../terminal.ts';
import { verifyModel } from '../verify-model.ts';
import { Recompiler } from '../watch/recompiler.ts';
import { watchFields, watchLine, watchSources } from '../watch/watch-sources.ts';
import { buildOnce, type BuildRequest, type BuildResult } from './build-once.ts';
import { buildAsJson, printBuild } from './build-report.ts';
import { verifyOnce } from './verify-once.ts';

/** `netc build --watch`. With `json` each build prints one line. */
export function watchBuild(
  request: BuildRequest,
  { layOut, json }: { readonly layOut: LayOut; readonly json: boolean },
  terminal: Terminal,
): Promise<never> {
  const recompiler = new Recompiler(request.choice);
  const verifyWith = verifyOnce(verifyModel);
  return watchSources(
    async (run) => {
      const start = performance.now();
      const problems = new ProblemReport(terminal, json);
      const model = modelOf(await recompiler.compileAgain(request.file), problems.report);
      const result = await buildOnce(model, request, { problems, layOut, verifyWith });
      const milliseconds = performance.now() - start;
      if (json) {
        const fields = { ...watchFields(run, milliseconds), ...buildAsJson(request.file, result, problems) };
        terminal.out(jsonReport('build', fields, 'line'));
      } else {
        printBuild(result, terminal);
        terminal.out(watchLine(run, resultOf(result), milliseconds));
      }
    },
    () => recompiler.takeObservations(),
    terminal,
  );
}

function resultOf(result: BuildResult): string {
  if (result.kind === 'failed') return 'errors, nothing built';
  return result.isGood ? 'built' : 'the targets disagree, nothing written';
}
