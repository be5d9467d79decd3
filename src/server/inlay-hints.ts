import { InlayHintKind, type InlayHint, type Range } from 'vscode-languageserver';
import type { CheckedDocument } from './checked-document.ts';
import { shapeOf } from './shape-of.ts';
import { toOffset, toPosition } from './positions.ts';

/** Of the shapes that a name has in the turns of an unrolled loop, or for each choice of a bool, this many are shown. */
const MOST_SHAPES = 3;

/** Shapes behind the names that statements in a range bind; where a type is written beside a name, it is hint enough. */
export function inlayHints({ compilation, source, path }: CheckedDocument, range: Range): InlayHint[] {
  const [start, end] = [toOffset(source, range.start), toOffset(source, range.end)];
  const shapes = new Map<number, Set<string>>();
  for (const { name, val, isTyped } of compilation.notes) {
    const { span } = name;
    if (isTyped || span.file !== path || span.end < start || span.end > end) continue;
    const shape = shapeOf(val);
    if (shape === undefined) continue;
    const known = shapes.get(span.end);
    if (known === undefined) shapes.set(span.end, new Set([shape]));
    else known.add(shape);
  }
  return [...shapes].map(([offset, distinct]) => {
    const shown = [...distinct].slice(0, MOST_SHAPES);
    const label = `: ${shown.join(' | ')}${distinct.size > MOST_SHAPES ? ' | ...' : ''}`;
    return { position: toPosition(source, offset), label, kind: InlayHintKind.Type, paddingRight: true };
  });
}
