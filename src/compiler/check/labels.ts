import type { LabelsEntity } from '../resolve/program.ts';
import { constant } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { Context } from './context.ts';
import { describe, POISON, type Val } from './value.ts';

/** The value of a `labels` declaration. */
export function evalLabels(cx: Context, { decl }: LabelsEntity): Val {
  const items = decl.values.items.map((item) => cx.evaluate(item.value));
  return makeLabels(cx, items, (i) => decl.values.items[i]?.span ?? decl.values.span, decl.values.span);
}

/** Labels from a list of strings, which must differ. */
export function makeLabels(
  cx: Context,
  items: readonly Val[],
  placeOf: (i: number) => Span,
  span: Span,
): Val {
  const values = new Set<string>();
  let isFine = true;
  const complain = (...args: Parameters<Context['error']>): void => {
    cx.error(...args);
    isFine = false;
  };
  for (const [i, item] of items.entries()) {
    if (item.kind === 'poison') isFine = false;
    else if (item.kind !== 'string' || item.value === undefined) {
      complain('N3005', placeOf(i), `a label is a string, not ${describe(item)}`);
    } else if (values.has(item.value)) {
      complain('N2002', placeOf(i), `the label ${JSON.stringify(item.value)} appears twice`);
    } else values.add(item.value);
  }
  if (items.length === 0) complain('N3010', span, 'there must be at least one label');
  return isFine ? { kind: 'labels', values: [...values], count: constant(values.size) } : POISON;
}
