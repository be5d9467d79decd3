import railroad from 'railroad-diagrams';
import type { Syntax } from './syntax.ts';

/**
 * A rule as a railroad diagram, a picture in SVG that needs nothing else. It brings its own light ground, since a page
 * does not tell the pictures in it whether it is dark.
 */
export function syntaxDiagram(name: string, syntax: Syntax): string {
  const [, attributes = '', rest = ''] =
    /^<svg ([^>]*)>([^]*)$/.exec(railroad.Diagram(draw(syntax)).toString()) ?? [];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" ${attributes}>`,
    `<title>${name}</title>`,
    `<style>${style}</style>`,
    `<rect class="ground" width="100%" height="100%" rx="6"/>${rest}`,
  ].join('\n');
}

const style = `
.ground { fill: #fbfaf7; }
path { fill: none; stroke: #44506a; stroke-width: 2; }
g rect { fill: #e3ecfa; stroke: #44506a; stroke-width: 1.5; }
g rect[rx] { fill: #fdf0cf; }
text { fill: #16202e; font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; text-anchor: middle; }
`;

type Part = ReturnType<typeof railroad.Terminal>;

function draw(syntax: Syntax): Part {
  switch (syntax.kind) {
    case 'token':
      return railroad.Terminal(syntax.text);
    case 'rule':
      return railroad.NonTerminal(syntax.name);
    case 'sequence':
      return railroad.Sequence(...drawSequence(syntax.parts));
    case 'choice':
      return railroad.Choice(0, ...syntax.options.map(draw));
    case 'repeated': {
      const part = draw(syntax.part);
      return syntax.times === '?'
        ? railroad.Optional(part)
        : syntax.times === '*'
          ? railroad.ZeroOrMore(part)
          : railroad.OneOrMore(part);
    }
  }
}

/** `x ( "," x )*` is drawn as one x with a way back through a comma. */
function drawSequence(parts: readonly Syntax[]): Part[] {
  const [first, second, ...others] = parts;
  if (first === undefined) return [];
  const separator = second === undefined ? undefined : separatorOf(first, second);
  if (separator === undefined) return [draw(first), ...drawSequence(parts.slice(1))];
  return [railroad.OneOrMore(draw(first), draw(separator)), ...drawSequence(others)];
}

function separatorOf(item: Syntax, more: Syntax): Syntax | undefined {
  if (more.kind !== 'repeated' || more.times !== '*' || more.part.kind !== 'sequence') return undefined;
  const [separator, again, ...others] = more.part.parts;
  const isAgain = JSON.stringify(again) === JSON.stringify(item) && others.length === 0;
  return isAgain ? separator : undefined;
}
