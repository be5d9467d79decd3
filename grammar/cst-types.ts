// Generated from grammar/parser.ts by `npm run generate`.
import type { CstNode, IToken } from "chevrotain";

export interface FileCstNode extends CstNode {
  name: "file";
  children: FileCstChildren;
}

export type FileCstChildren = {
  declarationLine?: DeclarationLineCstNode[];
};

export interface DeclarationLineCstNode extends CstNode {
  name: "declarationLine";
  children: DeclarationLineCstChildren;
}

export type DeclarationLineCstChildren = {
  declaration?: DeclarationCstNode[];
  Terminator: IToken[];
};

export interface DeclarationCstNode extends CstNode {
  name: "declaration";
  children: DeclarationCstChildren;
}

export type DeclarationCstChildren = {
  languageLine?: LanguageLineCstNode[];
  importDecl?: ImportDeclCstNode[];
  labelsDecl?: LabelsDeclCstNode[];
  blockDecl?: BlockDeclCstNode[];
  modelDecl?: ModelDeclCstNode[];
  trainDecl?: TrainDeclCstNode[];
};

export interface LanguageLineCstNode extends CstNode {
  name: "languageLine";
  children: LanguageLineCstChildren;
}

export type LanguageLineCstChildren = {
  Language: IToken[];
  version: IToken[];
};

export interface ImportDeclCstNode extends CstNode {
  name: "importDecl";
  children: ImportDeclCstChildren;
}

export type ImportDeclCstChildren = {
  Import: IToken[];
  LCurly: IToken[];
  names?: (ImportedNameCstNode)[];
  Comma?: (IToken)[];
  RCurly: IToken[];
  From: IToken[];
  path: IToken[];
};

export interface ImportedNameCstNode extends CstNode {
  name: "importedName";
  children: ImportedNameCstChildren;
}

export type ImportedNameCstChildren = {
  name: IToken[];
  As?: IToken[];
  alias?: IToken[];
};

export interface LabelsDeclCstNode extends CstNode {
  name: "labelsDecl";
  children: LabelsDeclCstChildren;
}

export type LabelsDeclCstChildren = {
  Labels: IToken[];
  name: IToken[];
  Equals: IToken[];
  values: ListCstNode[];
};

export interface BlockDeclCstNode extends CstNode {
  name: "blockDecl";
  children: BlockDeclCstChildren;
}

export type BlockDeclCstChildren = {
  flavour?: (IToken)[];
  name: IToken[];
  hypers: HypersCstNode[];
  inputs: InputsCstNode[];
  Arrow: IToken[];
  outputs: OutputsCstNode[];
  requirements?: RequirementsCstNode[];
  body: BodyCstNode[];
};

export interface ModelDeclCstNode extends CstNode {
  name: "modelDecl";
  children: ModelDeclCstChildren;
}

export type ModelDeclCstChildren = {
  Model: IToken[];
  name: IToken[];
  hypers?: HypersCstNode[];
  requirements?: RequirementsCstNode[];
  body: BodyCstNode[];
};

export interface TrainDeclCstNode extends CstNode {
  name: "trainDecl";
  children: TrainDeclCstChildren;
}

export type TrainDeclCstChildren = {
  Train: IToken[];
  model: IToken[];
  LCurly: IToken[];
  lines?: TrainLineCstNode[];
  RCurly: IToken[];
};

export interface TrainLineCstNode extends CstNode {
  name: "trainLine";
  children: TrainLineCstChildren;
}

export type TrainLineCstChildren = {
  trainItem?: TrainItemCstNode[];
  Terminator: IToken[];
};

export interface TrainItemCstNode extends CstNode {
  name: "trainItem";
  children: TrainItemCstChildren;
}

export type TrainItemCstChildren = {
  trainTensor?: TrainTensorCstNode[];
  bind?: BindCstNode[];
  setting?: SettingCstNode[];
};

export interface TrainTensorCstNode extends CstNode {
  name: "trainTensor";
  children: TrainTensorCstChildren;
}

export type TrainTensorCstChildren = {
  role?: (IToken)[];
  name: IToken[];
  Colon: IToken[];
  tensorType: TensorTypeCstNode[];
};

export interface SettingCstNode extends CstNode {
  name: "setting";
  children: SettingCstChildren;
}

export type SettingCstChildren = {
  name: IToken[];
  value: ExpressionCstNode[];
};

export interface HypersCstNode extends CstNode {
  name: "hypers";
  children: HypersCstChildren;
}

export type HypersCstChildren = {
  LParen: IToken[];
  hyper?: (HyperCstNode)[];
  Comma?: (IToken)[];
  RParen: IToken[];
};

export interface HyperCstNode extends CstNode {
  name: "hyper";
  children: HyperCstChildren;
}

export type HyperCstChildren = {
  name: IToken[];
  Colon: IToken[];
  type: HyperTypeCstNode[];
  Equals?: IToken[];
  default?: ExpressionCstNode[];
};

export interface HyperTypeCstNode extends CstNode {
  name: "hyperType";
  children: HyperTypeCstChildren;
}

export type HyperTypeCstChildren = {
  blockType?: BlockTypeCstNode[];
  listType?: ListTypeCstNode[];
  plain?: IToken[];
};

export interface ListTypeCstNode extends CstNode {
  name: "listType";
  children: ListTypeCstChildren;
}

export type ListTypeCstChildren = {
  LSquare: IToken[];
  element: HyperTypeCstNode[];
  RSquare: IToken[];
};

export interface BlockTypeCstNode extends CstNode {
  name: "blockType";
  children: BlockTypeCstChildren;
}

export type BlockTypeCstChildren = {
  Block: IToken[];
  LParen: IToken[];
  inputs?: (TensorTypeCstNode)[];
  Comma?: (IToken)[];
  RParen: IToken[];
  Arrow: IToken[];
  outputs: OutputsCstNode[];
};

export interface InputsCstNode extends CstNode {
  name: "inputs";
  children: InputsCstChildren;
}

export type InputsCstChildren = {
  LParen: IToken[];
  input?: (TensorDeclCstNode)[];
  Comma?: (IToken)[];
  RParen: IToken[];
};

export interface TensorDeclCstNode extends CstNode {
  name: "tensorDecl";
  children: TensorDeclCstChildren;
}

export type TensorDeclCstChildren = {
  name: IToken[];
  Colon: IToken[];
  tensorType: TensorTypeCstNode[];
  Equals?: IToken[];
  default?: ExpressionCstNode[];
};

export interface OutputsCstNode extends CstNode {
  name: "outputs";
  children: OutputsCstChildren;
}

export type OutputsCstChildren = {
  tensorType?: (TensorTypeCstNode)[];
  LParen?: IToken[];
  Comma?: (IToken)[];
  RParen?: IToken[];
};

export interface TensorTypeCstNode extends CstNode {
  name: "tensorType";
  children: TensorTypeCstChildren;
}

export type TensorTypeCstChildren = {
  dtype?: IToken[];
  LSquare: IToken[];
  axis?: (AxisCstNode)[];
  Comma?: (IToken)[];
  RSquare: IToken[];
};

export interface AxisCstNode extends CstNode {
  name: "axis";
  children: AxisCstChildren;
}

export type AxisCstChildren = {
  Ellipsis?: IToken[];
  rest?: IToken[];
  sizedAxis?: SizedAxisCstNode[];
};

export interface SizedAxisCstNode extends CstNode {
  name: "sizedAxis";
  children: SizedAxisCstChildren;
}

export type SizedAxisCstChildren = {
  name: IToken[];
  Colon?: IToken[];
  size?: ExpressionCstNode[];
};

export interface RequirementsCstNode extends CstNode {
  name: "requirements";
  children: RequirementsCstChildren;
}

export type RequirementsCstChildren = {
  Where: IToken[];
  condition: (ConditionCstNode)[];
  Comma?: (IToken)[];
};

export interface BodyCstNode extends CstNode {
  name: "body";
  children: BodyCstChildren;
}

export type BodyCstChildren = {
  LCurly: IToken[];
  lines?: LineCstNode[];
  RCurly: IToken[];
};

export interface LineCstNode extends CstNode {
  name: "line";
  children: LineCstChildren;
}

export type LineCstChildren = {
  statement?: StatementCstNode[];
  Terminator: IToken[];
};

export interface StatementCstNode extends CstNode {
  name: "statement";
  children: StatementCstChildren;
}

export type StatementCstChildren = {
  bind?: BindCstNode[];
  returnStmt?: ReturnStmtCstNode[];
  forStmt?: ForStmtCstNode[];
  ifStmt?: IfStmtCstNode[];
  assertStmt?: AssertStmtCstNode[];
  paramStmt?: ParamStmtCstNode[];
  inputStmt?: InputStmtCstNode[];
  outputStmt?: OutputStmtCstNode[];
  mistakenValue?: MistakenValueCstNode[];
};

export interface BindCstNode extends CstNode {
  name: "bind";
  children: BindCstChildren;
}

export type BindCstChildren = {
  targets?: (IToken)[];
  tuple?: IToken[];
  Comma?: (IToken)[];
  RParen?: IToken[];
  Equals: IToken[];
  value: ConditionCstNode[];
};

export interface ReturnStmtCstNode extends CstNode {
  name: "returnStmt";
  children: ReturnStmtCstChildren;
}

export type ReturnStmtCstChildren = {
  Return: IToken[];
  values: (ExpressionCstNode)[];
  Comma?: IToken[];
};

export interface ForStmtCstNode extends CstNode {
  name: "forStmt";
  children: ForStmtCstChildren;
}

export type ForStmtCstChildren = {
  For: IToken[];
  element?: (IToken)[];
  LParen?: IToken[];
  index?: IToken[];
  Comma?: IToken[];
  RParen?: IToken[];
  In: IToken[];
  range: ExpressionCstNode[];
  body: BodyCstNode[];
};

export interface IfStmtCstNode extends CstNode {
  name: "ifStmt";
  children: IfStmtCstChildren;
}

export type IfStmtCstChildren = {
  If: (IToken)[];
  condition: (ConditionCstNode)[];
  body: (BodyCstNode)[];
  Else?: (IToken)[];
  otherwise?: BodyCstNode[];
};

export interface AssertStmtCstNode extends CstNode {
  name: "assertStmt";
  children: AssertStmtCstChildren;
}

export type AssertStmtCstChildren = {
  Assert: IToken[];
  condition: ConditionCstNode[];
};

export interface ParamStmtCstNode extends CstNode {
  name: "paramStmt";
  children: ParamStmtCstChildren;
}

export type ParamStmtCstChildren = {
  Param: IToken[];
  name: IToken[];
  Colon: IToken[];
  tensorType: TensorTypeCstNode[];
  Equals: IToken[];
  init: ExpressionCstNode[];
};

export interface InputStmtCstNode extends CstNode {
  name: "inputStmt";
  children: InputStmtCstChildren;
}

export type InputStmtCstChildren = {
  Input: IToken[];
  name: IToken[];
  Colon: IToken[];
  tensorType: TensorTypeCstNode[];
  From?: IToken[];
  from?: ExpressionCstNode[];
};

export interface OutputStmtCstNode extends CstNode {
  name: "outputStmt";
  children: OutputStmtCstChildren;
}

export type OutputStmtCstChildren = {
  Output: IToken[];
  name: IToken[];
  Equals?: IToken[];
  value?: ExpressionCstNode[];
  Labels?: IToken[];
  labels?: ExpressionCstNode[];
};

export interface MistakenValueCstNode extends CstNode {
  name: "mistakenValue";
  children: MistakenValueCstChildren;
}

export type MistakenValueCstChildren = {
  value: ExpressionCstNode[];
  Equals?: IToken[];
  bound?: ExpressionCstNode[];
};

export interface ConditionCstNode extends CstNode {
  name: "condition";
  children: ConditionCstChildren;
}

export type ConditionCstChildren = {
  expression: ExpressionCstNode[];
  mistakenEquals?: MistakenEqualsCstNode[];
};

export interface MistakenEqualsCstNode extends CstNode {
  name: "mistakenEquals";
  children: MistakenEqualsCstChildren;
}

export type MistakenEqualsCstChildren = {
  Equals: IToken[];
  expression: ExpressionCstNode[];
};

export interface ExpressionCstNode extends CstNode {
  name: "expression";
  children: ExpressionCstChildren;
}

export type ExpressionCstChildren = {
  operand?: OperandCstNode[];
  rangeEnd?: RangeEndCstNode[];
  operation?: OperationCstNode[];
};

export interface OperationCstNode extends CstNode {
  name: "operation";
  children: OperationCstChildren;
}

export type OperationCstChildren = {
  operator?: IToken[];
  operand?: OperandCstNode[];
  rangeEnd?: RangeEndCstNode[];
};

export interface RangeEndCstNode extends CstNode {
  name: "rangeEnd";
  children: RangeEndCstChildren;
}

export type RangeEndCstChildren = {
  Range: IToken[];
  operand?: OperandCstNode[];
};

export interface OperandCstNode extends CstNode {
  name: "operand";
  children: OperandCstChildren;
}

export type OperandCstChildren = {
  prefix?: IToken[];
  primary: PrimaryCstNode[];
  suffix?: SuffixCstNode[];
};

export interface SuffixCstNode extends CstNode {
  name: "suffix";
  children: SuffixCstChildren;
}

export type SuffixCstChildren = {
  call?: CallCstNode[];
  index?: IndexCstNode[];
};

export interface CallCstNode extends CstNode {
  name: "call";
  children: CallCstChildren;
}

export type CallCstChildren = {
  LParen: IToken[];
  argument?: (ArgumentCstNode)[];
  Comma?: (IToken)[];
  RParen: IToken[];
};

export interface ArgumentCstNode extends CstNode {
  name: "argument";
  children: ArgumentCstChildren;
}

export type ArgumentCstChildren = {
  name?: IToken[];
  Colon?: IToken[];
  value: ExpressionCstNode[];
  Arrow?: IToken[];
  to?: AxisTargetCstNode[];
};

export interface AxisTargetCstNode extends CstNode {
  name: "axisTarget";
  children: AxisTargetCstChildren;
}

export type AxisTargetCstChildren = {
  axes?: (SizedAxisCstNode)[];
  LSquare?: IToken[];
  Comma?: (IToken)[];
  RSquare?: IToken[];
};

export interface IndexCstNode extends CstNode {
  name: "index";
  children: IndexCstChildren;
}

export type IndexCstChildren = {
  LSquare: IToken[];
  expression: ExpressionCstNode[];
  RSquare: IToken[];
};

export interface PrimaryCstNode extends CstNode {
  name: "primary";
  children: PrimaryCstChildren;
}

export type PrimaryCstChildren = {
  number?: IToken[];
  string?: IToken[];
  bool?: (IToken)[];
  name?: IToken[];
  group?: GroupCstNode[];
  list?: ListCstNode[];
};

export interface GroupCstNode extends CstNode {
  name: "group";
  children: GroupCstChildren;
}

export type GroupCstChildren = {
  LParen: IToken[];
  items: (ExpressionCstNode)[];
  Comma?: (IToken)[];
  RParen: IToken[];
};

export interface ListCstNode extends CstNode {
  name: "list";
  children: ListCstChildren;
}

export type ListCstChildren = {
  LSquare: IToken[];
  items?: (ListItemCstNode)[];
  Comma?: (IToken)[];
  RSquare: IToken[];
};

export interface ListItemCstNode extends CstNode {
  name: "listItem";
  children: ListItemCstChildren;
}

export type ListItemCstChildren = {
  key?: IToken[];
  Colon?: IToken[];
  value: ExpressionCstNode[];
};

/** Any node of the concrete syntax tree, told apart by its `name`. */
export type AnyCstNode =
  | FileCstNode
  | DeclarationLineCstNode
  | DeclarationCstNode
  | LanguageLineCstNode
  | ImportDeclCstNode
  | ImportedNameCstNode
  | LabelsDeclCstNode
  | BlockDeclCstNode
  | ModelDeclCstNode
  | TrainDeclCstNode
  | TrainLineCstNode
  | TrainItemCstNode
  | TrainTensorCstNode
  | SettingCstNode
  | HypersCstNode
  | HyperCstNode
  | HyperTypeCstNode
  | ListTypeCstNode
  | BlockTypeCstNode
  | InputsCstNode
  | TensorDeclCstNode
  | OutputsCstNode
  | TensorTypeCstNode
  | AxisCstNode
  | SizedAxisCstNode
  | RequirementsCstNode
  | BodyCstNode
  | LineCstNode
  | StatementCstNode
  | BindCstNode
  | ReturnStmtCstNode
  | ForStmtCstNode
  | IfStmtCstNode
  | AssertStmtCstNode
  | ParamStmtCstNode
  | InputStmtCstNode
  | OutputStmtCstNode
  | MistakenValueCstNode
  | ConditionCstNode
  | MistakenEqualsCstNode
  | ExpressionCstNode
  | OperationCstNode
  | RangeEndCstNode
  | OperandCstNode
  | SuffixCstNode
  | CallCstNode
  | ArgumentCstNode
  | AxisTargetCstNode
  | IndexCstNode
  | PrimaryCstNode
  | GroupCstNode
  | ListCstNode
  | ListItemCstNode;
