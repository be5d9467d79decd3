import { diagnose } from '../src/compiler/compile.ts';
import { hasErrors } from '../src/compiler/diagnostics/diagnostic.ts';
import type { CheckedSource } from './checked-source.ts';
import { openProject } from './project.ts';
import type { ModelChoice } from './source-options.ts';

/** Finds out what is wrong with a source. UserError where it cannot be read. */
export function checkSource(file: string, choice: ModelChoice): CheckedSource {
  const { entry, ...project } = openProject(file, process.cwd());
  const diagnosis = diagnose(entry, { reader: project.reader, ...choice });
  return { ...diagnosis, file, entry, ...project, failed: hasErrors(diagnosis.diagnostics) };
}
