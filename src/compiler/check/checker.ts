import { errorAt, type Diagnostic, type Related } from '../diagnostics/diagnostic.ts';
import type { Func, Requirement, TensorValue } from '../ir/module.ts';
import { printType, type Axis, type TensorType } from '../ir/tensor-type.ts';
import { surfaceOps } from '../ops/registry.ts';
import type { BlockEntity, Entity, ResolvedModule } from '../resolve/program.ts';
import { Facts } from '../shapes/facts.ts';
import { print as printProp, substitute } from '../shapes/prop.ts';
import { constant, freshVar, variable, type Size, type SizeVar } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { BlockDecl, Expr, HyperDecl, HyperType, Name } from '../syntax/ast.ts';
import { namesOf, nodesOf } from '../syntax/walk.ts';
import { Context } from './context.ts';
import { evaluate } from './expressions.ts';
import { evalHyper } from './hypers.ts';
import { sameType } from './lists.ts';
import { Scope } from './scope.ts';
import { readSignature, type RestAxes, type Signature } from './signature.ts';
import { checkStatements, guarded, named, splitReturn } from './statements.ts';
import { boolVariants, structuralKey, symbolicHypers } from './structure.ts';
import { describe, POISON, type Hypers, type Val } from './value.ts';

/** What a program may be at most, so that a source which explodes is told so within a second. */
export const LIMITS = { statements: 400_000, unroll: 4_096, depth: 64 } as const;

interface Instantiated {
  readonly id: string;
  /** The caller's names of axes that are called otherwise inside. */
  readonly restNames: ReadonlyMap<string, string>;
}

/**
 * Checks blocks at their definition, once for every size and hyper-parameter, and makes IR functions of them for the
 * structural hyper-parameters that a model asks for. One engine does both: it interprets a body over symbolic sizes.
 */
export class Checker {
  readonly diagnostics: Diagnostic[] = [];
  readonly functions = new Map<string, Func>();
  readonly limits = LIMITS;
  private readonly seen = new Set<string>();
  private readonly defined = new Map<BlockDecl, ReadonlyMap<string, readonly Requirement[]>>();
  private readonly defining: BlockDecl[] = [];
  private readonly signatures = new Map<BlockDecl, Map<string, Signature>>();
  private readonly instances = new Map<BlockDecl, Map<string, { readonly id: string }>>();
  private readonly constants = new Map<HyperDecl, Val>();
  private readonly parameterised = new Map<BlockDecl, boolean>();
  private readonly labelValues = new Map<Entity, Val>();
  private readonly instanceCounts = new Map<Expr, number>();
  private readonly identifiers = new Map<BlockDecl, ReadonlySet<string>>();
  /** The instantiations around the place at hand, outermost first. */
  private readonly trace: Related[] = [];
  private statements = 0;
  private errors = 0;
  /** Blocks with mistakes in their definition: no functions are made of them. */
  private readonly broken = new Set<BlockDecl>();

  /** The program has grown past its limits: what is left is not checked. */
  get exhausted(): boolean {
    return this.statements > this.limits.statements;
  }

  countStatement(cx: Context, span: Span): void {
    this.statements++;
    if (this.statements === this.limits.statements + 1) {
      this.diagnostics.push(
        errorAt('N6001', span, `\`${cx.name}\` makes the program larger than ${this.limits.statements} statements`, {
          help: 'use a loop over a range, which is not unrolled',
        }),
      );
    }
  }

  report(diagnostic: Diagnostic, cx: Context): void {
    const { span } = diagnostic;
    const key = `${diagnostic.code} ${span.file} ${span.start} ${span.end} ${cx.mode === 'define' ? diagnostic.message : ''}`;
    if (diagnostic.severity === 'error') this.errors++;
    // A mistake in a block is the same one in each of its variants and instantiations.
    if (this.seen.has(key)) return;
    this.seen.add(key);
    const related = cx.mode === 'instantiate' ? [...diagnostic.related, ...[...this.trace].reverse()] : diagnostic.related;
    this.diagnostics.push({ ...diagnostic, related });
  }

  // ------------------------------------------------------------ definitions

  /** Checks a block for every hyper-parameter and size; the requirements it infers, by variant of its bools. */
  define(entity: BlockEntity): ReadonlyMap<string, readonly Requirement[]> {
    const { decl } = entity;
    const known = this.defined.get(decl);
    if (known !== undefined) return known;
    this.defining.push(decl);
    const inferred = new Map<string, readonly Requirement[]>();
    const before = this.errors;
    for (const variant of boolVariants(decl)) {
      const cx = new Context(this, entity.module, 'define', decl.name.text, Facts.empty);
      guarded(cx, decl, () => {
        const signature = readSignature(cx, entity, symbolicHypers(decl, variant), new Map());
        cx.signatureSizes = new Set(signature.sizes);
        const found = this.checkBody(cx, entity, signature);
        // Requirements speak of this signature's variables; others translate by position.
        inferred.set(variantKey(variant), cx.inferred.map((requirement) => ({ ...requirement, sizes: signature.sizes })));
        return found;
      });
    }
    this.defining.pop();
    this.defined.set(decl, inferred);
    if (this.errors > before) this.broken.add(decl);
    return inferred;
  }

  /** What a caller of a block with these hyper-parameters must know; undefined after a complaint. */
  signature(cx: Context, entity: BlockEntity, hypers: Hypers, span: Span): Signature | undefined {
    const { decl } = entity;
    if (this.defining.includes(decl)) {
      const cycle = [...this.defining.slice(this.defining.indexOf(decl)), decl].map((d) => d.name.text).join(' -> ');
      return cx.error('N2008', span, `\`${decl.name.text}\` would contain itself`, { notes: [cycle], help: 'use a loop' });
    }
    if (this.defining.length >= this.limits.depth) {
      return cx.error('N6003', span, `blocks are nested more than ${this.limits.depth} deep`);
    }
    const inferred = this.define(entity);
    const key = structuralKey(hypers, 'signature');
    let byKey = this.signatures.get(decl);
    if (byKey === undefined) this.signatures.set(decl, (byKey = new Map()));
    let signature = byKey.get(key);
    if (signature === undefined) {
      // Mistakes of the header itself were reported by `define`.
      const own = new Context(this, entity.module, 'define', decl.name.text, Facts.empty);
      const attempt = own.speculate(() => readSignature(own, entity, hypers, new Map()));
      const read = attempt.result;
      signature = { ...read, where: [...read.where, ...translate(inferred.get(variantOf(decl, hypers)) ?? [], read.sizes)] };
      byKey.set(key, signature);
    }
    return signature;
  }

  /** The body of a block between its inputs and its `return`; undefined after a complaint. */
  private checkBody(cx: Context, entity: BlockEntity, signature: Signature): { inputs: TensorValue[]; outputs: TensorValue[] } | undefined {
    const { decl } = entity;
    const inputs = signature.inputs.map((input, i) => {
      const value = cx.tensor(input.name, input.type);
      cx.scope.bind(input.name, { kind: 'tensor', tensor: value }, decl.inputs[i]?.name.span ?? decl.span);
      return value;
    });
    cx.scope = new Scope(cx.scope);
    const { statements, value } = splitReturn(decl.body);
    checkStatements(cx, statements);
    if (value === undefined) {
      return cx.error('N3009', decl.name.span, `\`${decl.name.text}\` does not return anything`, {
        help: 'end its body with `return ...`',
      });
    }
    let outputs: TensorValue[] | undefined;
    guarded(cx, value, () => {
      const returned = named(cx, undefined, value, () => evaluate(cx, value));
      outputs = this.checkReturn(cx, decl, signature, returned, value.span);
    });
    return outputs === undefined ? undefined : { inputs, outputs };
  }

  private checkReturn(
    cx: Context,
    decl: BlockDecl,
    signature: Signature,
    returned: Val,
    span: Span,
  ): TensorValue[] | undefined {
    if (returned.kind === 'poison') return undefined;
    const values = returned.kind === 'tuple' ? returned.items : [returned];
    if (values.length !== signature.outputs.length) {
      return cx.error('N3008', span, `\`${decl.name.text}\` declares ${plural(signature.outputs.length, 'output')} and returns ${values.length}`);
    }
    if (decl.flavour === 'loss' && signature.outputs.some((type) => type.axes.length > 0)) {
      cx.error('N7003', decl.outputs[0]?.span ?? decl.span, 'a loss returns a scalar: `-> []`');
    }
    const outputs: TensorValue[] = [];
    for (const [i, val] of values.entries()) {
      const declared = signature.outputs[i];
      if (val.kind === 'poison' || declared === undefined) return undefined;
      if (val.kind !== 'tensor') return cx.error('N3006', span, `a block returns tensors, not ${describe(val)}`);
      const { type } = val.tensor;
      if (!sameType(cx, declared, type)) {
        const place = decl.outputs[i]?.span ?? decl.span;
        return cx.error('N4008', span, `\`${decl.name.text}\` returns another shape than it declares`, {
          related: [{ span: place, message: `declared here as ${printType(declared)}` }],
          notes: [`declared: ${printType(declared)}`, `returned: ${printType(type)}`, ...differences(cx, declared, type)],
        });
      }
      outputs.push(val.tensor);
    }
    return outputs;
  }

  // ------------------------------------------------------------ instantiation

  /** Whether a block's definition has mistakes; its calls are checked all the same, by its signature. */
  isBroken(entity: BlockEntity): boolean {
    return this.broken.has(entity.decl);
  }

  /** The IR function of a block for some hyper-parameters and rest axes, made at the first call that needs it. */
  instantiate(cx: Context, entity: BlockEntity, hypers: Hypers, rest: RestAxes, span: Span): Instantiated | undefined {
    const { decl } = entity;
    const { formals, restNames } = this.restFormals(decl, rest);
    const key = structuralKey(hypers, 'function');
    if (key.includes('?')) {
      return cx.error('N3012', span, `a hyper-parameter of \`${decl.name.text}\` is not known when it is compiled`, {
        help: 'lists, floats, strings and blocks must be constants; integers may depend on sizes',
      });
    }
    const restKey = [...formals].map(([name, axes]) => `${name}=${axes.join(',')}`).join(';');
    let byKey = this.instances.get(decl);
    if (byKey === undefined) this.instances.set(decl, (byKey = new Map()));
    const fullKey = `${key}|${restKey}`;
    const known = byKey.get(fullKey);
    if (known !== undefined) return { id: known.id, restNames };
    const id = this.freeId(decl.name.text);
    byKey.set(fullKey, { id });
    this.trace.push({ span, message: `while \`${decl.name.text}\` is made for this call` });
    const func = this.makeFunction(entity, hypers, formals, id);
    this.trace.pop();
    if (func === undefined) return undefined;
    this.functions.set(id, func);
    return { id, restNames };
  }

  private makeFunction(entity: BlockEntity, hypers: Hypers, rest: RestAxes, id: string): Func | undefined {
    const { decl } = entity;
    const cx = new Context(this, entity.module, 'instantiate', decl.name.text, Facts.empty);
    let func: Func | undefined;
    guarded(cx, decl, () => {
      const signature = readSignature(cx, entity, hypers, rest);
      const inferred = translate(this.define(entity).get(variantOf(decl, hypers)) ?? [], signature.sizes);
      for (const requirement of inferred) cx.facts = cx.facts.assume(requirement.prop);
      const body = this.checkBody(cx, entity, signature);
      if (body === undefined) return;
      func = {
        id,
        name: decl.name.text,
        flavour: decl.flavour,
        docs: decl.docs,
        span: decl.span,
        sizes: signature.sizes,
        hyperCount: signature.hyperSizes.size,
        where: [...signature.where, ...inferred],
        inputs: body.inputs,
        body: cx.region.finish(),
        outputs: body.outputs,
      };
    });
    return func;
  }

  private freeId(name: string): string {
    const taken = new Set([...this.instances.values()].flatMap((byKey) => [...byKey.values()].map(({ id }) => id)));
    if (!taken.has(name)) return name;
    for (let i = 2; ; i++) if (!taken.has(`${name}.${i}`)) return `${name}.${i}`;
  }

  /** Names inside the block for the axes that a rest variable stands for: the caller's, where they are free. */
  private restFormals(decl: BlockDecl, rest: RestAxes): { formals: RestAxes; restNames: Map<string, string> } {
    let used = this.identifiers.get(decl);
    if (used === undefined) this.identifiers.set(decl, (used = namesOf(decl)));
    const formals = new Map<string, readonly string[]>();
    const restNames = new Map<string, string>();
    for (const [name, axes] of rest) {
      const inside = axes.map((axis) => {
        if (used.has(axis) === false) return axis;
        restNames.set(`${axis}.${name}`, axis);
        return `${axis}.${name}`;
      });
      formals.set(name, inside);
    }
    return { formals, restNames };
  }

  // ------------------------------------------------------------ small questions

  isParameterised(entity: BlockEntity): boolean {
    const known = this.parameterised.get(entity.decl);
    if (known !== undefined) return known;
    this.parameterised.set(entity.decl, false); // For blocks that contain themselves, an error elsewhere.
    const { decl, module } = entity;
    const uses =
      decl.hypers.some((hyper) => hyper.type.kind === 'BlockHyper') ||
      [...nodesOf(decl.body)].some((node) => node.kind === 'ParamStmt') ||
      [...namesOf(decl.body)].some((name) => this.namesParameterised(module, name));
    this.parameterised.set(decl, uses);
    return uses;
  }

  private namesParameterised(module: ResolvedModule, name: string): boolean {
    const entity = module.names.get(name);
    if (entity !== undefined) return entity.kind === 'block' && this.isParameterised(entity);
    return surfaceOps.get(name)?.parameterised === true;
  }

  /** How many parameterised instances an expression makes: calls and stages of ops and blocks that have parameters. */
  countInstances(cx: Context, expr: Expr): number {
    const known = this.instanceCounts.get(expr);
    if (known !== undefined) return known;
    let count = 0;
    const visit = (name: Name): void => {
      const bound = cx.scope.lookup(name.text)?.val;
      if (bound?.kind === 'factory' || bound?.kind === 'abstractBlock') count++;
      else if (bound === undefined && this.namesParameterised(cx.module, name.text)) count++;
    };
    const pending: Expr[] = [expr];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      switch (next.kind) {
        case 'CallExpr':
          if (next.callee.kind === 'NameExpr') visit(next.callee.name);
          else pending.push(next.callee);
          pending.push(...next.args.map((arg) => arg.value).filter((arg) => arg.kind !== 'NameExpr'));
          break;
        case 'PipeExpr':
          pending.push(next.value);
          if (next.stage.kind === 'NameExpr') visit(next.stage.name);
          else pending.push(next.stage);
          break;
        case 'BinaryExpr':
          pending.push(next.left, next.right);
          break;
        case 'UnaryExpr':
          pending.push(next.operand);
          break;
        case 'IndexExpr':
          pending.push(next.list);
          break;
        case 'TupleExpr':
          pending.push(...next.items);
          break;
        case 'ListLiteral':
          pending.push(...next.items.map((item) => item.value));
          break;
        default:
          break;
      }
    }
    this.instanceCounts.set(expr, count);
    return count;
  }

  labels(entity: Extract<Entity, { kind: 'labels' }>): Val {
    const known = this.labelValues.get(entity);
    if (known !== undefined) return known;
    const cx = new Context(this, entity.module, 'define', entity.decl.name.text, Facts.empty);
    const items = entity.decl.values.items.map((item) => evaluate(cx, item.value));
    const texts: string[] = [];
    let val: Val | undefined;
    for (const [i, item] of items.entries()) {
      const span = entity.decl.values.items[i]?.span ?? entity.decl.span;
      if (item.kind === 'poison') val = POISON;
      else if (item.kind !== 'string' || item.value === undefined) {
        cx.error('N3005', span, `a label is a string, not ${describe(item)}`);
        val = POISON;
      } else if (texts.includes(item.value)) {
        cx.error('N2002', span, `the label ${JSON.stringify(item.value)} appears twice`);
        val = POISON;
      } else texts.push(item.value);
    }
    if (texts.length === 0 && val === undefined) {
      cx.error('N3010', entity.decl.values.span, 'there must be at least one label');
      val = POISON;
    }
    val ??= { kind: 'labels', values: texts, count: constant(texts.length) };
    this.labelValues.set(entity, val);
    return val;
  }

  labelsOf(items: readonly Val[]): Val {
    const values = items.flatMap((item) => (item.kind === 'string' && item.value !== undefined ? [item.value] : []));
    return { kind: 'labels', values, count: constant(items.length) };
  }

  /** The default of a hyper-parameter: a constant of the file that declares it. */
  constantHyper(_cx: Context, entity: { readonly module: ResolvedModule }, hyper: HyperDecl, expr: Expr): Val {
    const known = this.constants.get(hyper);
    if (known !== undefined) return known;
    const cx = new Context(this, entity.module, 'define', hyper.name.text, Facts.empty);
    const val = evalHyper(cx, hyper, expr) ?? POISON;
    this.constants.set(hyper, val);
    return val;
  }

  /** An element of a list that only the instantiation knows. */
  unknownElement(cx: Context, type: HyperType, span: Span): Val {
    if (type.kind === 'PlainHyper') {
      switch (type.name) {
        case 'int': {
          const v = freshVar('element');
          cx.freshOpaque(v, 1);
          return { kind: 'int', size: variable(v) };
        }
        case 'float':
          return { kind: 'float', value: undefined };
        case 'string':
          return { kind: 'string', value: undefined };
        case 'bool':
        case 'labels':
        case 'axis':
          break;
      }
    }
    if (type.kind === 'BlockHyper') return { kind: 'abstractBlock', type, name: 'element' };
    cx.error('N3012', span, 'the elements of this list are not known here');
    return POISON;
  }

  restSize(cx: Context, formal: string, span: Span): Axis {
    cx.error('N4010', span, `a parameter cannot have the axes ${formal}`, {
      help: 'name the axes that the parameter has',
    });
    return { name: formal, size: constant(1) };
  }
}

function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** In which axes two types differ, a sentence each. */
export function differences(cx: Context, declared: TensorType, actual: TensorType): string[] {
  const notes: string[] = [];
  for (const axis of declared.axes) {
    const other = actual.axes.find((a) => a.name === axis.name);
    if (other === undefined) notes.push(`axis ${axis.name} is missing`);
    else if (!cx.equal(axis.size, other.size)) notes.push(`axis ${axis.name} differs`);
  }
  for (const axis of actual.axes) {
    if (!declared.axes.some((a) => a.name === axis.name)) notes.push(`axis ${axis.name} is not declared`);
  }
  return notes;
}

interface TranslatableRequirement extends Requirement {
  readonly sizes?: readonly SizeVar[];
}

/** Requirements of one signature of a block in the variables of another, which come in the same order. */
function translate(requirements: readonly TranslatableRequirement[], sizes: readonly SizeVar[]): readonly Requirement[] {
  return requirements.map((requirement) => {
    const map = new Map<SizeVar, Size>();
    requirement.sizes?.forEach((v, i) => {
      const to = sizes[i];
      if (to !== undefined) map.set(v, variable(to));
    });
    const prop = substitute(requirement.prop, map);
    return { prop, span: requirement.span, text: requirement.text || printProp(prop) };
  });
}

function variantKey(variant: ReadonlyMap<string, boolean>): string {
  return [...variant].map(([name, value]) => `${name}=${value}`).join(',');
}

function variantOf(decl: BlockDecl, hypers: Hypers): string {
  const variant = new Map<string, boolean>();
  for (const hyper of decl.hypers) {
    const val = hypers.get(hyper.name.text);
    if (val?.kind === 'bool') variant.set(hyper.name.text, val.prop.kind === 'known' && val.prop.value);
  }
  return variantKey(variant);
}
