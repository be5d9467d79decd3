import type { BlockEntity } from '../resolve/program.ts';
import type { Span } from '../source/span.ts';
import type { BlockDecl } from '../syntax/ast.ts';
import { checkBody } from './body.ts';
import type { Checker } from './checker.ts';
import { LIMITS } from './complaints.ts';
import { Context } from './context.ts';
import { enterBlock } from './enter-block.ts';
import { FindingsRecorder, type Findings } from './findings.ts';
import { NOTHING_OPEN, type OpenSignature } from './left-open.ts';
import { entry } from './map-entry.ts';
import { restKey } from './rest-names.ts';
import type { RestAxes } from './signature.ts';
import { guarded } from './statements.ts';
import { structuralKey, variantKey } from './structure.ts';
import type { Hypers } from './value.ts';

/** What came of reading a body with the blocks and lists that a definition gives it. */
interface Trial {
  /** Undefined after a complaint. */
  readonly open: OpenSignature | undefined;
  readonly findings: Findings;
}

/**
 * What blocks leave open for the blocks and lists among their hyper-parameters: their own definitions know nothing of
 * these, and the definition that hands them over has to answer for it. Each body is tried once with the same ones.
 */
export class Trials {
  private readonly checker: Checker;
  private readonly known = new Map<BlockDecl, Map<string, Trial>>();

  constructor(checker: Checker) {
    this.checker = checker;
  }

  /**
   * What the body of a block leaves open for its hyper-parameters, found by reading it with them; undefined after a
   * complaint. Nothing where the definition around the call does not know them either.
   */
  leftOpen(
    cx: Context,
    entity: BlockEntity,
    hypers: Hypers,
    rest: RestAxes,
    span: Span,
  ): OpenSignature | undefined {
    const { decl, module } = entity;
    const { checker } = this;
    const { complaints, reading } = checker;
    const key = structuralKey(hypers);
    if (key === undefined) cx.handsOn = true;
    const definition = checker.define(entity).get(variantKey(decl, hypers));
    if (key === undefined || definition?.isOpen !== true || checker.isBroken(entity)) return NOTHING_OPEN;
    const { formals } = checker.restNames.of(entity, rest);
    const byKey = entry(this.known, decl, () => new Map<string, Trial>());
    const id = `${key}|${restKey(formals)}`;
    const known = byKey.get(id);
    if (known !== undefined) {
      complaints.repeat(known.findings);
      return known.open;
    }
    if (reading.length >= LIMITS.depth) return complaints.tooDeep(cx, span);
    // A block that comes back to itself by its hyper-parameters is refused where its function is made.
    byKey.set(id, { open: NOTHING_OPEN, findings: new FindingsRecorder() });
    reading.push(decl);
    const message = `while \`${decl.name.text}\` is tried for this call`;
    const call = { span, message, role: 'call' } as const;
    const trial = new Context(checker, module, 'trial', decl.name.text);
    let open: OpenSignature | undefined;
    const { findings } = complaints.record(() =>
      complaints.within(call, () =>
        guarded(trial, decl, () => {
          const signature = enterBlock(trial, entity, hypers, formals, definition);
          trial.signatureSizes = new Set(signature.sizes);
          if (checkBody(trial, decl, signature) === undefined) return;
          open = { sizes: signature.sizes, leftOpen: trial.leftOpen };
        }),
      ),
    );
    complaints.carry(findings);
    reading.pop();
    byKey.set(id, { open, findings });
    return open;
  }
}
