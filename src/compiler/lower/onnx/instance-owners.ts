import { physicalInputs, physicalOutputs, type PhysicalGraph, type PhysicalNode } from '../../ir/physical.ts';

/**
 * For each node the path of the innermost instance of a block that it is part of; nothing for those of the model
 * itself.
 *
 * Paths alone do not tell. What a block computes in its `return` has the path of the instance, and so has what stands
 * beside the call in the statement that names the instance: in `y = Twice()(a + b)` the sum is called `y` as well. Of nodes
 * with such a path, those are of the instance that lie between its other nodes and its results.
 */
export function instanceOwners(graph: PhysicalGraph): ReadonlyMap<PhysicalNode, string> {
  const instances = new Map(graph.blocks.map(({ path }) => [path, new Inside()]));
  for (const { path, values } of graph.blocks) {
    for (const value of values) if (value !== undefined) instances.get(path)?.needed.add(value.id);
  }
  const enclosing = (path: string): readonly string[] =>
    prefixes(path).filter((prefix) => instances.has(prefix));
  const isMade = new Set<PhysicalNode>();
  for (const node of graph.nodes) {
    for (const path of enclosing(node.path)) instances.get(path)?.make(node);
    if (instances.get(node.path)?.follows(node) === true) isMade.add(node);
  }
  const owners = new Map<PhysicalNode, string>();
  for (const node of graph.nodes.toReversed()) {
    const around = enclosing(node.path);
    for (const path of around) instances.get(path)?.need(node);
    const own = instances.get(node.path);
    const isInside = isMade.has(node) && own?.isNeeded(node) === true;
    const owner = isInside ? node.path : around.at(-1);
    if (isInside) own.need(node);
    if (owner !== undefined) owners.set(node, owner);
  }
  return owners;
}

/** What is known of the values of one instance, by their ids. */
class Inside {
  /** Made from what its nodes made. */
  readonly made = new Set<number>();
  /** Needed for its results. */
  readonly needed = new Set<number>();

  make(node: PhysicalNode): void {
    for (const id of outputsOf(node)) this.made.add(id);
  }

  /** Whether the node reads what was made inside; then what it makes counts as made inside, too. */
  follows(node: PhysicalNode): boolean {
    if (!inputsOf(node).some((id) => this.made.has(id))) return false;
    this.make(node);
    return true;
  }

  isNeeded(node: PhysicalNode): boolean {
    return outputsOf(node).some((id) => this.needed.has(id));
  }

  need(node: PhysicalNode): void {
    if (this.isNeeded(node)) for (const id of inputsOf(node)) this.needed.add(id);
  }
}

function inputsOf(node: PhysicalNode): readonly number[] {
  return physicalInputs(node).map(({ id }) => id);
}

function outputsOf(node: PhysicalNode): readonly number[] {
  return physicalOutputs(node).map(({ id }) => id);
}

/** `a`, `a/b` of `a/b/c`. */
function prefixes(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
}
