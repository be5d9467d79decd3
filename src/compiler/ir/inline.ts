import type { Code } from '../diagnostics/codes.ts';
import { errorAt, type Diagnostic, type Related } from '../diagnostics/diagnostic.ts';
import { substituteAttributes } from '../ops/attributes.ts';
import { reasonText, type Op, type ShapeContext } from '../ops/op.ts';
import { ops } from '../ops/registry.ts';
import { renameAxes } from '../ops/rename.ts';
import { AXIS_BOUNDS, Facts } from '../shapes/facts.ts';
import {
  compare,
  holds,
  not,
  print as printProp,
  substitute as substituteProp,
  varsOf,
  type Prop,
} from '../shapes/prop.ts';
import { prove } from '../shapes/prove.ts';
import {
  constant,
  isConstant,
  print,
  SizeError,
  soleVariable,
  substitute,
  variable,
  type Size,
  type SizeVar,
} from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import { Elements } from './elements.ts';
import type { BlockOutputs, Graph, GraphNode, GraphParam, GraphValue } from './graph.ts';
import { nodesIn } from './measure.ts';
import type {
  CallStatement,
  Func,
  IfStatement,
  ListValue,
  LoopStatement,
  Module,
  OpStatement,
  ParamDecl,
  Path,
  Region,
  Requirement,
  TensorValue,
  Value,
} from './module.ts';
import { axisNames, findAxis, mapSizes, printType, type TensorType } from './tensor-type.ts';

/** A graph of more nodes than this is refused (N6001). */
export const MAX_NODES = 500_000;
/** A tensor of more elements than this is refused (N6002), each dynamic size being counted as 1. */
const MAX_ELEMENTS = 2 ** 31 - 1;

export interface FlattenOptions {
  /** In training mode batch norms use the batch's statistics, and the graph has `updates`. */
  readonly mode: 'infer' | 'train';
  /** The model alone, or the model followed by the loss of its `train`. */
  readonly entry?: 'model' | 'training';
}

export interface Flattened {
  readonly graph: Graph | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Unfolds the IR module into the flat graph: calls are inlined, loops unrolled, branches on sizes decided, lists taken
 * apart. Every shape rule runs once more on the sizes of this model, and what the checker had to leave open (opaque
 * sizes, `assert`) is decided here.
 */
export function flatten(module: Module, options: FlattenOptions): Flattened {
  const inliner = new Inliner(module, options.mode);
  try {
    const graph = inliner.run(options.entry ?? 'model');
    return { graph: inliner.diagnostics.length > 0 ? undefined : graph, diagnostics: inliner.diagnostics };
  } catch (error) {
    if (error instanceof Stop) return { graph: undefined, diagnostics: inliner.diagnostics };
    throw error;
  }
}

/** Unwinds after a complaint: everything after it would only repeat it. */
class Stop extends Error {}

/** One activation of a function. */
interface Frame {
  readonly func: Func;
  /** Instance path from the model to here. */
  readonly prefix: string;
  readonly values: Map<number, GraphValue | Elements>;
  readonly sizes: Map<SizeVar, Size>;
  /** Those of `sizes` that no call or loop gives: opaque sizes, read off the tensors that have them. */
  readonly opaque: Set<SizeVar>;
}

class Inliner {
  readonly diagnostics: Diagnostic[] = [];
  private readonly module: Module;
  private readonly mode: 'infer' | 'train';
  private readonly nodes: GraphNode[] = [];
  private readonly blocks: BlockOutputs[] = [];
  private readonly params = new Map<string, GraphParam>();
  /** The value of each piece of state after the updates so far. */
  private readonly state = new Map<string, GraphValue>();
  private readonly stateOf = new Map<number, string>();
  private readonly trace: Related[] = [];
  private readonly dynamic = new Set<SizeVar>();
  private facts = Facts.empty;
  private nextId = 0;

  constructor(module: Module, mode: 'infer' | 'train') {
    this.module = module;
    this.mode = mode;
  }

  run(entry: 'model' | 'training'): Graph {
    const { module } = this;
    const model = this.function(module.model.func);
    this.refuseExplosion(module.model.func, model.span);
    for (const v of model.sizes) {
      this.facts = this.facts.withVar(v, AXIS_BOUNDS);
      this.dynamic.add(v);
    }
    const frame: Frame = { func: model, prefix: '', values: new Map(), sizes: new Map(), opaque: new Set() };
    const inputs = model.inputs.map((input, i) => {
      const { name = input.hint, pixels } = module.model.inputs[i] ?? {};
      return { name, value: this.bind(frame, input, input.type), pixels };
    });
    this.region(frame, model.body);
    const outputs = model.outputs.map((output, i) => {
      const { name = output.hint, labels } = module.model.outputs[i] ?? {};
      return { name, value: this.tensor(frame, output), labels };
    });
    if (entry === 'training') {
      const training = module.training;
      if (training === undefined) throw new Error(`${module.model.name} has no \`train\``);
      const loss = this.function(training.func);
      this.refuseExplosion(training.func, loss.span);
      const lossFrame: Frame = {
        func: loss,
        prefix: '',
        values: new Map(),
        sizes: new Map(),
        opaque: new Set(),
      };
      loss.inputs.forEach((input, i) => {
        const from = training.inputs[i];
        if (from === undefined) throw new Error('an input of the loss comes from nowhere');
        const known = from.kind === 'output' ? outputs : from.kind === 'input' ? inputs : [];
        const value = known.find(({ name }) => name === from.name)?.value;
        if (value !== undefined) lossFrame.values.set(input.id, value);
        else
          inputs.push({ name: from.name, value: this.bind(lossFrame, input, input.type), pixels: undefined });
      });
      this.region(lossFrame, loss.body);
      const [result] = loss.outputs;
      if (result !== undefined)
        outputs.unshift({ name: 'loss', value: this.tensor(lossFrame, result), labels: undefined });
    }
    return {
      name: module.model.name,
      dynamic: model.sizes,
      inputs,
      params: [...this.params.values()],
      nodes: this.nodes,
      outputs,
      updates: [...this.state].map(([path, value]) => ({ path, value })),
      blocks: this.blocks,
    };
  }

  private refuseExplosion(entry: string, span: Span): void {
    const { nodes, largest } = nodesIn(this.module, entry, MAX_NODES);
    if (nodes > MAX_NODES) this.tooLarge(largest ?? span);
  }

  private tooLarge(span: Span): never {
    return this.fail('N6001', span, `the network has more than ${MAX_NODES} operations`, [
      'a loop or a list may be longer than it should be, or blocks call blocks that call blocks',
    ]);
  }

  private function(id: string): Func {
    const func = this.module.functions.get(id);
    if (func === undefined) throw new Error(`the module has no function ${id}`);
    return func;
  }

  // ------------------------------------------------------------ complaints

  private fail(code: Code, span: Span, message: string, notes: readonly string[] = []): never {
    this.diagnostics.push(errorAt(code, span, message, { notes, related: [...this.trace].reverse() }));
    throw new Stop();
  }

  /** Whether a property holds for the sizes at hand; of those that stay dynamic, for all. */
  private decide(prop: Prop): boolean | undefined {
    if (varsOf(prop).length === 0) return isTrue(prop);
    if (prove(prop, this.facts).kind === 'proved') return true;
    return prove(not(prop), this.facts).kind === 'proved' ? false : undefined;
  }

  private check(frame: Frame, requirement: Requirement, code: Code, because?: string): void {
    const prop = substituteProp(requirement.prop, frame.sizes);
    const truth = this.decide(prop);
    if (truth === true) return;
    const notes = varsOf(requirement.prop).flatMap((v) => {
      const size = frame.sizes.get(v) ?? variable(v);
      if (size.value === undefined) return [`${print(size)} is known only when the program runs`];
      return [`here ${v.name} = ${size.value}`];
    });
    const fails = truth === false ? 'does not hold' : 'cannot be shown';
    const reason = because === undefined ? '' : `, and is needed because ${because}`;
    this.fail(code, requirement.span, `\`${requirement.text}\` ${fails}${reason}`, notes);
  }

  private shapeContext(span: Span): ShapeContext {
    return {
      equal: (a, b) => a.key === b.key || this.decide(compare(a, '==', b)) === true,
      require: (prop, code, reason) => {
        if (this.decide(prop) === true) return true;
        return this.fail(
          code,
          span,
          `\`${printProp(prop)}\` does not hold, and is needed because ${reasonText(reason)}`,
        );
      },
      fail: (code, message, notes) => this.fail(code, span, message, notes),
    };
  }

  // ------------------------------------------------------------ values

  private fresh(hint: string, type: TensorType): GraphValue {
    return { id: this.nextId++, hint, type };
  }

  private type(frame: Frame, type: TensorType): TensorType {
    return frame.sizes.size === 0 ? type : mapSizes(type, (size) => substitute(size, frame.sizes));
  }

  private bind(frame: Frame, value: TensorValue, type: TensorType): GraphValue {
    const bound = this.fresh(value.hint, this.type(frame, type));
    frame.values.set(value.id, bound);
    return bound;
  }

  /** Sets a value whose type the checker may not have known in full: opaque sizes are bound to what they are here. */
  private set(frame: Frame, value: Value, actual: GraphValue | Elements): void {
    frame.values.set(value.id, actual);
    if (value.kind === 'tensor') {
      if ('id' in actual) this.bindOpaque(frame, value.type, actual.type);
      return;
    }
    if ('id' in actual) throw new Error(`${value.hint} in ${frame.func.id} is not a list`);
    this.bindSize(frame, value.type.length, constant(actual.length));
    if (actual.first !== undefined) this.bindOpaque(frame, value.type.element, actual.first.type);
  }

  private bindOpaque(frame: Frame, declared: TensorType, actual: TensorType): void {
    for (const { name, size } of declared.axes) {
      const known = findAxis(actual, name)?.size;
      if (known !== undefined) this.bindSize(frame, size, known);
    }
  }

  private bindSize({ sizes, opaque }: Frame, size: Size, actual: Size): void {
    const v = soleVariable(size);
    if (v === undefined || this.dynamic.has(v) || (sizes.has(v) && !opaque.has(v))) return;
    sizes.set(v, actual);
    opaque.add(v);
  }

  private lookup(frame: Frame, value: Value): GraphValue | Elements {
    const found = frame.values.get(value.id);
    if (found === undefined)
      throw new Error(`${frame.func.id} reads ${value.hint} (${value.id}) before it is set`);
    return found;
  }

  private tensor(frame: Frame, value: Value): GraphValue {
    const found = this.lookup(frame, value);
    if ('id' in found) return found;
    throw new Error(`${value.hint} in ${frame.func.id} is a list`);
  }

  private list(frame: Frame, value: ListValue): Elements {
    const found = this.lookup(frame, value);
    if ('id' in found) throw new Error(`${value.hint} in ${frame.func.id} is a tensor`);
    return found;
  }

  private elements(frame: Frame, value: Value): readonly GraphValue[] {
    const found = this.lookup(frame, value);
    return 'id' in found ? [found] : found.all;
  }

  private number(frame: Frame, size: Size, span: Span, what: string): number {
    const value = isConstant(substitute(size, frame.sizes));
    return (
      value ?? this.fail('N3012', span, `${what} depends on a size that is known only when the program runs`)
    );
  }

  private path(frame: Frame, path: Path): string {
    const parts = path.map((part) => {
      if (typeof part === 'string') return part;
      const turn = frame.sizes.get(part)?.value;
      if (turn === undefined) throw new Error(`the loop ${part.name} is not running in ${frame.func.id}`);
      return String(turn);
    });
    return [...(frame.prefix === '' ? [] : [frame.prefix]), ...parts].join('/');
  }

  // ------------------------------------------------------------ statements

  private region(frame: Frame, region: Region): void {
    for (const param of region.params) this.param(frame, param);
    for (const statement of region.statements) {
      switch (statement.kind) {
        case 'op':
          this.op(frame, statement);
          break;
        case 'call':
          this.call(frame, statement);
          break;
        case 'loop':
          this.loop(frame, statement);
          break;
        case 'if':
          this.branch(frame, statement);
          break;
        case 'list':
          this.set(
            frame,
            statement.output,
            Elements.of(statement.items.map((item) => this.tensor(frame, item))),
          );
          break;
        case 'append':
          this.set(frame, statement.output, Elements.join(this.list(frame, statement.left), this.list(frame, statement.right))); // prettier-ignore
          break;
        case 'get': {
          const { span } = statement;
          const index = this.number(frame, statement.index, span, 'the index of an element');
          const element = this.elements(frame, statement.list)[index];
          if (element === undefined) this.fail('N4011', span, `the list has no element ${index}`);
          this.set(frame, statement.output, element);
          break;
        }
        case 'slice': {
          const { span } = statement;
          const from = this.number(frame, statement.from, span, 'the start of a part');
          const to = this.number(frame, statement.to, span, 'the end of a part');
          const all = this.elements(frame, statement.list);
          if (from < 0 || from > to || to > all.length)
            this.fail('N4011', span, `the list has no part ${from}..${to}`);
          this.set(frame, statement.output, Elements.of(all.slice(from, to)));
          break;
        }
        case 'check':
          this.check(frame, statement.requirement, statement.code, statement.because);
          break;
      }
    }
  }

  private param(frame: Frame, param: ParamDecl): void {
    const path = this.path(frame, param.path);
    const type = this.type(frame, param.value.type);
    const known = this.params.get(path);
    if (known !== undefined) {
      const same = type.axes.every(
        (axis) => findAxis(known.value.type, axis.name)?.size.key === axis.size.key,
      );
      if (!same || type.axes.length !== known.value.type.axes.length) {
        this.fail(
          'N5002',
          param.span,
          `the instance that keeps \`${path}\` is called with different shapes`,
          [
            `by its first call the parameter is ${printType(known.value.type)}`,
            `by this call it would be ${printType(type)}`,
          ],
        );
      }
      frame.values.set(param.value.id, this.state.get(path) ?? known.value);
      return;
    }
    const dynamic = type.axes.find((axis) => axis.size.value === undefined);
    if (dynamic !== undefined) {
      this.fail(
        'N5003',
        param.span,
        `the parameter \`${path}\` would have the axis ${dynamic.name}, whose size is known only when the program runs`,
        [`the parameter is ${printType(type)}`],
      );
    }
    this.refuseGiant(type, param.span);
    const value = this.fresh(param.value.hint, type);
    const fan = param.fan && {
      in: this.number(frame, param.fan.in, param.span, 'the fan of a parameter'),
      out: this.number(frame, param.fan.out, param.span, 'the fan of a parameter'),
    };
    this.params.set(path, { path, role: param.role, value, init: param.init, fan, span: param.span });
    if (param.role === 'state') this.stateOf.set(value.id, path);
    frame.values.set(param.value.id, value);
  }

  private op(frame: Frame, statement: OpStatement): void {
    const plain = ops.get(statement.op);
    if (plain === undefined) throw new Error(`there is no op ${statement.op}`);
    const training = this.mode === 'train' ? plain.training : undefined;
    const op: Op = training === undefined ? plain : (ops.get(training.op) ?? plain);
    const inputs = statement.inputs.flatMap((input) => this.elements(frame, input));
    if (training !== undefined) {
      // A shared batch norm reads what its last call has left.
      for (const [index] of training.state) {
        const path = this.statePath(inputs[index]);
        const now = path === undefined ? undefined : this.state.get(path);
        if (now !== undefined) inputs[index] = now;
      }
    }
    const attributes = substituteAttributes(statement.attributes, frame.sizes);
    const types = op.infer(
      inputs.map((input) => input.type),
      attributes,
      this.shapeContext(statement.span),
    );
    if (types === undefined) throw new Stop();
    const [hinted] = statement.outputs;
    const outputs = types.map((type) => this.fresh(hinted?.hint ?? op.name, type));
    this.push({
      op: op.name,
      attributes,
      inputs,
      outputs,
      path: this.path(frame, statement.path),
      span: statement.span,
    });
    for (const [input, output] of training?.state ?? []) {
      const path = this.statePath(inputs[input]);
      const value = outputs[output];
      if (path === undefined || value === undefined)
        throw new Error(`${op.name} has no state at input ${input}`);
      this.state.set(path, value);
      this.stateOf.set(value.id, path);
    }
    let next = 0;
    for (const output of statement.outputs) {
      if (output.kind === 'list') {
        this.set(frame, output, Elements.of(outputs.slice(next)));
        next = outputs.length;
      } else {
        const value = outputs[next++];
        if (value !== undefined) this.set(frame, output, value);
      }
    }
  }

  private statePath(value: GraphValue | undefined): string | undefined {
    return value === undefined ? undefined : this.stateOf.get(value.id);
  }

  private push(node: GraphNode): void {
    if (this.nodes.length >= MAX_NODES) this.tooLarge(node.span);
    for (const { type } of node.outputs) this.refuseGiant(type, node.span);
    this.nodes.push(node);
  }

  private refuseGiant(type: TensorType, span: Span): void {
    let count = 1;
    for (const { size } of type.axes) count *= size.value ?? 1;
    if (count <= MAX_ELEMENTS) return;
    this.fail('N6002', span, `a tensor ${printType(type)} has more elements than any target can hold`, [
      `${MAX_ELEMENTS} is the most`,
    ]);
  }

  private call(frame: Frame, statement: CallStatement): void {
    const callee = this.function(statement.callee);
    const sizes = new Map<SizeVar, Size>();
    callee.sizes.forEach((v, i) => {
      const size = statement.sizes[i];
      if (size !== undefined) sizes.set(v, substitute(size, frame.sizes));
    });
    const prefix = this.path(frame, statement.path);
    const child: Frame = { func: callee, prefix, values: new Map(), sizes, opaque: new Set() };
    this.trace.push({ span: statement.span, message: `in this call of \`${callee.name}\`` });
    for (const requirement of callee.where) this.check(child, requirement, 'N4006');
    callee.inputs.forEach((input, i) => {
      const given = statement.inputs[i];
      if (given === undefined) throw new Error(`${callee.id} is called without ${input.hint}`);
      // Only the axes of this input: what one input calls S may be among the open axes of another.
      const inside = new Map(
        axisNames(input.type).map((formal) => [statement.axes.get(formal) ?? formal, formal]),
      );
      child.values.set(input.id, this.renamed(this.tensor(frame, given), inside, prefix, statement.span));
    });
    this.region(child, callee.body);
    const outputs = callee.outputs.map((output) => this.renamed(this.tensor(child, output), statement.axes, prefix, statement.span)); // prettier-ignore
    statement.outputs.forEach((output, i) => {
      const value = outputs[i];
      if (value !== undefined) this.set(frame, output, value);
    });
    this.blocks.push({ path: prefix, block: callee.name, values: outputs, span: statement.span });
    this.trace.pop();
  }

  /** A value under the names that its axes have on the other side of a call. */
  private renamed(
    value: GraphValue,
    names: ReadonlyMap<string, string>,
    path: string,
    span: Span,
  ): GraphValue {
    const from = axisNames(value.type).filter((name) => (names.get(name) ?? name) !== name);
    if (from.length === 0) return value;
    const to = from.map((name) => names.get(name) ?? name);
    const axes = value.type.axes.map((axis) => ({ ...axis, name: names.get(axis.name) ?? axis.name }));
    const output = this.fresh(value.hint, { ...value.type, axes });
    this.push({
      op: renameAxes.name,
      attributes: { from, to },
      inputs: [value],
      outputs: [output],
      path,
      span,
    });
    return output;
  }

  private loop(frame: Frame, statement: LoopStatement): void {
    const count = this.number(frame, statement.count, statement.span, 'how often the loop turns');
    if (count > MAX_NODES) this.tooLarge(statement.span);
    const { each, carried } = statement;
    const list = each === undefined ? [] : this.elements(frame, each.list);
    if (each !== undefined && list.length !== count)
      throw new Error(`a loop in ${frame.func.id} misses elements`);
    let now = carried.map(({ initial }) => this.lookup(frame, initial));
    for (let turn = 0; turn < count; turn++) {
      frame.sizes.set(statement.index, constant(turn));
      if (each !== undefined) {
        const element = list[turn];
        if (element === undefined) break;
        this.set(frame, each.element, element);
      }
      carried.forEach(({ current }, i) => {
        const value = now[i];
        if (value !== undefined) this.set(frame, current, value);
      });
      this.region(frame, statement.body);
      now = carried.map(({ next }) => this.lookup(frame, next));
    }
    frame.sizes.delete(statement.index);
    carried.forEach(({ final }, i) => {
      const value = now[i];
      if (value !== undefined) this.set(frame, final, value);
    });
  }

  private branch(frame: Frame, statement: IfStatement): void {
    const condition = substituteProp(statement.condition, frame.sizes);
    const taken = this.decide(condition);
    if (taken === undefined) {
      this.fail(
        'N3012',
        statement.span,
        `\`${printProp(condition)}\` depends on a size that is known only when the program runs`,
      );
    }
    this.region(frame, taken ? statement.then : statement.otherwise);
    for (const result of statement.results) {
      this.set(frame, result.output, this.lookup(frame, taken ? result.then : result.otherwise));
    }
  }
}

/** Whether a proposition without variables is true. */
function isTrue(prop: Prop): boolean {
  try {
    return holds(prop, () => 0);
  } catch (error) {
    if (error instanceof SizeError) return false;
    throw error;
  }
}
