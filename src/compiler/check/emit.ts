import { isShapeCode } from '../diagnostics/codes.ts';
import type { DiagnosticDetails, Related } from '../diagnostics/diagnostic.ts';
import { replacement } from '../diagnostics/did-you-mean.ts';
import type { Path, TensorValue, Value } from '../ir/module.ts';
import { axisNames, findAxis, type TensorType } from '../ir/tensor-type.ts';
import type { Attributes } from '../ops/attributes.ts';
import { scalarConstant } from '../ops/constant.ts';
import type { Op, OpRemedy, ShapeContext } from '../ops/op.ts';
import { compare, type Prop } from '../shapes/prop.ts';
import { varsOf, type Size, type SizeVar } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { Context } from './context.ts';
import { demand, mayBeEqual, missingDivisibility, notesOnEqualities } from './demands.ts';
import { lostByDiagonal } from './diagonal.ts';

export interface EmitOptions {
  /** What the result is called, unless a statement binds it. */
  readonly hint: string;
  /** The instance that the op belongs to; otherwise it is named after the statement. */
  readonly path?: Path;
}

/** The questions and complaints of a shape rule about some operands, answered at a place of the source. */
export function shapeContext(cx: Context, span: Span, operands: readonly Value[]): ShapeContext {
  const missed: Prop[] = [];
  return {
    // What is left open here, the rule asks again of the flat graph.
    equal: (a, b) => {
      const same = mayBeEqual(cx, a, b, span);
      if (!same) missed.push(compare(a, '==', b));
      return same;
    },
    require: (prop, code, reason, help) =>
      demand(cx, prop, code, span, reason, () => {
        const advice = help?.();
        return { related: cx.placesOf(operands, span), ...(advice === undefined ? {} : { help: advice }) };
      }),
    fail: (code, message, notes = [], remedy) => {
      const isShape = isShapeCode(code);
      const missing = isShape ? missingDivisibility(cx, missed, span) : undefined;
      const axes = (remedy?.missing ?? []).map((name) => ({ name }));
      const lost = lostByDiagonal(cx, operands, axes);
      return cx.error(code, span, message, {
        notes: isShape ? [...notes, ...notesOnEqualities(cx, missed)] : notes,
        related: [...(isShape ? originsOf(cx, operands, span) : []), ...(lost?.related ?? [])],
        ...(missing ?? (lost && { help: lost.help }) ?? (remedy && detailsOf(cx, span, remedy))),
      });
    },
  };
}

/** The remedy of a shape rule, which knows words and no places: one that stands once in the call can be replaced. */
function detailsOf(cx: Context, span: Span, { help, misspelt }: OpRemedy): DiagnosticDetails {
  if (help === undefined) return {};
  if (misspelt === undefined) return { help };
  const { word, meant } = misspelt;
  const [place, more] = [...cx.module.source.slice(span).matchAll(new RegExp(`\\b${word}\\b`, 'g'))];
  if (place === undefined || more !== undefined) return { help };
  const start = span.start + place.index;
  return { help, fix: replacement(word, span.elsewhere(start, start + word.length), meant) };
}

/** Where tensors that do not fit come from, and the sizes in which they differ. */
function originsOf(cx: Context, operands: readonly Value[], span: Span): readonly Related[] {
  const types = operands.map(({ type }) => (type.kind === 'list' ? type.element : type));
  const vars = new Set<SizeVar>();
  for (const name of new Set(types.flatMap(axisNames))) {
    const sizes = types.flatMap((type) => findAxis(type, name)?.size ?? []);
    if (new Set(sizes.map((size) => size.key)).size > 1) for (const v of sizes.flatMap(varsOf)) vars.add(v);
  }
  return [...cx.placesOf(operands, span), ...cx.originsOf(vars)];
}

/** Adds a primitive to the region at hand; undefined after its shape rule has complained. */
export function emit<A extends Attributes>(
  cx: Context,
  op: Op<A>,
  inputs: readonly TensorValue[],
  attributes: A,
  span: Span,
  options: EmitOptions,
): readonly TensorValue[] | undefined {
  const types = op.infer(
    inputs.map((input) => input.type),
    attributes,
    shapeContext(cx, span, inputs),
  );
  if (types === undefined) return undefined;
  const outputs = types.map((type) => cx.tensor(options.hint, type, span));
  push(cx, op.name, inputs, attributes, outputs, span, options);
  return outputs;
}

/** {@link emit} for an op with one result. */
export function emitOne<A extends Attributes>(
  cx: Context,
  op: Op<A>,
  inputs: readonly TensorValue[],
  attributes: A,
  span: Span,
  options: EmitOptions,
): TensorValue | undefined {
  return emit(cx, op, inputs, attributes, span, options)?.[0];
}

/** Adds an op that reads or makes a whole list, whose type the caller has worked out. */
export function emitList(
  cx: Context,
  op: string,
  inputs: readonly Value[],
  attributes: Attributes,
  output: Value,
  span: Span,
  options: EmitOptions,
): void {
  push(cx, op, inputs, attributes, [output], span, options);
}

function push(
  cx: Context,
  op: string,
  inputs: readonly Value[],
  attributes: Attributes,
  outputs: readonly Value[],
  span: Span,
  options: EmitOptions,
): void {
  const path = options.path ?? cx.statementPath();
  cx.checker.complaints.countStatement(cx, span);
  cx.region.statements.push({ kind: 'op', op, attributes, inputs, outputs, path, span });
}

/** A scalar of f32; a symbolic size becomes a number where the program runs. */
export function scalar(cx: Context, value: number | Size, span: Span): TensorValue {
  const type: TensorType = { kind: 'tensor', dtype: 'f32', axes: [] };
  const output = cx.tensor('scalar', type, span);
  push(cx, scalarConstant.name, [], { value }, [output], span, { hint: 'scalar' });
  return output;
}
