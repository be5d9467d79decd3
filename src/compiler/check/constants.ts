import type { LabelsEntity, ResolvedModule } from '../resolve/program.ts';
import type { Span } from '../source/span.ts';
import type { Expr, HyperDecl, LabelsDecl } from '../syntax/ast.ts';
import type { Checker } from './checker.ts';
import { Context } from './context.ts';
import { evalHyper } from './hypers.ts';
import { evalLabels } from './labels.ts';
import { entry } from './map-entry.ts';
import { POISON, type Val } from './value.ts';

/** What declarations say without looking at anything that is not constant: each is read once, and never within itself. */
export class Constants {
  private readonly checker: Checker;
  private readonly known = new Map<LabelsDecl | HyperDecl, Val>();
  /** Of those the ones that are being read. */
  private readonly beingRead = new Set<LabelsDecl | HyperDecl>();

  constructor(checker: Checker) {
    this.checker = checker;
  }

  labels(entity: LabelsEntity): Val {
    const { decl, module } = entity;
    const help = 'labels are strings: name them';
    return this.constant(
      module,
      decl,
      { what: `\`${decl.name.text}\``, span: decl.values.span, help },
      (cx) => evalLabels(cx, entity),
    );
  }

  /** The default of a hyper-parameter: a constant of the file that declares it. */
  defaultOf(module: ResolvedModule, hyper: HyperDecl, expr: Expr): Val {
    const what = `the default of \`${hyper.name.text}\``;
    const help = 'name a block that can be made without this hyper-parameter';
    return this.constant(module, hyper, { what, span: expr.span, help }, (cx) => evalHyper(cx, hyper, expr));
  }

  private constant(
    module: ResolvedModule,
    decl: LabelsDecl | HyperDecl,
    { what, span, help }: { readonly what: string; readonly span: Span; readonly help: string },
    read: (cx: Context) => Val | undefined,
  ): Val {
    return entry(this.known, decl, () => {
      const cx = new Context(this.checker, module, 'top', decl.name.text);
      if (this.beingRead.has(decl)) {
        cx.error('N2008', span, `${what} would contain itself`, { help });
        return POISON;
      }
      this.beingRead.add(decl);
      const val = read(cx) ?? POISON;
      this.beingRead.delete(decl);
      return val;
    });
  }
}
