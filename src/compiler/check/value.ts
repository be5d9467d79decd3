import type { ListValue, Path, TensorValue } from '../ir/module.ts';
import { printType } from '../ir/tensor-type.ts';
import type { ArgumentKind, ArgumentTypes } from '../ops/arguments.ts';
import type { SurfaceOp } from '../ops/surface-op.ts';
import type { BlockEntity } from '../resolve/program.ts';
import { print, type Size } from '../shapes/size.ts';
import type { Prop } from '../shapes/prop.ts';
import type { Span } from '../source/span.ts';
import type { HyperType } from '../syntax/ast.ts';
import type { RegionBuilder } from './region.ts';

/**
 * What an expression of the language can be while it is checked. Tensors are values of the IR; everything else is
 * known at compile time, up to symbolic sizes. Where a block is checked for every hyper-parameter, a float, a string
 * or a list may be unknown (`undefined`), and the checks that would need it wait for the instantiation.
 */
export type Val =
  | { readonly kind: 'int'; readonly size: Size }
  | { readonly kind: 'float'; readonly value: number | undefined }
  | { readonly kind: 'bool'; readonly prop: Prop }
  /** `assumed` stands in for an unknown one where an operation must have some choice. */
  | { readonly kind: 'string'; readonly value: string | undefined; readonly assumed?: string }
  | { readonly kind: 'labels'; readonly values: readonly string[] | undefined; readonly count: Size }
  | { readonly kind: 'axis'; readonly name: string }
  | TensorVal
  | ListVal
  | ItemsVal
  | { readonly kind: 'tuple'; readonly items: readonly Val[] }
  /** A list hyper-parameter while its block is defined; `name` is what it is called. */
  | {
      readonly kind: 'unknownList';
      readonly name: string;
      readonly element: HyperType;
      readonly length: Size;
    }
  | { readonly kind: 'range'; readonly from: Size; readonly to: Size }
  | { readonly kind: 'op'; readonly op: SurfaceOp }
  | { readonly kind: 'builtin'; readonly name: Builtin }
  | BlockVal
  | { readonly kind: 'instance'; readonly instance: Instance }
  | { readonly kind: 'poison' };

export type TensorVal = { readonly kind: 'tensor'; readonly tensor: TensorValue };
/** A list of the IR: tensors of one type, of a length that may be symbolic. */
export type ListVal = { readonly kind: 'list'; readonly list: ListValue };
/** A list whose elements are known one by one, and may differ. */
export type ItemsVal = { readonly kind: 'items'; readonly items: readonly Val[] };

export type Builtin = 'floordiv' | 'ceildiv';

/** Something that can be instantiated: a declared block, or a hyper-parameter of which only the signature is known. */
export type BlockVal =
  | { readonly kind: 'block'; readonly entity: BlockEntity }
  | { readonly kind: 'abstractBlock'; readonly type: BlockHyperType; readonly name: string }
  /** What a `block(...)` hyper-parameter `name` was given: each use inside makes an instance of its own. */
  | {
      readonly kind: 'factory';
      readonly make: Factory;
      readonly name: string;
      readonly declared: BlockHyperType;
    };

export type HyperBlockVal = Extract<BlockVal, { kind: 'abstractBlock' | 'factory' }>;
export type BlockHyperType = Extract<HyperType, { kind: 'BlockHyper' }>;

export type Factory =
  | { readonly of: 'op'; readonly op: SurfaceOp; readonly args: OpArguments }
  | { readonly of: 'block'; readonly entity: BlockEntity; readonly hypers: Hypers };

export type Hypers = ReadonlyMap<string, Val>;
/** Arguments of an op, checked against its table: what `ArgumentsOf` describes, with the table's type erased. */
export type OpArguments = Readonly<Record<string, ArgumentTypes[ArgumentKind] | undefined>>;

/** A block or op with its hyper-parameters: what `f(h)` makes and `f(h)(x)` calls. Weights belong to it. */
export type Instance = {
  readonly path: Path;
  readonly span: Span;
  /** Where its weights are declared: the region in which it was made. */
  readonly region: RegionBuilder;
  /** The parameters it has declared so far, by name: the second call finds those of the first. */
  readonly params: Map<string, TensorValue>;
  /** Of a block: the sizes of its parameters by the first call. */
  paramSizes?: readonly Size[];
  /** Of a block that came as a hyper-parameter: what its declaration promises, and the name it has there. */
  readonly promise?: { readonly type: BlockHyperType; readonly name: string };
} & (
  | { readonly of: 'op'; readonly op: SurfaceOp; readonly args: OpArguments }
  | { readonly of: 'block'; readonly entity: BlockEntity; readonly hypers: Hypers }
  | { readonly of: 'abstract'; readonly type: BlockHyperType; readonly name: string }
);

export const POISON: Val = { kind: 'poison' };

export function tensorVal(tensor: TensorValue): TensorVal {
  return { kind: 'tensor', tensor };
}

/** What a value is, for messages: `a tensor [N, C]`, `the integer 3`. */
export function describe(val: Val): string {
  switch (val.kind) {
    case 'int':
      return `the integer ${print(val.size)}`;
    case 'float':
      return val.value === undefined ? 'a float' : `the float ${val.value}`;
    case 'bool':
      return 'a condition';
    case 'string':
      return val.value === undefined ? 'a string' : `the string ${JSON.stringify(val.value)}`;
    case 'labels':
      return 'labels';
    case 'axis':
      return `the axis ${val.name}`;
    case 'tensor':
      return `a tensor ${printType(val.tensor.type)}`;
    case 'list':
      return `a ${printType(val.list.type)}`;
    case 'items':
      return `a list of ${val.items.length}`;
    case 'tuple':
      return `${val.items.length} values`;
    case 'unknownList':
      return 'a list';
    case 'range':
      return `the range ${print(val.from)}..${print(val.to)}`;
    case 'op':
      return `the operation \`${val.op.name}\``;
    case 'builtin':
      return `the function \`${val.name}\``;
    case 'block':
      return `the block \`${val.entity.decl.name.text}\``;
    case 'abstractBlock':
    case 'factory':
      return `the block \`${val.name}\``;
    case 'instance':
      return `an instance of \`${instanceName(val.instance)}\` that has not been called`;
    case 'poison':
      return 'a value';
  }
}

export function instanceName(instance: Instance): string {
  switch (instance.of) {
    case 'op':
      return instance.op.name;
    case 'block':
      return instance.entity.decl.name.text;
    case 'abstract':
      return instance.name;
  }
}

/** What an uncalled instance is worth as a hyper-parameter: a block that each use instantiates anew. */
export function factoryOf(instance: Instance): Factory | undefined {
  if (instance.of === 'op') return { of: 'op', op: instance.op, args: instance.args };
  if (instance.of === 'block') return { of: 'block', entity: instance.entity, hypers: instance.hypers };
  return undefined;
}
