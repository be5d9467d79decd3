import { blockTree, innermost, type BlockPlace } from '../../src/compiler/ir/block-tree.ts';
import type { Graph, GraphNode, GraphValue } from '../../src/compiler/ir/graph.ts';
import type { Module } from '../../src/compiler/ir/module.ts';
import { printType } from '../../src/compiler/ir/tensor-type.ts';
import { surfaceOps } from '../../src/compiler/ops/registry.ts';
import { renameAxes } from '../../src/compiler/ops/rename.ts';
import { cost } from '../../src/compiler/passes/cost.ts';
import type { SourceFile } from '../../src/compiler/source/source-file.ts';
import type { Span } from '../../src/compiler/source/span.ts';
import { CallCounter } from './call-counter.ts';
import type { Diagram, Link, Part } from './diagram.ts';

/** A diagram in the making. */
interface Box {
  readonly id: string;
  /** Undefined for the whole model. */
  readonly place: BlockPlace | undefined;
  /** Which call of the instance it shows, from 0. */
  readonly call: number;
  readonly parent: Box | undefined;
  readonly parts: (Part | Box | OpPart)[];
  readonly links: Map<string, { from: string; to: string; shapes: Set<string> }>;
  /** The pills at which tensors enter and leave, by the id of the value. */
  readonly entries: Map<number, string>;
  readonly exits: Map<number, string>;
}

/** The primitives that one operation of the source became. */
interface OpPart {
  readonly id: string;
  readonly box: Box;
  readonly path: string;
  readonly span: Span;
  readonly nodes: GraphNode[];
}

/** Where a value comes from: a part, and the box that it stands in. */
interface Origin {
  readonly id: string;
  readonly box: Box;
}

/** Where the picture takes from what the flat graph has lost: the text of operations, and where blocks are defined. */
export interface Definitions {
  readonly sources: ReadonlyMap<string, SourceFile>;
  readonly functions: Module['functions'];
}

/** The picture of a flat graph, as `flatten` makes it. Equal graphs give equal diagrams. */
export function buildDiagram(graph: Graph, definitions: Definitions): Diagram {
  return new DiagramBuilder(graph, definitions).build();
}

class DiagramBuilder {
  private readonly graph: Graph;
  private readonly sources: ReadonlyMap<string, SourceFile>;
  private readonly functions: Module['functions'];
  private readonly places: ReadonlyMap<string, BlockPlace>;
  private readonly parameters: ReadonlyMap<string, number>;
  private readonly sizes: ReadonlyMap<number, number>;
  private readonly calls: CallCounter;
  private readonly root = newBox('', undefined, 0, undefined);
  private readonly origins = new Map<number, Origin>();
  /** The renaming that made a value: the same tensor, under other names of its axes. */
  private readonly renamings = new Map<number, GraphNode>();
  private readonly used = new Map<string, number>();
  private readonly ops: OpPart[] = [];

  constructor(graph: Graph, { sources, functions }: Definitions) {
    this.graph = graph;
    this.sources = sources;
    this.functions = functions;
    this.places = blockTree(graph);
    this.parameters = new Map(cost(graph).map(({ path, parameters }) => [path, parameters]));
    this.sizes = new Map(graph.params.flatMap(({ role, value }) => (role === 'weight' ? [[value.id, elements(value)]] : []))); // prettier-ignore
    this.calls = new CallCounter(graph);
  }

  build(): Diagram {
    for (const { name, value } of this.graph.inputs) {
      const id = this.unique(`input ${name}`);
      this.root.parts.push(pill(id, 'input', name, printType(value.type)));
      this.origins.set(value.id, { id, box: this.root });
    }
    this.placeOps();
    // Parts of one box stand in the order of the source; what enters a block is known only now.
    for (const op of this.ops) {
      for (const input of op.nodes.flatMap(({ inputs }) => inputs))
        this.connect(input, { id: op.id, box: op.box });
    }
    for (const { name, value, labels } of this.graph.outputs) {
      const id = this.unique(`output ${name}`);
      const type = printType(value.type);
      this.root.parts.push(
        pill(id, 'output', name, labels === undefined ? type : `${type}, ${labels.length} labels`),
      );
      this.connect(value, { id, box: this.root });
    }
    return this.finish(this.root);
  }

  /** Walks the graph in its order, opening a box where a call begins and leaving it where the call ends. */
  private placeOps(): void {
    let box = this.root;
    this.graph.nodes.forEach((node, at) => {
      const first = node.inputs[0];
      if (node.op === renameAxes.name && first !== undefined) {
        for (const output of node.outputs) this.renamings.set(output.id, node);
        return;
      }
      box = this.boxFor(box, node, at);
      const last = this.ops.at(-1);
      const goesOn = last?.box === box && last.path === node.path && sameSpan(last.span, node.span);
      const op = goesOn ? last : this.newOp(box, node);
      op.nodes.push(node);
      for (const output of node.outputs) this.origins.set(output.id, { id: op.id, box });
    });
  }

  /** Whether the place lies in the definition of a block with this name. */
  private isDefinition(block: string, { file, start, end }: Span): boolean {
    return [...this.functions.values()].some(
      ({ name, span }) => name === block && span.file === file && span.start <= start && end <= span.end,
    );
  }

  private newOp(box: Box, { path, span }: GraphNode): OpPart {
    const op = { id: this.unique(path), box, path, span, nodes: [] };
    this.ops.push(op);
    box.parts.push(op);
    return op;
  }

  private boxFor(current: Box, { path, span }: GraphNode, at: number): Box {
    const chain: BlockPlace[] = [];
    let place = this.places.get(innermost(this.places, path));
    // `y = Block()(x) |> relu` gives block and relu paths that begin with y: only the one is written in the block.
    while (place !== undefined && !this.isDefinition(place.block, span))
      place = this.places.get(place.parent);
    for (; place !== undefined; place = this.places.get(place.parent)) chain.unshift(place);
    const open = chainOf(current);
    let box = this.root;
    let isShared = true;
    chain.forEach((wanted, depth) => {
      const call = this.calls.at(wanted.path, at);
      const there = open[depth + 1];
      isShared &&= there?.place === wanted && there.call === call;
      if (isShared && there !== undefined) {
        box = there;
        return;
      }
      const inside = newBox(this.unique(wanted.path), wanted, call, box);
      box.parts.push(inside);
      box = inside;
    });
    return box;
  }

  /** Leads a value from where it was made to a part, out of the boxes around the one and into those around the other. */
  private connect(value: GraphValue, to: Origin): void {
    const { origin: made, renamings } = this.trace(value);
    const origin = this.origins.get(made.id);
    // Weights have no origin, they belong to their operations; what an operation makes for itself is not shown.
    if (origin === undefined || origin.id === to.id) return;
    const [out, into] = [chainOf(origin.box), chainOf(to.box)];
    let common = 0;
    while (out[common + 1] !== undefined && out[common + 1] === into[common + 1]) common++;
    const entered = new Set(into.slice(common + 1).map(({ place }) => place?.path));
    const outside = renamings.filter(({ path }) => !entered.has(path));
    const shape = printType((outside.at(-1)?.outputs[0] ?? made).type);
    let from = origin.id;
    for (const box of out.slice(common + 1).reverse()) {
      const exit = this.pillAt(box, box.exits, 'output', made);
      link(box, from, exit, printType(made.type));
      from = box.id;
    }
    let at = out[common] ?? this.root;
    for (const box of into.slice(common + 1)) {
      link(at, from, box.id, shape);
      from = this.pillAt(box, box.entries, 'input', made);
      at = box;
    }
    link(at, from, to.id, entered.size === 0 ? shape : printType(value.type));
  }

  private trace(value: GraphValue): { origin: GraphValue; renamings: readonly GraphNode[] } {
    const renamings: GraphNode[] = [];
    let origin = value;
    for (let node = this.renamings.get(origin.id); node !== undefined; node = this.renamings.get(origin.id)) {
      renamings.unshift(node);
      const [before] = node.inputs;
      if (before === undefined) break;
      origin = before;
    }
    return { origin, renamings };
  }

  private pillAt(box: Box, known: Map<number, string>, kind: 'input' | 'output', value: GraphValue): string {
    const there = known.get(value.id);
    if (there !== undefined) return there;
    const id = this.unique(`${kind} ${box.id} ${value.hint}`);
    known.set(value.id, id);
    const part = pill(id, kind, value.hint, printType(value.type));
    if (kind === 'input') box.parts.splice(known.size - 1, 0, part);
    else box.parts.push(part);
    return id;
  }

  private finish(box: Box): Diagram {
    const parts = box.parts.map((part): Part => {
      if ('links' in part) return this.block(part);
      return 'nodes' in part ? this.op(part) : part;
    });
    const said = new Set<string>();
    const links = [...box.links.values()].map(({ from, to, shapes }): Link => {
      const key = `${from} ${[...shapes].join()}`;
      const isLabelled = !said.has(key);
      said.add(key);
      return { from, to, shapes: [...shapes], isLabelled };
    });
    return { parts, links };
  }

  private block(box: Box): Part {
    const { path = '', name = '', block = '' } = box.place ?? {};
    const parameters = this.parameters.get(path) ?? 0;
    const details = [`${path}: ${block}`, numbers(parameters)].filter(Boolean).join('\n');
    return { id: box.id, kind: 'block', name, of: block, parameters, details, inside: this.finish(box) };
  }

  private op({ id, box, path, span, nodes }: OpPart): Part {
    const weights = new Set(nodes.flatMap(({ inputs }) => inputs.map((input) => input.id)));
    const parameters = [...weights].reduce((sum, weight) => sum + (this.sizes.get(weight) ?? 0), 0);
    const text = this.sources.get(span.file)?.text.slice(span.start, span.end).replace(/\s+/g, ' ') ?? '';
    const called = /^([a-z]\w*)(?=\s*\(|$)/.exec(text)?.[1] ?? '';
    const of = surfaceOps.has(called) ? called : (nodes.at(-1)?.op ?? '');
    const results = nodes.at(-1)?.outputs.map(({ type }) => printType(type)) ?? [];
    const details = [`${path}: ${text}`, results.join(', '), numbers(parameters)].filter(Boolean).join('\n');
    const within = box.place === undefined ? path : path.slice(box.place.path.length + 1);
    return { id, kind: 'op', name: within === '' ? of : within, of, parameters, details };
  }

  private unique(id: string): string {
    const count = (this.used.get(id) ?? 0) + 1;
    this.used.set(id, count);
    return count === 1 ? id : `${id}#${count}`;
  }
}

function newBox(id: string, place: BlockPlace | undefined, call: number, parent: Box | undefined): Box {
  return { id, place, call, parent, parts: [], links: new Map(), entries: new Map(), exits: new Map() };
}

function pill(id: string, kind: 'input' | 'output', name: string, of: string): Part {
  return { id, kind, name, of, parameters: 0, details: `${name}: ${of}` };
}

function link(box: Box, from: string, to: string, shape: string): void {
  const key = JSON.stringify([from, to]);
  const there = box.links.get(key);
  if (there === undefined) box.links.set(key, { from, to, shapes: new Set([shape]) });
  else there.shapes.add(shape);
}

/** The boxes around a box and itself, the whole model first. */
function chainOf(box: Box): readonly Box[] {
  const chain: Box[] = [];
  for (let next: Box | undefined = box; next !== undefined; next = next.parent) chain.unshift(next);
  return chain;
}

const sameSpan = (a: Span, b: Span): boolean => a.file === b.file && a.start === b.start && a.end === b.end;
const elements = ({ type }: GraphValue): number =>
  type.axes.reduce((all, { size }) => all * (size.value ?? 1), 1);
const numbers = (count: number): string => (count === 0 ? '' : `${count.toLocaleString('en-US')} parameters`);
