import type { IfStatement, Region } from '../../../ir/module.ts';
import { assignments, writeBlock } from './blocks.ts';
import type { StatementContext } from './statement-context.ts';

/** Deeper than anything that is written into another expression. */
const CONDITIONAL_DEPTH = 99;

/** Writes a branch on sizes: as a conditional expression where it only chooses between two. */
export function writeBranch(statement: IfStatement, context: StatementContext): void {
  const { values } = context;
  const { condition, then, otherwise } = statement;
  const results = statement.results.filter(({ output }) => values.isUsed(output));
  const isStateful = context.isStateful(statement);
  if (isStateful) values.flushStateful();
  const test = values.sizes.condition(condition);
  const targets = results.map(({ output }) => values.targetOf(output));

  const write = (region: Region, side: 'then' | 'otherwise') => {
    const handedOn = results.map((result) => result[side]);
    let texts: readonly string[] = [];
    const scope = values.inner(
      region,
      handedOn,
      () => {
        context.writeRegion(region);
        texts = handedOn.map((value) => values.take(value, values.canonical(value)).text);
      },
      side === 'then' ? condition : undefined,
    );
    return { lines: scope.rendered(), texts };
  };
  const [yes, no] = [write(then, 'then'), write(otherwise, 'otherwise')];

  const [only] = results;
  if (only !== undefined && results.length === 1 && yes.lines.length === 0 && no.lines.length === 0) {
    const text = `${test} ? ${yes.texts[0]} : ${no.texts[0]}`;
    const expression = { text, depth: CONDITIONAL_DEPTH, isStateful };
    values.define(only.output, expression, values.canonical(only.output));
    return;
  }
  const names = results.map(({ output }, i) => targets[i] ?? values.freshName(output));
  const declared = names.filter((_name, i) => targets[i] === undefined);
  if (declared.length > 0) values.line(`let ${declared.join(', ')};`);
  const [thenLines, otherwiseLines] = [yes, no].map(({ lines, texts }) => [
    ...lines,
    ...assignments(names.map((name, i) => ({ name, text: texts[i] ?? name }))),
  ]) as [string[], string[]];
  if (thenLines.length === 0) writeBlock(values, `if (!(${test}))`, otherwiseLines);
  else writeBlock(values, `if (${test})`, thenLines, otherwiseLines);
  results.forEach(({ output }, i) => values.holdName(output, names[i] ?? '', { isMutable: true }));
}
