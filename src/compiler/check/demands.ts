import type { Code } from '../diagnostics/codes.ts';
import type { DiagnosticDetails } from '../diagnostics/diagnostic.ts';
import { reasonText, type Reason } from '../ops/op.ts';
import {
  and,
  compare,
  hasVariables,
  holds,
  negate,
  not,
  or,
  positiveDivisor,
  print,
  substitute,
  varsOf,
  type Prop,
} from '../shapes/prop.ts';
import type { Facts } from '../shapes/facts.ts';
import { isProved as isProvedUnder, prove, requirementFor, type Verdict } from '../shapes/prove.ts';
import { constant, SizeError, soleVariable, sub, type Size, type SizeVar } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import { LIMITS } from './complaints.ts';
import type { Context } from './context.ts';
import type { LeftOpen } from './left-open.ts';
import { notesOn } from './notes-on.ts';
import { whereRemedy, type Remedy } from './where-remedy.ts';

export const atLeast = (size: Size, bound: number): Prop => compare(size, '>=', constant(bound));

/** Whether a proposition without variables is true; undefined where it has some. */
export function constantTruth(prop: Prop): boolean | undefined {
  if (prop.kind === 'known') return prop.value;
  if (hasVariables(prop)) return undefined;
  try {
    return holds(prop, () => 0);
  } catch (error) {
    if (error instanceof SizeError) return false;
    throw error;
  }
}

const PROVED: Verdict = { kind: 'proved' };
const REFUTED: Verdict = { kind: 'refuted', counterexample: new Map() };

function verdictOf(cx: Context, prop: Prop): Verdict {
  const truth = constantTruth(prop);
  if (truth !== undefined) return truth ? PROVED : REFUTED;
  return holdsPlainly(prop, cx.facts) ? PROVED : prove(prop, cx.facts);
}

/** What is seen without solving: most demands are that sizes of axes are at least 1, or repeat a `where`. */
function holdsPlainly(prop: Prop, facts: Facts): boolean {
  if (prop.kind === 'and') return prop.props.every((part) => holdsPlainly(part, facts));
  if (prop.kind !== 'compare' || prop.op !== '>=' || prop.rhs.value === undefined) return false;
  const bound = prop.rhs.value;
  if (plainMinimum(prop.lhs, facts) >= bound) return true;
  return facts.props.some(
    (fact) =>
      fact.kind === 'compare' &&
      fact.op === '>=' &&
      fact.lhs.key === prop.lhs.key &&
      (fact.rhs.value ?? -Infinity) >= bound,
  );
}

/** The least value of a sum of products of sizes that are not negative; -Infinity where it is anything else. */
function plainMinimum(size: Size, facts: Facts): number {
  let sum = 0;
  for (const { coefficient, monomial } of size.terms) {
    let product = coefficient;
    for (const { atom, power } of monomial.factors) {
      const min = atom.kind === 'variable' ? facts.bounds.get(atom.variable)?.min : undefined;
      if (min === undefined || min < 0) return -Infinity;
      product *= min ** power;
    }
    if (coefficient < 0 && monomial.degree > 0) return -Infinity;
    sum += product;
  }
  return sum;
}

function isProved(cx: Context, prop: Prop): boolean {
  return constantTruth(prop) ?? (holdsPlainly(prop, cx.facts) || isProvedUnder(prop, cx.facts));
}

/** Whether a condition holds for all sizes here (true), for none (false), or depends on them. */
export function decide(cx: Context, prop: Prop): boolean | undefined {
  const truth = constantTruth(prop);
  if (truth !== undefined) return truth;
  if (isPlainlyOpen(prop, cx.facts)) return undefined;
  if (isProved(cx, prop)) return true;
  return isProved(cx, not(prop)) ? false : undefined;
}

/** What is seen without solving: nothing bears upon the one size that is compared, as where a flag is not known yet. */
function isPlainlyOpen(prop: Prop, facts: Facts): boolean {
  if (prop.kind !== 'compare' || prop.op !== '>=' || prop.rhs.value === undefined) return false;
  const v = soleVariable(prop.lhs);
  if (v === undefined) return false;
  const { min = -Infinity, max = Infinity } = facts.bounds.get(v) ?? {};
  if (prop.rhs.value <= min || prop.rhs.value > max) return false;
  return !facts.props.some((fact) => varsOf(fact).includes(v));
}

/**
 * Whether a condition that chooses between functions holds. One that the definition cannot know, as it depends on a
 * float, is taken to hold there; it is settled where a function is made.
 */
export function settle(cx: Context, prop: Prop): boolean | undefined {
  if (cx.purpose !== 'definition' || !mentionsOpaque(cx, prop)) return decide(cx, prop);
  cx.isPartial = true;
  return true;
}

/** Whether two sizes are shown to be equal. */
export function isEqual(cx: Context, a: Size, b: Size): boolean {
  if (a.key === b.key) return true;
  if (a.value !== undefined && b.value !== undefined) return false;
  return isProved(cx, compare(a, '==', b));
}

/** Whether two sizes are equal as far as can be known here: shown, or left to the sizes of each call. */
export function mayBeEqual(cx: Context, a: Size, b: Size, span: Span): boolean {
  if (a.key === b.key) return true;
  if (a.value !== undefined && b.value !== undefined) return false;
  const prop = compare(a, '==', b);
  if (isTrusted(cx, prop) || isProved(cx, prop)) return true;
  if (!isLeftOpen(cx, prop)) return false;
  cx.isOpen = true;
  if (cx.purpose === 'trial')
    leaveOpen(cx, { prop, code: 'N4001', span, because: `the two sizes meet in \`${cx.name}\`` });
  return true;
}

/** {@link mayBeEqual}, and a check in the IR where it is left open. */
export function demandEqual(cx: Context, a: Size, b: Size, code: Code, span: Span, reason: Reason): boolean {
  if (a.key === b.key) return true;
  if (a.value !== undefined && b.value !== undefined) return false;
  const prop = compare(a, '==', b);
  if (isTrusted(cx, prop) || isProved(cx, prop)) return true;
  if (!isLeftOpen(cx, prop)) return false;
  pushCheck(cx, prop, code, span, reason);
  return true;
}

/**
 * Demands a property; `reason` completes "... is needed because". Proved: fine. An inequality between sizes of the
 * signature that some sizes satisfy becomes a requirement of the signature. What only the sizes of a call can tell
 * becomes a check. Anything else is reported, with a counterexample or the `where` that is missing.
 */
export function demand(
  cx: Context,
  prop: Prop,
  code: Code,
  span: Span,
  reason: Reason,
  details?: () => DiagnosticDetails,
): boolean {
  if (isTrusted(cx, prop)) return true;
  const verdict = verdictOf(cx, prop);
  if (verdict.kind === 'proved') return true;
  if (isLeftOpen(cx, prop)) {
    pushCheck(cx, prop, code, span, reason);
    return true;
  }
  if (infer(cx, prop, span)) return true;
  if (cx.facts.isContradictory) return true;
  complain(cx, prop, verdict, code, span, reason, details?.() ?? {});
  return false;
}

/** Demands of a divisor that it is at least 1. */
export function demandDivisor(cx: Context, divisor: Size, span: Span): boolean {
  return demand(cx, positiveDivisor(divisor), 'N4009', span, 'a divisor must be at least 1', () => ({
    help: 'choose other sizes, or divide inside of an `if` that asks for it',
  }));
}

/** `assert`: proved, or left to the sizes of each instantiation; only what never holds is an error here. */
export function assertion(cx: Context, prop: Prop, span: Span, text: string): void {
  const truth = decide(cx, prop);
  if (truth === true) return;
  if (truth === false) {
    cx.error('N4012', span, `\`${text}\` does not hold`, { related: cx.originsOf(varsOf(prop)) });
    return;
  }
  cx.isOpen = true;
  cx.region.statements.push({
    kind: 'check',
    code: 'N4012',
    requirement: { prop, span, text },
    because: undefined,
    origins: cx.originsOf(varsOf(prop)),
  });
  learn(cx, prop);
}

function isTrusted(cx: Context, prop: Prop): boolean {
  return cx.isProven && hasVariables(prop) && !mentionsOpaque(cx, prop);
}

/** Whether a proposition speaks of what is not known before sizes are numbers, or hyper-parameters given. */
export function mentionsOpaque(cx: Context, prop: Prop): boolean {
  return cx.opaque.size > 0 && varsOf(prop).some((v) => cx.opaque.has(v));
}

/** Whether a property waits for numbers: it speaks of opaque sizes, or of what the definition could not know. */
function isLeftOpen(cx: Context, prop: Prop): boolean {
  if (!hasVariables(prop)) return false;
  const isOfCall = cx.purpose === 'function' || cx.purpose === 'trial';
  if (!isOfCall && !mentionsOpaque(cx, prop)) return false;
  return !isProved(cx, not(prop));
}

function pushCheck(cx: Context, prop: Prop, code: Code, span: Span, because: Reason): void {
  if (cx.purpose === 'trial') {
    leaveOpen(cx, { prop, code, span, because: reasonText(because) });
    return;
  }
  const requirement = { prop, span, text: print(prop) };
  cx.isOpen = true;
  const origins = cx.originsOf(varsOf(prop));
  cx.region.statements.push({ kind: 'check', code, requirement, because: reasonText(because), origins });
  learn(cx, prop);
}

/**
 * Leaves a property to the call for which a trial is made, where the call can say something of it. One that is needed
 * under a condition alone is left to the numbers unless the call knows the condition, too.
 */
function leaveOpen(cx: Context, open: Omit<LeftOpen, 'guards'>): void {
  const isOfSignature = (prop: Prop): boolean => varsOf(prop).every((v) => cx.signatureSizes.has(v));
  if (isOfSignature(open.prop) && cx.guards.every(isOfSignature)) {
    cx.leftOpen.push({ ...open, guards: [...cx.guards] });
  }
  learn(cx, open.prop);
}

/**
 * Takes something for given from here on. Facts beyond some number are let go: it is right to know less, and proving
 * takes longer the more is known.
 */
function learn(cx: Context, prop: Prop): void {
  if (cx.facts.props.length < LIMITS.facts) cx.facts = cx.facts.assume(prop);
}

/** Makes an unproved inequality over the signature's sizes a requirement of the signature. */
function infer(cx: Context, prop: Prop, span: Span): boolean {
  if (cx.purpose !== 'definition' || !isInequality(prop)) return false;
  const required = inLastTurn(cx, prop);
  const isOfSignature = (part: Prop): boolean => varsOf(part).every((v) => cx.signatureSizes.has(v));
  if (!hasVariables(required) || !isOfSignature(required) || isProved(cx, not(required))) return false;
  if (required !== prop && !isProvedUnder(prop, cx.facts.assume(required))) return false;
  const guards = cx.guards.filter(isOfSignature);
  const guarded = guards.length === 0 ? required : or(required, ...guards.map(negate));
  cx.inferred.push({ prop: guarded, span, text: print(guarded) });
  learn(cx, required);
  return true;
}

/** What a property of a turn says of the last one: where sizes shrink in a loop, that is the strictest. */
function inLastTurn(cx: Context, prop: Prop): Prop {
  const last = varsOf(prop).flatMap((v): [SizeVar, Size][] => {
    const count = cx.turnCounts.get(v);
    return count === undefined ? [] : [[v, sub(count, constant(1))]];
  });
  return last.length === 0 ? prop : substitute(prop, new Map(last));
}

function isInequality(prop: Prop): boolean {
  switch (prop.kind) {
    case 'compare':
      return prop.op !== '==' && prop.op !== '!=';
    case 'and':
    case 'or':
      return prop.props.every(isInequality);
    case 'not':
      return isInequality(prop.prop);
    case 'divides':
    case 'known':
      return false;
  }
}

function complain(
  cx: Context,
  prop: Prop,
  verdict: Verdict,
  code: Code,
  span: Span,
  reason: Reason,
  details: DiagnosticDetails,
): void {
  const vars = varsOf(prop);
  const notes = [...(details.notes ?? []), ...notesOn(prop, verdict, 'it fails')];
  const missing = missingWhere(cx, prop, span);
  const fails = vars.length === 0 ? 'does not hold' : verdict.kind === 'refuted' ? 'does not hold for every size' : 'cannot be shown'; // prettier-ignore
  const finalCode = verdict.kind !== 'refuted' && code === 'N4006' ? 'N4007' : code;
  cx.error(finalCode, span, `\`${print(prop)}\` ${fails}, and is needed because ${reasonText(reason)}`, {
    ...details,
    notes,
    related: [...(details.related ?? []), ...cx.originsOf(vars)],
    ...missing,
  });
  // What follows is read as if that `where` were there: one that is missing is missed once.
  if (missing !== undefined) learn(cx, prop);
}

/** What is to be said of the first of several equalities that is refuted, or else of one that cannot be shown. */
export function notesOnEqualities(cx: Context, equalities: readonly Prop[]): readonly string[] {
  const notes = equalities.map((prop) => ({ prop, verdict: verdictOf(cx, prop) }));
  const first = notes.find(({ verdict }) => verdict.kind === 'refuted') ?? notes[0];
  return first === undefined ? [] : notesOn(first.prop, first.verdict, 'they differ');
}

/**
 * The `where` under which sizes that differ by rounding alone would be equal. Nothing where they are strangers: that they are
 * equal would be a guess.
 */
export function missingDivisibility(
  cx: Context,
  equalities: readonly Prop[],
  place: Span,
): Remedy | undefined {
  const missing = missingWhere(cx, and(...equalities), place);
  return missing?.help.includes(' % ') === true ? missing : undefined;
}

/** The `where` with which what is at a place would be right, if the signature of the block can say it. */
function missingWhere(cx: Context, prop: Prop, place: Span): Remedy | undefined {
  const vars = varsOf(prop);
  if (vars.length === 0 || !vars.every((v) => cx.signatureSizes.has(v))) return undefined;
  const missing = requirementFor(prop, cx.facts);
  return missing === undefined ? undefined : whereRemedy(cx, missing, place);
}
