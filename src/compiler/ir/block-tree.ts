import type { Graph } from './graph.ts';

/** Where an instance of a block stands among the others. */
export interface BlockPlace {
  readonly path: string;
  /** The name of the block in the source. */
  readonly block: string;
  /** The path relative to the block around it: `narrow`, or `y/0/1` where loops made it. */
  readonly name: string;
  /** The path of the block around it, '' for the model. */
  readonly parent: string;
  /** How many blocks it is in, itself included. Steps of a path that are not blocks, such as loops, do not count. */
  readonly depth: number;
}

/** The instances of blocks by their path, each before those inside of it, in the order of their first calls. */
export function blockTree({ blocks }: Pick<Graph, 'blocks'>): ReadonlyMap<string, BlockPlace> {
  const names = new Map<string, string>();
  for (const { path, block } of blocks) if (!names.has(path)) names.set(path, block);
  const inside = new Map<string, string[]>();
  for (const path of names.keys()) {
    const parent = innermost(names, path.slice(0, Math.max(path.lastIndexOf('/'), 0)));
    const siblings = inside.get(parent);
    if (siblings === undefined) inside.set(parent, [path]);
    else siblings.push(path);
  }
  const places = new Map<string, BlockPlace>();
  const waiting = (inside.get('') ?? []).map((path) => ({ path, parent: '', depth: 1 })).reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { path, parent, depth } = next;
    const name = parent === '' ? path : path.slice(parent.length + 1);
    places.set(path, { path, block: names.get(path) ?? '', name, parent, depth });
    for (const part of [...(inside.get(path) ?? [])].reverse()) {
      waiting.push({ path: part, parent: path, depth: depth + 1 });
    }
  }
  return places;
}

/** The longest of `path` and its prefixes that is the path of a block; '' where none is. */
export function innermost(blocks: { has(path: string): boolean }, path: string): string {
  let prefix = path;
  while (prefix !== '' && !blocks.has(prefix)) prefix = prefix.slice(0, Math.max(prefix.lastIndexOf('/'), 0));
  return prefix;
}
