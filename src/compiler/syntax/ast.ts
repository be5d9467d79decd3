import type { Span } from '../source/span.ts';

/**
 * The abstract syntax. Every node has `kind` and `span`; interfaces are readonly; the unions are closed, so that a
 * `switch` over `kind` can be checked for completeness. `docs` holds the `///` lines before a declaration, without
 * the slashes. Ordinary comments live in {@link SourceUnit.comments}, in source order, for the formatter and for
 * generated programs.
 */
interface NodeBase {
  readonly span: Span;
}

export interface Name extends NodeBase {
  readonly kind: 'Name';
  readonly text: string;
}

export interface Comment extends NodeBase {
  readonly kind: 'Comment';
  /** The text with its slashes. */
  readonly text: string;
  /** Whether only blanks stand before it on its line. */
  readonly ownLine: boolean;
}

export interface SourceUnit extends NodeBase {
  readonly kind: 'SourceUnit';
  /** The version of `language N`; undefined where the line is missing. */
  readonly version: NumberLiteral | undefined;
  readonly declarations: readonly Declaration[];
  readonly comments: readonly Comment[];
  /** Statements and heads of bodies that could not be read in full. */
  readonly damaged: readonly Span[];
}

// ---------------------------------------------------------------- declarations

export type Declaration = ImportDecl | LabelsDecl | BlockDecl | ModelDecl | TrainDecl;

export interface ImportDecl extends NodeBase {
  readonly kind: 'ImportDecl';
  readonly names: readonly { readonly name: Name; readonly alias: Name | undefined; readonly span: Span }[];
  readonly from: StringLiteral;
  readonly docs: readonly string[];
}

/** `labels ChestXray14 = ["Atelectasis", ...]`: the classes of a classifier; as a size, their number. */
export interface LabelsDecl extends NodeBase {
  readonly kind: 'LabelsDecl';
  readonly name: Name;
  readonly values: ListLiteral;
  readonly docs: readonly string[];
}

/** `block` and `loss` differ only in that a loss must return a scalar. */
export interface BlockDecl extends NodeBase {
  readonly kind: 'BlockDecl';
  readonly flavour: 'block' | 'loss';
  readonly name: Name;
  readonly hypers: readonly HyperDecl[];
  readonly inputs: readonly TensorDecl[];
  readonly outputs: readonly TensorType[];
  /** Whether the outputs stood in parentheses: `-> ([..], [..])`. */
  readonly outputTuple: boolean;
  readonly where: readonly Expr[];
  readonly body: Body;
  readonly docs: readonly string[];
}

export interface ModelDecl extends NodeBase {
  readonly kind: 'ModelDecl';
  readonly name: Name;
  readonly hypers: readonly HyperDecl[];
  readonly where: readonly Expr[];
  readonly body: Body;
  readonly docs: readonly string[];
}

export interface TrainDecl extends NodeBase {
  readonly kind: 'TrainDecl';
  /** The model to train. */
  readonly model: Name;
  readonly items: readonly TrainItem[];
  readonly docs: readonly string[];
}

export type TrainItem = TrainTensor | BindStmt | Setting;

/** `target findings: [N, K: classes]` or `weight known: [N, K: classes]`. */
export interface TrainTensor extends NodeBase {
  readonly kind: 'TrainTensor';
  readonly role: 'target' | 'weight';
  readonly name: Name;
  readonly type: TensorType;
}

/** `optimizer adamw(lr: 1e-4)`, `schedule cosine(...)`, `clip norm(1)`, `accumulate 4`, `average ema()`, `augment view(flip: true)`, `batch 16`, `epochs 30`, `seed 0`. */
export interface Setting extends NodeBase {
  readonly kind: 'Setting';
  readonly name: Name;
  readonly value: Expr;
}

export interface HyperDecl extends NodeBase {
  readonly kind: 'HyperDecl';
  readonly name: Name;
  readonly type: HyperType;
  readonly default: Expr | undefined;
}

export type HyperType =
  | (NodeBase & {
      readonly kind: 'PlainHyper';
      readonly name: 'int' | 'float' | 'bool' | 'string' | 'labels' | 'axis';
    })
  | (NodeBase & { readonly kind: 'ListHyper'; readonly element: HyperType })
  | (NodeBase & {
      readonly kind: 'BlockHyper';
      readonly inputs: readonly TensorType[];
      readonly outputs: readonly TensorType[];
    });

/** An input of a block: `x: [N, C, H, W]`, with `= 1` the value of every element when it is left out. */
export interface TensorDecl extends NodeBase {
  readonly kind: 'TensorDecl';
  readonly name: Name;
  readonly type: TensorType;
  readonly default: Expr | undefined;
}

export interface TensorType extends NodeBase {
  readonly kind: 'TensorType';
  /** `f32` where it is not written. */
  readonly dtype: Name | undefined;
  readonly axes: readonly AxisDecl[];
  /** Whether something between its brackets could not be read, so that there may be further axes. */
  readonly isDamaged: boolean;
}

/** `C`, `C: 64`, `H: size` or `...R`. */
export type AxisDecl =
  | (NodeBase & { readonly kind: 'NamedAxis'; readonly name: Name; readonly size: Expr | undefined })
  | (NodeBase & { readonly kind: 'RestAxes'; readonly name: Name });

// ---------------------------------------------------------------- statements

export interface Body extends NodeBase {
  readonly kind: 'Body';
  readonly statements: readonly Statement[];
}

export type Statement =
  BindStmt | ReturnStmt | ForStmt | IfStmt | AssertStmt | ParamStmt | InputStmt | OutputStmt;

/** `x = e` or `(a, b) = e`. */
export interface BindStmt extends NodeBase {
  readonly kind: 'BindStmt';
  readonly targets: readonly Name[];
  readonly tuple: boolean;
  readonly value: Expr;
  readonly docs: readonly string[];
}

export interface ReturnStmt extends NodeBase {
  readonly kind: 'ReturnStmt';
  /** Several values where they stood in parentheses or were separated by commas. */
  readonly value: Expr;
}

/** `for x in list { }` or `for (i, x) in list { }` with the turn, counted from 0. */
export interface ForStmt extends NodeBase {
  readonly kind: 'ForStmt';
  readonly index: Name | undefined;
  readonly element: Name;
  readonly range: Expr;
  readonly body: Body;
}

export interface IfStmt extends NodeBase {
  readonly kind: 'IfStmt';
  readonly condition: Expr;
  readonly then: Body;
  readonly otherwise: Body | IfStmt | undefined;
}

export interface AssertStmt extends NodeBase {
  readonly kind: 'AssertStmt';
  readonly condition: Expr;
}

/** `param scale: [C] = ones`. */
export interface ParamStmt extends NodeBase {
  readonly kind: 'ParamStmt';
  readonly name: Name;
  readonly type: TensorType;
  readonly init: Expr;
}

/** `input image: [N, C: 3, H: size, W: size] from pixels(...)`; only in models. */
export interface InputStmt extends NodeBase {
  readonly kind: 'InputStmt';
  readonly name: Name;
  readonly type: TensorType;
  readonly from: Expr | undefined;
}

/** `output logits`, `output probability = sigmoid(logits) labels classes`; only in models. */
export interface OutputStmt extends NodeBase {
  readonly kind: 'OutputStmt';
  readonly name: Name;
  readonly value: Expr | undefined;
  readonly labels: Expr | undefined;
}

// ---------------------------------------------------------------- expressions

export type Expr =
  | NumberLiteral
  | StringLiteral
  | BoolLiteral
  | NameExpr
  | ListLiteral
  | TupleExpr
  | UnaryExpr
  | BinaryExpr
  | PipeExpr
  | CallExpr
  | IndexExpr
  | RangeExpr
  | ErrorExpr;

export interface NumberLiteral extends NodeBase {
  readonly kind: 'NumberLiteral';
  /** As written: `1e-4`, `1_000`. */
  readonly text: string;
  readonly value: number;
  readonly integer: boolean;
}

export interface StringLiteral extends NodeBase {
  readonly kind: 'StringLiteral';
  readonly value: string;
}

export interface BoolLiteral extends NodeBase {
  readonly kind: 'BoolLiteral';
  readonly value: boolean;
}

export interface NameExpr extends NodeBase {
  readonly kind: 'NameExpr';
  readonly name: Name;
}

/** `[1, 2]`, and with keys, in arguments that speak of axes, `[H: 3, W: 3]`. */
export interface ListLiteral extends NodeBase {
  readonly kind: 'ListLiteral';
  readonly items: readonly ListItem[];
}

export interface ListItem extends NodeBase {
  readonly kind: 'ListItem';
  readonly key: Name | undefined;
  readonly value: Expr;
}

export interface TupleExpr extends NodeBase {
  readonly kind: 'TupleExpr';
  readonly items: readonly Expr[];
}

export type UnaryOperator = '-' | 'not';

export interface UnaryExpr extends NodeBase {
  readonly kind: 'UnaryExpr';
  readonly operator: UnaryOperator;
  readonly operand: Expr;
}

// prettier-ignore
export type BinaryOperator =
  | '+' | '-' | '*' | '/' | '%' | '++'
  | '==' | '!=' | '<' | '<=' | '>' | '>='
  | 'and' | 'or';

export interface BinaryExpr extends NodeBase {
  readonly kind: 'BinaryExpr';
  readonly operator: BinaryOperator;
  readonly operatorSpan: Span;
  readonly left: Expr;
  readonly right: Expr;
}

/** `value |> stage`; left-associative. */
export interface PipeExpr extends NodeBase {
  readonly kind: 'PipeExpr';
  readonly value: Expr;
  readonly stage: Expr;
}

/** `f(args)`: an instantiation or a call, which resolution tells apart. */
export interface CallExpr extends NodeBase {
  readonly kind: 'CallExpr';
  readonly callee: Expr;
  readonly args: readonly Argument[];
}

/**
 * `value`, `name: value`, or the mapping of axes `C -> K`, `C -> K: 14`, `[H, W] -> T`, `D -> [h: heads, d: D / heads]`,
 * which may also be named.
 */
export interface Argument extends NodeBase {
  readonly kind: 'Argument';
  readonly name: Name | undefined;
  readonly value: Expr;
  readonly to: AxisTarget | undefined;
}

/** The right side of an axis mapping; `-> []` has an empty list. */
export interface AxisTarget extends NodeBase {
  readonly kind: 'AxisTarget';
  readonly bracketed: boolean;
  readonly axes: readonly { readonly name: Name; readonly size: Expr | undefined; readonly span: Span }[];
}

/** `list[0]`, `list[1..]`. */
export interface IndexExpr extends NodeBase {
  readonly kind: 'IndexExpr';
  readonly list: Expr;
  readonly index: Expr;
}

/** `0..n`; in an index either end may be missing. */
export interface RangeExpr extends NodeBase {
  readonly kind: 'RangeExpr';
  readonly from: Expr | undefined;
  readonly to: Expr | undefined;
}

/** Stands where the parser recovered; whatever touches it stays silent. */
export interface ErrorExpr extends NodeBase {
  readonly kind: 'ErrorExpr';
}
