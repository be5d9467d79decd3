import { Size } from '../shapes/polynomial.ts';
import { known } from '../shapes/prop.ts';
import { constant, isConstant } from '../shapes/size.ts';
import type { BlockDecl, HyperDecl } from '../syntax/ast.ts';
import { freshVar, variable } from '../shapes/size.ts';
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
      variants = variants.flatMap((variant) => [new Map(variant).set(name, true), new Map(variant).set(name, false)]);
    }
  }
  return variants;
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
      return { kind: 'unknownList', element: type.element, length: variable(freshVar(`len(${name})`)) };
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
          return { kind: 'string', value: hyper.default?.kind === 'StringLiteral' ? hyper.default.value : undefined };
        case 'labels':
          return { kind: 'labels', values: undefined, count: constant(1) };
        case 'axis':
          return { kind: 'axis', name };
      }
  }
}

/**
 * The part of the hyper-parameters that decides a function's structure, as text. Integers and axes are left out:
 * they are arguments of the function. What is not known yet shows as `?`.
 */
export function structuralKey(hypers: Hypers, purpose: 'signature' | 'function'): string {
  const parts: string[] = [];
  for (const [name, val] of hypers) {
    if (val.kind === 'int' || val.kind === 'axis') continue;
    if (val.kind === 'labels' && purpose === 'function') continue;
    parts.push(`${name}:${valueKey(val)}`);
  }
  return parts.join(',');
}

function valueKey(val: Val): string {
  switch (val.kind) {
    case 'int': {
      const n = isConstant(val.size);
      return n === undefined ? `?${val.size.key}` : String(n);
    }
    case 'float':
    case 'string':
      return val.value === undefined ? '?' : JSON.stringify(val.value);
    case 'bool':
      return val.prop.kind === 'known' ? String(val.prop.value) : '?';
    case 'labels':
      return val.values === undefined ? '?' : JSON.stringify(val.values);
    case 'items':
      return `[${val.items.map(valueKey).join(',')}]`;
    case 'axis':
      return val.name;
    case 'factory':
      return factoryKey(val.make);
    default:
      return '?';
  }
}

function factoryKey(make: Factory): string {
  if (make.of === 'op') {
    const args = Object.entries(make.args).map(([name, value]) => `${name}=${argumentKey(value)}`);
    return `${make.op.name}(${args.join(',')})`;
  }
  const { decl, module } = make.entity;
  const hypers = [...make.hypers].map(([name, val]) => `${name}=${valueKey(val)}`);
  return `${module.path}#${decl.name.text}(${hypers.join(',')})`;
}

function argumentKey(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Size) return isConstant(value) === undefined ? `?${value.key}` : value.key;
  if (Array.isArray(value)) return `[${value.map(argumentKey).join(',')}]`;
  return `{${Object.entries(value).map(([name, v]) => `${name}:${argumentKey(v)}`).join(',')}}`;
}
