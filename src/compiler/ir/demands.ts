import type { Code } from '../diagnostics/codes.ts';
import { errorAt, type Diagnostic, type DiagnosticDetails, type Related } from '../diagnostics/diagnostic.ts';
import { reasonText, type ShapeContext } from '../ops/op.ts';
import { AXIS_BOUNDS, Facts } from '../shapes/facts.ts';
import {
  compare,
  holds,
  not,
  print as printProp,
  substitute as substituteProp,
  varsOf,
  type Prop,
} from '../shapes/prop.ts';
import { isProved } from '../shapes/prove.ts';
import {
  isConstant,
  print,
  substitute,
  variable,
  type Size,
  type SizeError,
  type SizeVar,
} from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { Frame } from './frame.ts';
import type { CheckStatement, Requirement } from './module.ts';

/** Unwinds after a complaint: everything after it would only repeat it. */
export class Stop extends Error {}

/**
 * What a module demands of sizes while it is unfolded, and what is said where they do not meet it. Most sizes are numbers
 * by now; of those that stay dynamic a property has to hold whatever they are.
 */
export class Demands {
  readonly diagnostics: Diagnostic[] = [];
  /** The statement at hand. */
  place: Span;
  /** The calls around the place at hand, outermost first. */
  private readonly calls: Related[] = [];
  private facts = Facts.empty;

  constructor(place: Span) {
    this.place = place;
  }

  /** Knows of a size that stays dynamic. */
  declare(size: SizeVar): void {
    this.facts = this.facts.withVar(size, AXIS_BOUNDS);
  }

  /** Complaints until `leaveCall` tell of this call; so does one of a size that unwinds from within. */
  enterCall(call: Related): void {
    this.calls.push(call);
  }

  leaveCall(): void {
    this.calls.pop();
  }

  fail(code: Code, span: Span, message: string, details: DiagnosticDetails = {}): never {
    const related = [...(details.related ?? []), ...this.calls.toReversed()];
    this.diagnostics.push(errorAt(code, span, message, { ...details, related }));
    throw new Stop();
  }

  complainOfSize(error: SizeError): void {
    const related = this.calls.toReversed();
    this.diagnostics.push(
      errorAt('N6002', this.place, `a size cannot be computed here: ${error.message}`, { related }),
    );
  }

  /** Whether a property holds for the sizes at hand; of those that stay dynamic, for all. */
  decide(prop: Prop): boolean | undefined {
    if (varsOf(prop).length === 0) return holds(prop, () => 0);
    if (isProved(prop, this.facts)) return true;
    return isProved(not(prop), this.facts) ? false : undefined;
  }

  /** Demands what a caller promises, or what the checker had to leave open. */
  check(
    { sizes }: Frame,
    requirement: Requirement,
    code: Code,
    { because, origins = [] }: Partial<CheckStatement> = {},
  ): void {
    const truth = this.decide(substituteProp(requirement.prop, sizes));
    if (truth === true) return;
    const notes = varsOf(requirement.prop).map((v) => {
      const size = sizes.get(v) ?? variable(v);
      return size.value === undefined ? `${print(size)} is known only when the program runs` : `here ${v.name} = ${size.value}`; // prettier-ignore
    });
    const fails = truth === false ? 'does not hold' : 'cannot be shown';
    const reason = because === undefined ? '' : `, and is needed because ${because}`;
    this.fail(code, requirement.span, `\`${requirement.text}\` ${fails}${reason}`, {
      notes,
      related: origins,
    });
  }

  /** The same for the shape rule of an op. */
  shapeContext(span: Span): ShapeContext {
    return {
      equal: (a, b) => a.key === b.key || this.decide(compare(a, '==', b)) === true,
      require: (prop, code, reason, help) => {
        if (this.decide(prop) === true) return true;
        const message = `\`${printProp(prop)}\` does not hold, and is needed because ${reasonText(reason)}`;
        return this.fail(code, span, message, advised(help?.()));
      },
      fail: (code, message, notes = [], remedy) =>
        this.fail(code, span, message, { notes, ...advised(remedy?.help) }),
    };
  }

  /** A size that has to be a number; `what` names it in a complaint. */
  number({ sizes }: Frame, size: Size, span: Span, what: string): number {
    const value = isConstant(substitute(size, sizes));
    return (
      value ?? this.fail('N3012', span, `${what} depends on a size that is known only when the program runs`)
    );
  }
}

function advised(help: string | undefined): DiagnosticDetails {
  return help === undefined ? {} : { help };
}
