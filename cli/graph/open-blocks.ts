import type { Diagram } from './diagram.ts';

/** The blocks that are open where the picture is `depth` deep: at 1, those of the model are shown closed. */
export function openBlocks(diagram: Diagram, depth: number): ReadonlySet<string> {
  const open = new Set<string>();
  let level = [diagram];
  for (let at = 1; at < depth && level.length > 0; at++) {
    const blocks = level.flatMap(({ parts }) => parts.filter(({ inside }) => inside !== undefined));
    for (const { id } of blocks) open.add(id);
    level = blocks.flatMap(({ inside }) => (inside === undefined ? [] : [inside]));
  }
  return open;
}

/** The blocks around the part with this path, itself too if it is one; empty where there is none. */
export function blocksAround({ parts }: Diagram, path: string): readonly string[] {
  for (const { id, inside } of parts) {
    if (inside === undefined || (id !== path && !path.startsWith(`${id}/`))) continue;
    return [id, ...blocksAround(inside, path)];
  }
  return [];
}
