import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { substituteAttributes } from '../ops/attributes.ts';
import type { Op } from '../ops/op.ts';
import { ops } from '../ops/registry.ts';
import { renameAxes } from '../ops/rename.ts';
import { print as printProp, substitute as substituteProp } from '../shapes/prop.ts';
import { constant, print, SizeError, substitute, type Size, type SizeVar } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import { Demands, Stop } from './demands.ts';
import { Elements } from './elements.ts';
import { Frame } from './frame.ts';
import type {
  BlockOutputs,
  Graph,
  GraphInput,
  GraphNode,
  GraphOutput,
  GraphParam,
  GraphValue,
} from './graph.ts';
import { lossName } from './loss.ts';
import { nodesIn } from './measure.ts';
import type {
  CallStatement,
  Func,
  IfStatement,
  LoopStatement,
  Module,
  OpStatement,
  ParamDecl,
  Region,
  Statement,
  TensorValue,
} from './module.ts';
import { StateTable } from './state-table.ts';
import { axisNames, findAxis, inOrder, printParameter, printType, type TensorType } from './tensor-type.ts';

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
  const { demands } = inliner;
  try {
    const graph = inliner.run(options.entry ?? 'model');
    return { graph: demands.diagnostics.length > 0 ? undefined : graph, diagnostics: demands.diagnostics };
  } catch (error) {
    if (error instanceof SizeError) demands.complainOfSize(error);
    else if (!(error instanceof Stop)) throw error;
    return { graph: undefined, diagnostics: demands.diagnostics };
  }
}

/** What a block makes may have its axes in another order than the block declares: the user sees the declared one. */
function inDeclaredOrder(value: GraphValue, { type }: TensorValue): GraphValue {
  return { ...value, type: inOrder(value.type, axisNames(type)) };
}

class Inliner {
  readonly demands: Demands;
  private readonly module: Module;
  private readonly mode: 'infer' | 'train';
  private readonly nodes: GraphNode[] = [];
  private readonly blocks: BlockOutputs[] = [];
  private readonly params = new Map<string, GraphParam>();
  private readonly state = new StateTable();
  private nextId = 0;

  constructor(module: Module, mode: 'infer' | 'train') {
    this.module = module;
    this.mode = mode;
    this.demands = new Demands(this.function(module.model.func).span);
  }

  run(entry: 'model' | 'training'): Graph {
    const { module } = this;
    const model = this.function(module.model.func);
    this.refuseExplosion(model);
    for (const v of model.sizes) this.demands.declare(v);
    const frame = new Frame(model);
    const inputs = model.inputs.map((input, i): GraphInput => {
      const { name = input.hint, pixels } = module.model.inputs[i] ?? {};
      return { name, value: this.bind(frame, input), pixels };
    });
    this.region(frame, model.body);
    const outputs = model.outputs.map((output, i): GraphOutput => {
      const { name = output.hint, labels } = module.model.outputs[i] ?? {};
      return { name, value: inDeclaredOrder(frame.tensor(output), output), labels };
    });
    if (entry === 'training') this.loss(inputs, outputs);
    return {
      name: module.model.name,
      dynamic: model.sizes,
      inputs,
      params: [...this.params.values()],
      nodes: this.nodes,
      outputs,
      updates: this.state.updates,
      blocks: this.blocks,
    };
  }

  /** Goes on from the model's outputs to the loss, one more output; targets become further inputs. */
  private loss(inputs: GraphInput[], outputs: GraphOutput[]): void {
    const { training } = this.module;
    if (training === undefined) throw new Error(`${this.module.model.name} has no \`train\``);
    const func = this.function(training.func);
    this.refuseExplosion(func);
    const frame = new Frame(func);
    func.inputs.forEach((input, i) => {
      const from = training.inputs[i];
      if (from === undefined) throw new Error('an input of the loss comes from nowhere');
      const known = from.kind === 'output' ? outputs : from.kind === 'input' ? inputs : [];
      const value = known.find(({ name }) => name === from.name)?.value;
      if (value !== undefined) frame.set(input, value);
      else inputs.push({ name: from.name, value: this.bind(frame, input), pixels: undefined });
    });
    this.region(frame, func.body);
    const [result] = func.outputs;
    if (result !== undefined)
      outputs.unshift({ name: lossName, value: frame.tensor(result), labels: undefined });
  }

  private function(id: string): Func {
    const func = this.module.functions.get(id);
    if (func === undefined) throw new Error(`the module has no function ${id}`);
    return func;
  }

  // ------------------------------------------------------------ limits

  private refuseExplosion({ id, span }: Func): void {
    const { nodes, largest } = nodesIn(this.module, id, MAX_NODES);
    if (nodes > MAX_NODES) this.tooLarge(largest ?? span);
  }

  private tooLarge(span: Span): never {
    return this.demands.fail('N6001', span, `the network has more than ${MAX_NODES} operations`, {
      notes: ['a loop or a list may be longer than it should be, or blocks call blocks that call blocks'],
    });
  }

  private refuseGiant(type: TensorType, span: Span): void {
    let count = 1;
    for (const { size } of type.axes) count *= size.value ?? 1;
    if (count <= MAX_ELEMENTS) return;
    this.demands.fail(
      'N6002',
      span,
      `a tensor ${printType(type)} has more elements than any target can hold`,
      { notes: [`${MAX_ELEMENTS} is the most`] },
    );
  }

  // ------------------------------------------------------------ values

  private fresh(hint: string, type: TensorType): GraphValue {
    return { id: this.nextId++, hint, type };
  }

  private bind(frame: Frame, value: TensorValue): GraphValue {
    const bound = this.fresh(value.hint, frame.typeHere(value.type));
    frame.set(value, bound);
    return bound;
  }

  private push(node: GraphNode): void {
    if (this.nodes.length >= MAX_NODES) this.tooLarge(node.span);
    for (const { type } of node.outputs) this.refuseGiant(type, node.span);
    this.nodes.push(node);
  }

  // ------------------------------------------------------------ statements

  private region(frame: Frame, region: Region): void {
    for (const param of region.params) {
      const { value, fan } = param;
      const sizes = [
        ...value.type.axes.map(({ size }) => size),
        ...(fan === undefined ? [] : [fan.in, fan.out]),
      ];
      if (frame.isFixed(sizes)) this.param(frame, param);
      else frame.setLate(value, () => this.param(frame, param));
    }
    for (const statement of region.statements) {
      if ('span' in statement) this.demands.place = statement.span;
      this.statement(frame, statement);
    }
  }

  private statement(frame: Frame, statement: Statement): void {
    switch (statement.kind) {
      case 'op':
        return this.op(frame, statement);
      case 'call':
        return this.call(frame, statement);
      case 'loop':
        return this.loop(frame, statement);
      case 'if':
        return this.branch(frame, statement);
      case 'list':
        return frame.set(statement.output, Elements.of(statement.items.map((item) => frame.tensor(item))));
      case 'append':
        return frame.set(
          statement.output,
          Elements.join(frame.list(statement.left), frame.list(statement.right)),
        );
      case 'get': {
        const index = this.demands.number(frame, statement.index, statement.span, 'the index of an element');
        const element = frame.list(statement.list).all[index];
        if (element === undefined)
          return this.demands.fail('N4011', statement.span, `the list has no element ${index}`);
        return frame.set(statement.output, element);
      }
      case 'slice': {
        const from = this.demands.number(frame, statement.from, statement.span, 'the start of a part');
        const to = this.demands.number(frame, statement.to, statement.span, 'the end of a part');
        const { all } = frame.list(statement.list);
        const isInside = from >= 0 && from <= to && to <= all.length;
        if (!isInside)
          return this.demands.fail('N4011', statement.span, `the list has no part ${from}..${to}`);
        return frame.set(statement.output, Elements.of(all.slice(from, to)));
      }
      case 'check':
        return this.demands.check(frame, statement.requirement, statement.code, statement);
    }
  }

  private param(frame: Frame, param: ParamDecl): void {
    const { role, init, span } = param;
    const path = frame.path(param.path);
    const type = frame.typeHere(param.value.type);
    const known = this.params.get(path);
    if (known !== undefined) {
      this.demandSameShape(known, type, span);
      frame.set(param.value, this.state.at(path) ?? known.value);
      return;
    }
    const dynamic = type.axes.find((axis) => axis.size.value === undefined);
    if (dynamic !== undefined) {
      const what = `an axis of size ${print(dynamic.size)}, which is known only when the program runs`;
      this.demands.fail('N5003', span, `the parameter \`${path}\` would have ${what}`, {
        notes: [`the parameter is ${printParameter(type)}`],
      });
    }
    this.refuseGiant(type, span);
    const value = this.fresh(param.value.hint, type);
    const fan = param.fan && {
      in: this.demands.number(frame, param.fan.in, span, 'the fan of a parameter'),
      out: this.demands.number(frame, param.fan.out, span, 'the fan of a parameter'),
    };
    this.params.set(path, { path, role, value, init, fan, span });
    if (role === 'state') this.state.declare(path, value);
    frame.set(param.value, value);
  }

  private demandSameShape({ path, value }: GraphParam, type: TensorType, span: Span): void {
    const same = type.axes.every((axis) => findAxis(value.type, axis.name)?.size.key === axis.size.key);
    if (same && type.axes.length === value.type.axes.length) return;
    this.demands.fail('N5002', span, `the instance that keeps \`${path}\` is called with different shapes`, {
      notes: [
        `by its first call the parameter is ${printParameter(value.type)}`,
        `by this call it would be ${printParameter(type)}`,
      ],
    });
  }

  private op(frame: Frame, statement: OpStatement): void {
    const plain = ops.get(statement.op);
    if (plain === undefined) throw new Error(`there is no op ${statement.op}`);
    const training = this.mode === 'train' ? plain.training : undefined;
    const op: Op = training === undefined ? plain : (ops.get(training.op) ?? plain);
    const given = statement.inputs.flatMap((input) => frame.elements(input));
    const inputs = training === undefined ? given : given.map((input) => this.state.current(input));
    const attributes = substituteAttributes(statement.attributes, frame.sizes);
    const types = op.infer(inputs.map((input) => input.type), attributes, this.demands.shapeContext(statement.span)); // prettier-ignore
    if (types === undefined) throw new Stop();
    const hint = statement.outputs[0]?.hint ?? op.name;
    const outputs = types.map((type) => this.fresh(hint, type));
    const path = frame.path(statement.path);
    this.push({ op: op.name, attributes, inputs, outputs, path, span: statement.span });
    for (const [input, output] of training?.state ?? []) {
      const [before, after] = [inputs[input], outputs[output]];
      if (before === undefined || after === undefined)
        throw new Error(`${op.name} has no state at input ${input}`);
      this.state.replace(before, after);
    }
    // The last output may be a list of all that is left; in training mode there are further outputs: new state, and what a gradient needs.
    statement.outputs.forEach((output, i) => {
      const value = outputs[i];
      if (output.kind === 'list') frame.set(output, Elements.of(outputs.slice(i)));
      else if (value !== undefined) frame.set(output, value);
    });
  }

  private call(frame: Frame, statement: CallStatement): void {
    const { span } = statement;
    const callee = this.function(statement.callee);
    const sizes = new Map<SizeVar, Size>();
    callee.sizes.forEach((v, i) => {
      const size = statement.sizes[i];
      if (size !== undefined) sizes.set(v, substitute(size, frame.sizes));
    });
    const inside = new Frame(callee, frame.path(statement.path), sizes);
    this.demands.enterCall({ span, message: `in this call of \`${callee.name}\``, role: 'call' });
    for (const requirement of callee.where) this.demands.check(inside, requirement, 'N4006');
    callee.inputs.forEach((input, i) => {
      const given = statement.inputs[i];
      if (given === undefined) throw new Error(`${callee.id} is called without ${input.hint}`);
      // Only the axes of this input: what one input calls S may be among the open axes of another.
      const names = new Map(
        axisNames(input.type).map((formal) => [statement.axes.get(formal) ?? formal, formal]),
      );
      inside.set(input, this.renamed(frame.tensor(given), names, inside.prefix, span));
    });
    this.region(inside, callee.body);
    const outputs = callee.outputs.map((output) => this.renamed(inside.tensor(output), statement.axes, inside.prefix, span)); // prettier-ignore
    statement.outputs.forEach((output, i) => {
      const value = outputs[i];
      if (value !== undefined) frame.set(output, value);
    });
    this.blocks.push({ path: inside.prefix, block: callee.name, values: outputs, span });
    this.demands.leaveCall();
  }

  /** A value under the names that its axes have on the other side of a call. */
  private renamed(
    value: GraphValue,
    names: ReadonlyMap<string, string>,
    path: string,
    span: Span,
  ): GraphValue {
    const nameOf = (name: string): string => names.get(name) ?? name;
    const from = axisNames(value.type).filter((name) => nameOf(name) !== name);
    if (from.length === 0) return value;
    const axes = value.type.axes.map((axis) => ({ ...axis, name: nameOf(axis.name) }));
    const output = this.fresh(value.hint, { ...value.type, axes });
    const attributes = { from, to: from.map(nameOf) };
    this.push({ op: renameAxes.name, attributes, inputs: [value], outputs: [output], path, span });
    return output;
  }

  private loop(frame: Frame, { index, count, each, carried, body, span }: LoopStatement): void {
    const turns = this.demands.number(frame, count, span, 'how often the loop turns');
    if (turns > MAX_NODES) this.tooLarge(span);
    const list = each === undefined ? [] : frame.list(each.list).all;
    let now = carried.map(({ initial }) => frame.lookup(initial));
    for (let turn = 0; turn < turns; turn++) {
      frame.sizes.set(index, constant(turn));
      if (each !== undefined) {
        const element = list[turn];
        if (element === undefined) throw new Error(`a loop in ${frame.func.id} has more turns than elements`);
        frame.set(each.element, element);
      }
      carried.forEach(({ current }, i) => {
        const value = now[i];
        if (value !== undefined) frame.set(current, value);
      });
      this.region(frame, body);
      now = carried.map(({ next }) => frame.lookup(next));
    }
    frame.sizes.delete(index);
    carried.forEach(({ final }, i) => {
      const value = now[i];
      if (value !== undefined) frame.set(final, value);
    });
  }

  private branch(frame: Frame, { condition, then, otherwise, results, span }: IfStatement): void {
    const here = substituteProp(condition, frame.sizes);
    const taken = this.demands.decide(here);
    if (taken === undefined) {
      this.demands.fail(
        'N3012',
        span,
        `\`${printProp(here)}\` depends on a size that is known only when the program runs`,
      );
    }
    this.region(frame, taken ? then : otherwise);
    for (const result of results)
      frame.set(result.output, frame.lookup(taken ? result.then : result.otherwise));
  }
}
