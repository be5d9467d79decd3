import { fixAt, type Edit, type Fix } from '../diagnostics/diagnostic.ts';
import { lineEndOf } from '../source/line-end.ts';
import type { Span } from '../source/span.ts';
import type { BlockDecl } from '../syntax/ast.ts';
import type { Context } from './context.ts';

/** What a complaint advises, and the change of the source that does it. */
export interface Remedy {
  readonly help: string;
  readonly fix?: Fix;
}

/**
 * Demands something of the callers of a block, for what is wrong at a place. Conditions of a `where` are read in their order:
 * what one of them needs stands before it, all else comes last.
 */
export function whereRemedy(cx: Context, conditions: string, place: Span): Remedy {
  const { block, name } = cx;
  const needing = block?.where.findIndex(({ span }) => span.encloses(place)) ?? -1;
  if (block !== undefined && needing >= 0) return beforeCondition(cx, block, conditions, needing);
  const help = `add \`where ${conditions}\` to \`${name}\`, if that is what you mean`;
  const fix = block === undefined ? undefined : atTheEnd(cx, block, conditions);
  return { help, ...(fix === undefined ? {} : { fix }) };
}

/** Conditions in front of one that is in the `where`; one that stands behind it is moved. */
function beforeCondition(cx: Context, block: BlockDecl, conditions: string, needing: number): Remedy {
  const { source } = cx.module;
  const texts = block.where.map(({ span }) => source.slice(span));
  const [at, text] = [block.where[needing]?.span.before, texts[needing]];
  if (at === undefined || text === undefined) throw new Error(`there is no condition ${needing}`);
  const put: Edit = { span: at, text: `${conditions}, ` };
  const putting: Fix = { title: `Put \`${conditions}\` before \`${text}\``, edits: [put] };
  const behind = texts.indexOf(conditions, needing);
  if (behind < 0) {
    const help = `put \`${conditions}\` before this condition, if that is what you mean: conditions are read in their order`;
    return { help, fix: putting };
  }
  const help = `\`${conditions}\` has to stand before this condition: conditions are read in their order`;
  const old = listed(cx, block, behind);
  if (old === undefined) return { help, fix: putting };
  const title = `Move \`${conditions}\` before \`${text}\``;
  return { help, fix: { title, edits: [put, { span: old, text: '' }] } };
}

/** A condition that is not the first, with the comma before it; undefined where a comment stands between them. */
function listed(cx: Context, { where }: BlockDecl, index: number): Span | undefined {
  const [before, condition] = [where[index - 1]?.span, where[index]?.span];
  if (before === undefined || condition === undefined) return undefined;
  const between = cx.module.source.text.slice(before.end, condition.start);
  return between.trim() === ',' ? before.after.upTo(condition) : undefined;
}

/** Conditions behind the `where` of a block, or in a new one before its `{`. */
function atTheEnd(cx: Context, { name, where, body }: BlockDecl, conditions: string): Fix | undefined {
  const title = `Add \`where ${conditions}\` to \`${name.text}\``;
  const last = where.at(-1);
  if (last !== undefined) return fixAt(title, last.span.after, `, ${conditions}`);
  const { source } = cx.module;
  const { start } = body.span;
  // Of a body that was not understood nothing is known but that it is missing.
  if (source.text[start] !== '{') return undefined;
  const head = source.text.slice(0, start).trimEnd().length;
  const lineEnd = lineEndOf(source.text);
  return fixAt(title, body.span.elsewhere(head, start), `${lineEnd}  where ${conditions}${lineEnd}`);
}
