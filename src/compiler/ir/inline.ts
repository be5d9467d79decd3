import type { Code } from '../diagnostics/codes.ts';
import { errorAt, type Diagnostic, type Related } from '../diagnostics/diagnostic.ts';
import { substituteAttributes } from '../ops/attributes.ts';
import type { Op, ShapeContext } from '../ops/op.ts';
import { ops } from '../ops/registry.ts';
import { renameAxes } from '../ops/rename.ts';
import { AXIS_BOUNDS, Facts } from '../shapes/facts.ts';
import { print as printProp, substitute as substituteProp, type Prop } from '../shapes/prop.ts';
import { not } from '../shapes/prop.ts';
import { prove } from '../shapes/prove.ts';
import { constant, isConstant, substitute, type Size, type SizeVar } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { BlockOutputs, Graph, GraphNode, GraphParam, GraphValue } from './graph.ts';
import type {
  CallStatement,
  CheckStatement,
  Func,
  IfStatement,
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
export const MAX_NODES = 2_000_000;

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
  readonly values: Map<number, GraphValue | readonly GraphValue[]>;
  readonly sizes: Map<SizeVar, Size>;
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
  private facts = Facts.empty;
  private nextId = 0;

  constructor(module: Module, mode: 'infer' | 'train') {
    this.module = module;
    this.mode = mode;
  }

  run(entry: 'model' | 'training'): Graph {
    const { module } = this;
    const model = this.function(module.model.func);
    for (const v of model.sizes) this.facts = this.facts.withVar(v, AXIS_BOUNDS);
    const frame: Frame = { func: model, prefix: '', values: new Map(), sizes: new Map() };
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
      const lossFrame: Frame = { func: loss, prefix: '', values: new Map(), sizes: new Map() };
      loss.inputs.forEach((input, i) => {
        const from = training.inputs[i];
        if (from === undefined) throw new Error('an input of the loss comes from nowhere');
        const known = from.kind === 'output' ? outputs : from.kind === 'input' ? inputs : [];
        const value = known.find(({ name }) => name === from.name)?.value;
        if (value !== undefined) lossFrame.values.set(input.id, value);
        else inputs.push({ name: from.name, value: this.bind(lossFrame, input, input.type), pixels: undefined });
      });
      this.region(lossFrame, loss.body);
      const [result] = loss.outputs;
      if (result !== undefined) outputs.unshift({ name: 'loss', value: this.tensor(lossFrame, result), labels: undefined });
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
    if (prove(prop, this.facts).kind === 'proved') return true;
    return prove(not(prop), this.facts).kind === 'proved' ? false : undefined;
  }

  private check(frame: Frame, requirement: Requirement, code: Code): void {
    const prop = substituteProp(requirement.prop, frame.sizes);
    if (this.decide(prop) === true) return;
    const sizes = [...frame.sizes].flatMap(([v, size]) => (size.value === undefined ? [] : [`${v.name} = ${size.value}`]));
    this.fail(code, requirement.span, `\`${requirement.text}\` does not hold for these sizes`, [
      `it comes to \`${printProp(prop)}\``,
      ...(sizes.length > 0 && sizes.length <= 12 ? [`here ${sizes.join(', ')}`] : []),
    ]);
  }

  private shapeContext(span: Span): ShapeContext {
    return {
      equal: (a, b) => a.key === b.key || prove({ kind: 'compare', op: '==', lhs: a, rhs: b }, this.facts).kind === 'proved',
      require: (prop, code, reason) => {
        if (this.decide(prop) === true) return true;
        return this.fail(code, span, `\`${printProp(prop)}\` does not hold, because ${reason}`);
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

  private lookup(frame: Frame, value: Value): GraphValue | readonly GraphValue[] {
    const found = frame.values.get(value.id);
    if (found === undefined) throw new Error(`${frame.func.id} reads ${value.hint} (${value.id}) before it is set`);
    return found;
  }

  private tensor(frame: Frame, value: TensorValue): GraphValue {
    const found = this.lookup(frame, value);
    if ('id' in found) return found;
    throw new Error(`${value.hint} in ${frame.func.id} is a list`);
  }

  private elements(frame: Frame, value: Value): readonly GraphValue[] {
    const found = this.lookup(frame, value);
    return 'id' in found ? [found] : found;
  }

  private number(frame: Frame, size: Size, span: Span, what: string): number {
    const value = isConstant(substitute(size, frame.sizes));
    return value ?? this.fail('N3012', span, `${what} depends on a size that is known only when the program runs`);
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
          frame.values.set(statement.output.id, statement.items.map((item) => this.tensor(frame, item))); // prettier-ignore
          break;
        case 'append':
          frame.values.set(statement.output.id, [
            ...this.elements(frame, statement.left),
            ...this.elements(frame, statement.right),
          ]);
          break;
        case 'get': {
          const index = this.number(frame, statement.index, frame.func.span, 'the index of an element');
          const element = this.elements(frame, statement.list)[index];
          if (element === undefined) this.fail('N4011', frame.func.span, `a list of ${frame.func.name} has no element ${index}`);
          frame.values.set(statement.output.id, element);
          break;
        }
        case 'slice': {
          const from = this.number(frame, statement.from, frame.func.span, 'the start of a part');
          const to = this.number(frame, statement.to, frame.func.span, 'the end of a part');
          frame.values.set(statement.output.id, this.elements(frame, statement.list).slice(from, to));
          break;
        }
        case 'check':
          this.checkStatement(frame, statement);
          break;
      }
    }
  }

  private checkStatement(frame: Frame, statement: CheckStatement): void {
    this.check(frame, statement.requirement, statement.code);
  }

  private param(frame: Frame, param: ParamDecl): void {
    const path = this.path(frame, param.path);
    const type = this.type(frame, param.value.type);
    const known = this.params.get(path);
    if (known !== undefined) {
      const same = type.axes.every((axis) => findAxis(known.value.type, axis.name)?.size.key === axis.size.key);
      if (!same || type.axes.length !== known.value.type.axes.length) {
        this.fail('N5002', param.span, `the instance that keeps \`${path}\` is called with different shapes`, [
          `by its first call the parameter is ${printType(known.value.type)}`,
          `by this call it would be ${printType(type)}`,
        ]);
      }
      frame.values.set(param.value.id, this.state.get(path) ?? known.value);
      return;
    }
    const dynamic = type.axes.find((axis) => axis.size.value === undefined);
    if (dynamic !== undefined) {
      this.fail('N5003', param.span, `the parameter \`${path}\` would have the axis ${dynamic.name}, whose size is known only when the program runs`, [
        `the parameter is ${printType(type)}`,
      ]);
    }
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
    this.push({ op: op.name, attributes, inputs, outputs, path: this.path(frame, statement.path), span: statement.span });
    for (const [input, output] of training?.state ?? []) {
      const path = this.statePath(inputs[input]);
      const value = outputs[output];
      if (path === undefined || value === undefined) throw new Error(`${op.name} has no state at input ${input}`);
      this.state.set(path, value);
      this.stateOf.set(value.id, path);
    }
    let next = 0;
    for (const output of statement.outputs) {
      if (output.kind === 'list') {
        frame.values.set(output.id, outputs.slice(next));
        next = outputs.length;
      } else {
        const value = outputs[next++];
        if (value !== undefined) frame.values.set(output.id, value);
      }
    }
  }

  private statePath(value: GraphValue | undefined): string | undefined {
    return value === undefined ? undefined : this.stateOf.get(value.id);
  }

  private push(node: GraphNode): void {
    if (this.nodes.length >= MAX_NODES) {
      this.fail('N6001', node.span, `the network has more than ${MAX_NODES} operations`, ['a loop or a list may be longer than it should be']);
    }
    this.nodes.push(node);
  }

  private call(frame: Frame, statement: CallStatement): void {
    const callee = this.function(statement.callee);
    const sizes = new Map<SizeVar, Size>();
    callee.sizes.forEach((v, i) => {
      const size = statement.sizes[i];
      if (size !== undefined) sizes.set(v, substitute(size, frame.sizes));
    });
    const prefix = this.path(frame, statement.path);
    const child: Frame = { func: callee, prefix, values: new Map(), sizes };
    this.trace.push({ span: statement.span, message: `in this call of \`${callee.name}\`` });
    for (const requirement of callee.where) this.check(child, requirement, 'N4006');
    const inside = new Map([...statement.axes].map(([formal, actual]) => [actual, formal]));
    callee.inputs.forEach((input, i) => {
      const given = statement.inputs[i];
      if (given === undefined) throw new Error(`${callee.id} is called without ${input.hint}`);
      child.values.set(input.id, this.renamed(this.tensor(frame, given), inside, prefix, statement.span));
    });
    this.region(child, callee.body);
    const outputs = callee.outputs.map((output) => this.renamed(this.tensor(child, output), statement.axes, prefix, statement.span)); // prettier-ignore
    statement.outputs.forEach((output, i) => {
      const value = outputs[i];
      if (value !== undefined) frame.values.set(output.id, value);
    });
    this.blocks.push({ path: prefix, block: callee.name, values: outputs, span: statement.span });
    this.trace.pop();
  }

  /** A value under the names that its axes have on the other side of a call. */
  private renamed(value: GraphValue, names: ReadonlyMap<string, string>, path: string, span: Span): GraphValue {
    const from = axisNames(value.type).filter((name) => names.has(name));
    if (from.length === 0) return value;
    const to = from.map((name) => names.get(name) ?? name);
    const axes = value.type.axes.map((axis) => ({ ...axis, name: names.get(axis.name) ?? axis.name }));
    const output = this.fresh(value.hint, { ...value.type, axes });
    this.push({ op: renameAxes.name, attributes: { from, to }, inputs: [value], outputs: [output], path, span });
    return output;
  }

  private loop(frame: Frame, statement: LoopStatement): void {
    const count = this.number(frame, statement.count, statement.span, 'how often the loop turns');
    if (count > MAX_NODES) this.fail('N6001', statement.span, `the loop would turn ${count} times`);
    const { each, carried } = statement;
    const list = each === undefined ? [] : this.elements(frame, each.list);
    let now = carried.map(({ initial }) => this.lookup(frame, initial));
    for (let turn = 0; turn < count; turn++) {
      frame.sizes.set(statement.index, constant(turn));
      if (each !== undefined) {
        const element = list[turn];
        if (element === undefined) throw new Error(`the list of a loop in ${frame.func.id} is too short`);
        frame.values.set(each.element.id, element);
      }
      carried.forEach(({ current }, i) => {
        const value = now[i];
        if (value !== undefined) frame.values.set(current.id, value);
      });
      const before = this.nodes.length;
      this.region(frame, statement.body);
      now = carried.map(({ next }) => this.lookup(frame, next));
      // A body without ops could turn for ever without reaching the limit on nodes.
      if (this.nodes.length === before && turn > 100_000) this.fail('N6001', statement.span, `the loop turns ${count} times`);
    }
    frame.sizes.delete(statement.index);
    carried.forEach(({ final }, i) => {
      const value = now[i];
      if (value !== undefined) frame.values.set(final.id, value);
    });
  }

  private branch(frame: Frame, statement: IfStatement): void {
    const condition = substituteProp(statement.condition, frame.sizes);
    const taken = this.decide(condition);
    if (taken === undefined) {
      this.fail('N3012', statement.span, `\`${printProp(condition)}\` depends on a size that is known only when the program runs`);
    }
    this.region(frame, taken ? statement.then : statement.otherwise);
    for (const result of statement.results) {
      frame.values.set(result.output.id, this.lookup(frame, taken ? result.then : result.otherwise));
    }
  }
}
