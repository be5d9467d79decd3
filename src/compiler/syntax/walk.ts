import type { Declaration, Name } from './ast.ts';

interface SyntaxNode {
  readonly kind: string;
}

function isNode(value: object): value is SyntaxNode {
  return 'kind' in value && typeof value.kind === 'string';
}

function isName(node: SyntaxNode): node is Name {
  return node.kind === 'Name';
}

/** Every node of a piece of syntax, in no particular order. */
export function* nodesOf(root: object | undefined): Generator<SyntaxNode> {
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (Array.isArray(next)) {
      for (const item of next) pending.push(item);
      continue;
    }
    if (isNode(next)) yield next;
    // Without a list of entries: checking walks over every tree twice.
    for (const key in next)
      if (key !== 'span') pending.push((next as Readonly<Record<string, unknown>>)[key]);
  }
}

const named = new WeakMap<Declaration, ReadonlySet<string>>();

/** The text of every name in a declaration beside its own; looked for once. */
export function namesIn(declaration: Declaration): ReadonlySet<string> {
  let names = named.get(declaration);
  if (names === undefined) named.set(declaration, (names = namesOf({ ...declaration, name: undefined })));
  return names;
}

const axes = new WeakMap<Declaration, ReadonlySet<string>>();

/** The axes that the types of a declaration name; looked for once. */
export function axesIn(declaration: Declaration): ReadonlySet<string> {
  let names = axes.get(declaration);
  if (names !== undefined) return names;
  const found = new Set<string>();
  for (const node of nodesOf(declaration)) {
    if (node.kind !== 'NamedAxis' || !('name' in node)) continue;
    const { name } = node;
    if (typeof name === 'object' && name !== null && isNode(name) && isName(name)) found.add(name.text);
  }
  axes.set(declaration, (names = found));
  return names;
}

/** The text of every name that may be one of an axis: in types, in the targets of mappings, and the keys of lists. */
export function axisNamesIn(root: object): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of nodesOf(root)) {
    const holder =
      node.kind === 'ListItem' && 'key' in node ? node.key : holdsAxes.has(node.kind) ? node : undefined;
    if (typeof holder !== 'object' || holder === null) continue;
    for (const name of namesOf(holder)) names.add(name);
  }
  return names;
}

const holdsAxes: ReadonlySet<string> = new Set(['TensorType', 'AxisTarget']);

/** The text of every name in a piece of syntax: of values, axes and arguments alike. */
export function namesOf(root: object | undefined): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of nodesOf(root)) if (isName(node)) names.add(node.text);
  return names;
}
