import type { Code } from '../diagnostics/codes.ts';
import type { Related } from '../diagnostics/diagnostic.ts';
import type { Span } from '../source/span.ts';
import type { Prop } from '../shapes/prop.ts';
import type { Size, SizeVar } from '../shapes/size.ts';
import type { Attributes } from '../ops/attributes.ts';
import type { Init } from '../ops/arguments.ts';
import type { Fan } from '../ops/surface-op.ts';
import type { ListType, TensorType } from './tensor-type.ts';

/**
 * The IR module: one function per block definition and structural hyper-value.
 *
 * Integers stay symbolic: a function's `sizes` are its integer hyper-parameters and the sizes of its inputs' axes,
 * and a call binds them to expressions over the caller's. Whatever else a hyper-parameter can be (a float, a bool, a
 * string, labels, a list, a block) is fixed when the function is made. Loops and branches on sizes stay. The tfjs
 * program is written from this form, so that it keeps the blocks; `inline` turns it into the flat graph on which
 * the passes and the ONNX targets work.
 */
export interface Module {
  /** By id, callees before their callers. */
  readonly functions: ReadonlyMap<string, Func>;
  readonly model: ModelEntry;
  readonly training: TrainingEntry | undefined;
}

export interface TensorValue {
  readonly kind: 'tensor';
  readonly id: number;
  /** The name in the source it was bound to, or the op's; not unique. */
  readonly hint: string;
  readonly type: TensorType;
}

/** A list whose length may be symbolic; one whose elements are known is taken apart by the checker. */
export interface ListValue {
  readonly kind: 'list';
  readonly id: number;
  readonly hint: string;
  readonly type: ListType;
}

export type Value = TensorValue | ListValue;

/** A step of a parameter path: a name of the source, or the turn of a loop. */
export type PathPart = string | SizeVar;
export type Path = readonly PathPart[];

/** A weight or a piece of state that a region declares. The shape is over the function's sizes. */
export interface ParamDecl {
  readonly role: 'weight' | 'state';
  /** Relative to the function; a loop's turn appears as its index variable. */
  readonly path: Path;
  readonly value: TensorValue;
  readonly init: Init;
  readonly fan: Fan | undefined;
  readonly span: Span;
}

export interface Region {
  readonly params: readonly ParamDecl[];
  readonly statements: readonly Statement[];
}

export interface Func {
  /** Unique in the module and deterministic: `SIM`, `Activation[relu]`. */
  readonly id: string;
  /** The name in the source. */
  readonly name: string;
  readonly flavour: 'block' | 'loss' | 'model';
  readonly docs: readonly string[];
  readonly span: Span;
  /** Integer hyper-parameters first, then the sizes of axes, each in the order of the declaration. */
  readonly sizes: readonly SizeVar[];
  /** How many of `sizes` are hyper-parameters. */
  readonly hyperCount: number;
  /** What the values of `sizes` must satisfy; checked again where they are numbers. */
  readonly where: readonly Requirement[];
  readonly inputs: readonly TensorValue[];
  readonly body: Region;
  readonly outputs: readonly TensorValue[];
  /** Whether something in it waits for the sizes of the model: a check, or a shape rule asked of sizes not known. */
  readonly isOpen: boolean;
}

export interface Requirement {
  readonly prop: Prop;
  readonly span: Span;
  /** As the user wrote it, or how it was inferred. */
  readonly text: string;
}

export type Statement =
  | OpStatement
  | CallStatement
  | LoopStatement
  | IfStatement
  | ListStatement
  | AppendStatement
  | GetStatement
  | SliceStatement
  | CheckStatement;

/** A primitive op. A {@link ListValue} among inputs or outputs stands for all its elements. */
export interface OpStatement {
  readonly kind: 'op';
  readonly op: string;
  readonly attributes: Attributes;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** Where its parameters live, or the path of the statement: names the nodes of the targets. */
  readonly path: Path;
  readonly span: Span;
}

export interface CallStatement {
  readonly kind: 'call';
  readonly callee: string;
  /** The instance, relative to the caller; equal paths share their weights. */
  readonly path: Path;
  /** What each of the callee's `sizes` is here. */
  readonly sizes: readonly Size[];
  /** Axes that have another name inside the callee: the caller's name by the callee's. */
  readonly axes: ReadonlyMap<string, string>;
  readonly inputs: readonly TensorValue[];
  readonly outputs: readonly TensorValue[];
  readonly span: Span;
}

/** A value that a loop hands from turn to turn. */
export interface Carried {
  /** Before the first turn. */
  readonly initial: Value;
  /** At the start of a turn; its type may speak of the loop's index. */
  readonly current: Value;
  /** At the end of a turn. */
  readonly next: Value;
  /** After the last turn. */
  readonly final: Value;
}

export interface LoopStatement {
  readonly kind: 'loop';
  readonly index: SizeVar;
  /** How the source calls the turn or the element. */
  readonly hint: string;
  readonly count: Size;
  /** For a loop over a list: the list and the name that an element has in a turn. */
  readonly each: { readonly list: ListValue; readonly element: TensorValue } | undefined;
  readonly carried: readonly Carried[];
  readonly body: Region;
  readonly span: Span;
}

/** A branch on sizes. Each result is one of two values of equal type. */
export interface IfStatement {
  readonly kind: 'if';
  readonly condition: Prop;
  readonly then: Region;
  readonly otherwise: Region;
  readonly results: readonly { readonly output: Value; readonly then: Value; readonly otherwise: Value }[];
  readonly span: Span;
}

/** `[a, b, c]`. */
export interface ListStatement {
  readonly kind: 'list';
  readonly items: readonly TensorValue[];
  readonly output: ListValue;
}

/** `a ++ b`. */
export interface AppendStatement {
  readonly kind: 'append';
  readonly left: ListValue;
  readonly right: ListValue;
  readonly output: ListValue;
}

/** `list[index]`. */
export interface GetStatement {
  readonly kind: 'get';
  readonly list: ListValue;
  readonly index: Size;
  readonly output: TensorValue;
  readonly span: Span;
}

/** `list[from..to]`. */
export interface SliceStatement {
  readonly kind: 'slice';
  readonly list: ListValue;
  readonly from: Size;
  readonly to: Size;
  readonly output: ListValue;
  readonly span: Span;
}

/** What could not be decided for every size is checked for the sizes of each instantiation. */
export interface CheckStatement {
  readonly kind: 'check';
  readonly requirement: Requirement;
  readonly code: Code;
  /** Completes "it is needed because"; undefined for an `assert`, which speaks for itself. */
  readonly because: string | undefined;
  /** Where the sizes that it speaks of come from. */
  readonly origins: readonly Related[];
}

/** How raw pixels become an input: (v / 255 - mean) / std per channel. */
export interface Pixels {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export interface ModelEntry {
  readonly name: string;
  readonly func: string;
  readonly inputs: readonly { readonly name: string; readonly pixels: Pixels | undefined }[];
  readonly outputs: readonly { readonly name: string; readonly labels: readonly string[] | undefined }[];
  /** Hyper-parameters with the values that the model was built with, as text. */
  readonly hypers: readonly { readonly name: string; readonly value: string }[];
}

/** An optimiser, schedule or similar setting: a name with numbers. */
export interface NamedSetting {
  readonly name: string;
  readonly args: Readonly<Record<string, number | boolean | string>>;
  readonly span: Span;
}

/** What `train` says: the loss is a function of the model's outputs and inputs and of the targets. */
export interface TrainingEntry {
  readonly model: string;
  readonly func: string;
  /** Where each input of the loss comes from, in the order of the function's inputs. */
  readonly inputs: readonly (
    | { readonly kind: 'output' | 'input'; readonly name: string }
    | { readonly kind: 'target' | 'weight'; readonly name: string }
  )[];
  readonly optimizer: NamedSetting;
  readonly schedule: NamedSetting;
  /** How gradients are clipped; undefined where they are not. */
  readonly clipping: NamedSetting | undefined;
  /** After how many batches the optimiser makes a step, by the mean of their gradients; clipping comes after the mean. */
  readonly accumulation: number;
  /** The average of weights that is evaluated and exported; undefined where it is the weights themselves. */
  readonly averaging: NamedSetting | undefined;
  /** How images are varied; undefined where they are not. */
  readonly augmentation: NamedSetting | undefined;
  readonly batch: number;
  readonly epochs: number;
  readonly seed: number;
}
