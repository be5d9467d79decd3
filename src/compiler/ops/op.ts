import type { Prop } from '../shapes/prop.ts';
import type { Size } from '../shapes/size.ts';
import type { Code } from '../diagnostics/codes.ts';
import type { TensorType } from '../ir/tensor-type.ts';
import type { OnnxEmitter, OnnxTensor } from '../lower/onnx/emitter.ts';
import type { TfjsEmitter } from '../lower/tfjs/emitter.ts';
import type { GraphValue } from '../ir/graph.ts';
import type { Attributes } from './attributes.ts';
import type { BackwardNode, GradientBuilder } from './gradient.ts';
import type { ConcreteType, NdArray } from './nd-array.ts';

/** A clause that completes "... is needed because"; a function where writing it takes time, as printing types does. */
export type Reason = string | (() => string);

export function reasonText(reason: Reason): string {
  return typeof reason === 'string' ? reason : reason();
}

/**
 * What a shape rule may ask and say. At the definition of a block sizes are symbolic and `require` goes to the prover;
 * in the flat graph they are numbers. A rule that has complained returns `undefined`, and what depends on it stays
 * silent.
 */
export interface ShapeContext {
  /** Whether the two sizes are equal for every value their variables may take here. */
  equal(a: Size, b: Size): boolean;
  /**
   * Demands a property of sizes. What cannot be shown is reported with a counterexample or the `where` that is
   * missing; where no `where` would do, with `help`. False when it was reported.
   */
  require(prop: Prop, code: Code, reason: Reason, help?: () => string | undefined): boolean;
  /** Reports what is wrong whatever the sizes are. Always `undefined`, so that a rule can `return ctx.fail(...)`. */
  fail(code: Code, message: string, notes?: readonly string[], remedy?: OpRemedy): undefined;
}

/** What to do about a complaint of a shape rule. */
export interface OpRemedy {
  readonly help?: string;
  /** A word among what the user wrote that should be another one. */
  readonly misspelt?: { readonly word: string; readonly meant: string };
  /** Axes that one of the operands lacks. */
  readonly missing?: readonly string[];
}

/** The formats in which a target wants its tensors: where the channel axis of images goes. */
export type Dialect = 'channels-first' | 'channels-last';

/**
 * An order of axes, outermost first. `...` stands once for all axes that are not named, in the order that the layout
 * has chosen for the whole program. `undefined` where any order will do.
 */
export type AxisOrder = readonly string[] | undefined;

export interface OpLayout {
  readonly inputs: readonly AxisOrder[];
  readonly outputs: readonly AxisOrder[];
}

/** An op on its way into a target: types are physical (axes in memory order), `inputs` are the target's names. */
export interface Lowered<A, Ref> {
  readonly attributes: A;
  readonly inputs: readonly Ref[];
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  /** `inputs[0]` is a list of tensors of the type `inputTypes[0]` (concat, stack), so its length is not known here. */
  readonly listInput?: true;
  /** The one expression asked for is a list of tensors of the type `outputTypes[0]` (split). */
  readonly listOutput?: true;
  /** One of the op's `tfjsIncludes`, which is then applied to the output by the same expression. */
  readonly followedBy?: string;
}

/** The first `count` random numbers of a node in one step of training: uniform in [0, 1), by seed, path and step alone. */
export type Draws = (count: number) => Float32Array;

/** What a random op does with its numbers, in graphs that are given them. */
export interface RandomOp<A extends Attributes> {
  /** Of the numbers of a node, in row-major order. */
  draws(inputs: readonly TensorType[], attributes: A): TensorType;
  /** The node's outputs for numbers of that type. */
  given(
    b: GradientBuilder,
    inputs: readonly GraphValue[],
    attributes: A,
    draws: GraphValue,
  ): readonly GraphValue[];
}

/** One case with which tests run the op on the interpreter and on every target. */
export interface Sample<A> {
  readonly inputs: readonly ConcreteType[];
  readonly attributes: A;
  /** Range of the inputs' values, by input; [-2, 2] where it is left out. */
  readonly ranges?: readonly (readonly [number, number])[];
}

/**
 * A primitive operation of the IR: everything that the compiler knows of it, in one place.
 *
 * Inputs and outputs are matched by axis name. `infer` is the shape rule; `evaluate` is the definition of its meaning
 * in float64 on row-major arrays, against which every target is tested. `onnx` and `tfjs` are the canonical lowerings.
 */
export interface Op<A extends Attributes = Attributes> {
  readonly name: string;
  /** What it computes, as a formula where there is one. */
  readonly doc: string;
  /** The types of the outputs, or undefined after a complaint. Attributes may hold symbolic sizes. */
  infer(inputs: readonly TensorType[], attributes: A, ctx: ShapeContext): readonly TensorType[] | undefined;
  /**
   * `inputs` may come in any order of axes; results must have exactly the types `outputs`. Only an op that is `random`
   * reads `draws`, and only in training are there any.
   */
  evaluate(
    inputs: readonly NdArray[],
    attributes: A,
    outputs: readonly ConcreteType[],
    draws?: Draws,
  ): readonly NdArray[];
  /** Relative orders that it would like in the whole program; wishes, weighed against those of the others. */
  prefers?(
    inputs: readonly TensorType[],
    attributes: A,
    outputs: readonly TensorType[],
    dialect: Dialect,
  ): readonly (readonly string[])[];
  /** The orders that its lowering needs. Without it every tensor comes in the program's order. */
  layout?(
    inputs: readonly TensorType[],
    attributes: A,
    outputs: readonly TensorType[],
    dialect: Dialect,
    /** Sorts names into the program's order. */
    sorted: (names: readonly string[]) => readonly string[],
  ): OpLayout;
  /**
   * Each element of its only result, of f32, is made of those at the same place of its inputs alone, where an input is repeated
   * along axes that it lacks: in whatever order tensors of one size lie in memory, it does the same to them.
   */
  readonly isElementwise?: true;
  onnx(e: OnnxEmitter, node: Lowered<A, OnnxTensor>): readonly OnnxTensor[];
  /**
   * A JavaScript expression for each output. Left out where only gradients are made of the op: the TensorFlow.js program
   * differentiates by itself.
   */
  tfjs?(e: TfjsEmitter, node: Lowered<A, string>): readonly string[];
  /**
   * The gradient of each input, written as nodes, given those of the outputs: undefined for an input that the outputs do
   * not vary with, or whose elements are no f32. Every op has this or says in `noGradient` why not.
   */
  gradient?(b: GradientBuilder, node: BackwardNode<A>): readonly (GraphValue | undefined)[];
  /** Completes "it has no gradient because". */
  readonly noGradient?: string;
  /** Ops of one operand that `tfjs` can apply to the only output at less than the cost of a pass over it. */
  readonly tfjsIncludes?: readonly string[];
  /** Of inputs that count elements: what they must stay below, so that tests can give admissible values. */
  indexBounds?(inputs: readonly TensorType[], attributes: A): readonly (Size | undefined)[];
  /** Floating point operations (a multiply-add counts as two). */
  flops(inputs: readonly TensorType[], attributes: A, outputs: readonly TensorType[]): Size;
  readonly samples: readonly Sample<A>[];
  /**
   * How far results in float32 may be from those of `evaluate`, relative to the largest of them or to 1; 1e-5 where it
   * is left out.
   */
  readonly tolerance?: number;
  /**
   * By how much engines may be off however small the result is: of functions that they compute by approximations which
   * are good to one part of the whole range. 0 where it is left out.
   */
  readonly absoluteError?: number;
  /**
   * Its results depend on random numbers while training: a node draws its own, by its path, so that no two may be
   * merged. Without numbers, as in inference, it is the identity; a target that trains has to give it some.
   */
  readonly random?: RandomOp<A>;
  /**
   * How it behaves while training, where that differs: the op that takes its place, on the same inputs, whose further
   * outputs are the new values of the state among its inputs.
   */
  readonly training?: {
    readonly op: string;
    /** Pairs of the index of a state input and the index of the output which replaces it. */
    readonly state: readonly (readonly [input: number, output: number])[];
  };
}
