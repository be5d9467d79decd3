import type { Diagnostic } from '../src/compiler/diagnostics/diagnostic.ts';
import type { JsonDiagnostic } from '../src/compiler/diagnostics/render-json.ts';
import { diagnosticsAsJson, printDiagnostics } from './checked-source.ts';
import type { CompiledSource } from './compile-source.ts';
import type { Terminal } from './terminal.ts';

/** Where a command reports diagnostics: at once for a person, collected for `--json`. */
export class ProblemReport {
  readonly collected: JsonDiagnostic[] = [];
  readonly report: (diagnostics: readonly Diagnostic[], source: CompiledSource) => void;

  constructor(terminal: Terminal, json: boolean) {
    this.report = json
      ? (diagnostics, source) => void this.collected.push(...diagnosticsAsJson(diagnostics, source))
      : (diagnostics, source) => printDiagnostics(diagnostics, source, terminal);
  }
}
