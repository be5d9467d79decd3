import { Size } from '../shapes/polynomial.ts';
import { known } from '../shapes/prop.ts';
import { constant, freshVar, isConstant, variable } from '../shapes/size.ts';
import type { BlockDecl, HyperDecl } from '../syntax/ast.ts';
import type { Factory, Hypers, Val } from './value.ts';

/** Variants of bools that one definition may have: 2 to the power of this. */
const MAX_BOOLS = 6;

/** Every choice of a block's bool hyper-parameters: a branch on one is decided, so each choice is checked by itself. */
export function boolVariants(decl: BlockDecl): readonly ReadonlyMap<string, boolean>[] {
  let variants: ReadonlyMap<string, boolean>[] = [new Map()];
  for (const hyper of decl.hypers) {
    if (hyper.type.kind !== 'PlainHyper' || hyper.type.name !== 'bool') continue;
    const name = hyper.name.text;
    if (variants.length >= 2 ** MAX_BOOLS) {
      variants = variants.map((variant) => new Map(variant).set(name, true));
    } else {
      variants = variants.flatMap((variant) => [
        new Map(variant).set(name, true),
        new Map(variant).set(name, false),
      ]);
    }
  }
  return variants;
}

/** Which of those a block's hyper-parameters belong to, as text. */
export function variantKey(decl: BlockDecl, hypers: Hypers): string {
  return decl.hypers.flatMap(({ name }) => {
    const val = hypers.get(name.text);
    return val?.kind === 'bool' ? [`${name.text}=${val.prop.kind === 'known' && val.prop.value}`] : [];
  }).join(','); // prettier-ignore
}

/** The hyper-parameters of a definition: nothing is known of them but their kinds. */
export function symbolicHypers(decl: BlockDecl, bools: ReadonlyMap<string, boolean>): Hypers {
  return new Map(decl.hypers.map((hyper) => [hyper.name.text, symbolicHyper(hyper, bools)]));
}

function symbolicHyper(hyper: HyperDecl, bools: ReadonlyMap<string, boolean>): Val {
  const { type } = hyper;
  const name = hyper.name.text;
  switch (type.kind) {
    case 'ListHyper':
      return { kind: 'unknownList', name, element: type.element, length: variable(freshVar(`len(${name})`)) };
    case 'BlockHyper':
      return { kind: 'abstractBlock', type, name };
    case 'PlainHyper':
      switch (type.name) {
        case 'int':
          return { kind: 'int', size: constant(0) };
        case 'float':
          return { kind: 'float', value: undefined };
        case 'bool':
          return { kind: 'bool', prop: known(bools.get(name) ?? true) };
        case 'string':
          return hyper.default?.kind === 'StringLiteral'
            ? { kind: 'string', value: undefined, assumed: hyper.default.value }
            : { kind: 'string', value: undefined };
        case 'labels':
          return { kind: 'labels', values: undefined, count: constant(1) };
        case 'axis':
          return { kind: 'axis', name };
      }
  }
}

/**
 * The part of the hyper-parameters that decides a function's structure, as text: all but axes and sizes, which are
 * arguments of the function. Undefined where something is not known yet, while the block that calls is defined.
 */
export function structuralKey(hypers: Hypers): string | undefined {
  const parts: string[] = [];
  for (const [name, val] of hypers) {
    if (val.kind === 'int' || val.kind === 'axis' || val.kind === 'labels') continue;
    const key = valueKey(val);
    if (key === undefined) return undefined;
    parts.push(`${name}:${key}`);
  }
  return parts.join(',');
}

/** In place of a size that varies, see `hyper-sizes.ts`. */
const VARIES = '#';

function valueKey(val: Val): string | undefined {
  switch (val.kind) {
    case 'int':
      return sizeKey(val.size);
    case 'float':
      return val.value === undefined ? undefined : String(val.value);
    case 'string':
      return val.value === undefined ? undefined : JSON.stringify(val.value);
    case 'bool':
      return val.prop.kind === 'known' ? String(val.prop.value) : undefined;
    case 'labels':
      return sizeKey(val.count);
    case 'items':
      return joined('[', val.items.map(valueKey), ']');
    case 'axis':
      return val.name;
    case 'factory':
      return factoryKey(val.make);
    default:
      return undefined;
  }
}

function sizeKey(size: Size): string {
  return isConstant(size) === undefined ? VARIES : size.key;
}

function joined(open: string, parts: readonly (string | undefined)[], close: string): string | undefined {
  return parts.includes(undefined) ? undefined : `${open}${parts.join(',')}${close}`;
}

function factoryKey(make: Factory): string | undefined {
  if (make.of === 'op') {
    const args = Object.entries(make.args).map(([name, value]) => `${name}=${argumentKey(value)}`);
    return `${make.op.name}(${args.join(',')})`;
  }
  const { decl, module } = make.entity;
  const hypers = [...make.hypers].map(([name, val]) => {
    const key = valueKey(val);
    return key === undefined ? undefined : `${name}=${key}`;
  });
  return joined(`${JSON.stringify(module.path)}#${decl.name.text}(`, hypers, ')');
}

function argumentKey(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Size) return sizeKey(value);
  if (Array.isArray(value)) return `[${value.map(argumentKey).join(',')}]`;
  return `{${Object.entries(value)
    .map(([name, v]) => `${name}:${argumentKey(v)}`)
    .join(',')}}`;
}
