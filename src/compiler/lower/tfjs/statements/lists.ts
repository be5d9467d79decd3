import type { AppendStatement, GetStatement, ListStatement, SliceStatement } from '../../../ir/module.ts';
import { equalSize } from '../../../shapes/size.ts';
import type { Expression } from '../value-table.ts';
import type { StatementContext } from './statement-context.ts';

export function writeList({ items, output }: ListStatement, { values }: StatementContext): void {
  const taken = items.map((item) => values.take(item, values.canonical(item)));
  values.define(output, literal(taken.map(({ text }) => text), taken), values.canonical(output)); // prettier-ignore
}

/** `a ++ b`: pushed onto the array where nobody else has it. */
export function writeAppend({ left, right, output }: AppendStatement, { values }: StatementContext): void {
  const held = values.heldAs(left);
  const added = values.take(right, values.canonical(right));
  const items = added.items ?? [`...${added.text}`];
  const isOwn = held.kind === 'name' && held.isOwned === true && held.region === values.scope.region;
  if (isOwn && values.isUsedOnce(left)) {
    values.line(`${held.text}.push(${items.join(', ')});`);
    values.holdName(output, held.text, { isOwned: true });
    return;
  }
  const before = values.take(left, values.canonical(left));
  const all = [...(before.items ?? [`...${before.text}`]), ...items];
  values.define(output, literal(all, [before, added]), values.canonical(output));
}

export function writeGet({ list, index, output }: GetStatement, { values }: StatementContext): void {
  const { text, depth, isStateful } = values.take(list, values.canonical(list));
  const element = { text: `${text}[${values.sizes.text(index)}]`, depth, isStateful };
  values.define(output, element, values.canonical(output));
}

export function writeSlice({ list, from, to, output }: SliceStatement, { values }: StatementContext): void {
  const { text, depth, isStateful } = values.take(list, values.canonical(list));
  const bounds = equalSize(to, list.type.length) ? [from] : [from, to];
  const range = bounds.map((size) => values.sizes.text(size)).join(', ');
  const slice = { text: `${text}.slice(${range})`, depth: depth + 1, isStateful, isLight: true } as const;
  values.define(output, slice, values.canonical(output));
}

function literal(items: readonly string[], parts: readonly Expression[]): Expression {
  return {
    text: `[${items.join(', ')}]`,
    items,
    depth: Math.max(0, ...parts.map(({ depth }) => depth)) + 1,
    isStateful: parts.some(({ isStateful }) => isStateful),
  };
}
