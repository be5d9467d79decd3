import { errorAt, type DiagnosticDetails } from '../diagnostics/diagnostic.ts';
import type { Code } from '../diagnostics/codes.ts';
import type { ModelEntity, ResolvedProgram } from '../resolve/program.ts';
import { didYouMean, suggest } from '../diagnostics/did-you-mean.ts';
import { Span } from '../source/span.ts';
import type { Checker } from './checker.ts';

export interface ModelChoice {
  /** The model to build; undefined where there is none, or none was chosen among several. */
  readonly chosen: ModelEntity | undefined;
  /** Where none was chosen: all of them, so that their mistakes are told. */
  readonly others: readonly ModelEntity[];
}

/** Which of the models that a file declares is meant; complains of names that are none, here and in `train`. */
export function chooseModel(
  checker: Checker,
  { root }: ResolvedProgram,
  wanted: string | undefined,
): ModelChoice {
  const complain = (code: Code, span: Span, message: string, details: DiagnosticDetails = {}): void => {
    checker.complaints.diagnostics.push(errorAt(code, span, message, details));
  };
  const complainUnknown = (name: string, span: Span, details: DiagnosticDetails): void =>
    complain('N2001', span, `there is no model \`${name}\``, details);
  const models = [...root.names.values()].filter(
    (entity): entity is ModelEntity => entity.kind === 'model' && entity.module === root,
  );
  const names = models.map((model) => model.decl.name.text);
  const trained = new Set<string>();
  for (const { model: name } of root.trains) {
    const kind = root.names.get(name.text)?.kind;
    if (kind !== 'model' && kind !== 'poison') {
      complainUnknown(name.text, name.span, suggest(name.text, name.span, names));
    }
    if (trained.has(name.text)) complain('N2002', name.span, `there are two \`train ${name.text}\``);
    trained.add(name.text);
  }
  const [first, second] = models;
  if (wanted !== undefined) {
    const chosen = models.find((model) => model.decl.name.text === wanted);
    // The name stands on the command line: there is nothing to be replaced in the source.
    const help = didYouMean(wanted, names);
    const details = help === undefined ? {} : { help };
    if (chosen === undefined) complainUnknown(wanted, Span.startOf(root.path), details);
    return { chosen, others: [] };
  }
  if (first === undefined || second === undefined) return { chosen: first, others: [] };
  complain('N2009', second.decl.name.span, 'the file declares several models, and none was chosen', {
    help: `choose one: \`--model ${first.decl.name.text}\``,
  });
  return { chosen: undefined, others: models };
}
