import {
  LABEL_HEIGHT,
  LINE_HEIGHT,
  TITLE_HEIGHT,
  type Placed,
  type PlacedLink,
  type PlacedPart,
} from './lay-out.ts';
import { style } from './style.ts';

export interface SvgOptions {
  /** Read out, and shown by browsers, in place of the picture. */
  readonly title: string;
  readonly description: string;
  /** Whether blocks are buttons: for the page, whose script opens and closes them. */
  readonly isInteractive: boolean;
}

/** A placed diagram as an SVG document with its own style, light or dark as the reader's system is. */
export function drawSvg(placed: Placed, { title, description, isInteractive }: SvgOptions): string {
  const [width, height] = [Math.ceil(placed.width), Math.ceil(placed.height)];
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="${isInteractive ? 'group' : 'img'}" aria-labelledby="netc-title netc-description">`,
    `<title id="netc-title">${escaped(title)}</title>`,
    `<desc id="netc-description">${escaped(description)}</desc>`,
    `<style>${style}</style>`,
    '<defs><marker id="netc-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="arrow" d="M0 0L8 4L0 8z"/></marker></defs>',
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...diagram(placed, isInteractive),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

function diagram({ parts, links }: Placed, isInteractive: boolean): string[] {
  return [
    ...links.map(line),
    ...parts.flatMap((part) => drawPart(part, isInteractive)),
    // Last, so that no line crosses a shape.
    ...links.flatMap(label),
  ];
}

function drawPart(placed: PlacedPart, isInteractive: boolean): string[] {
  const { part, x, y, width, height, lines, inside } = placed;
  const isOpen = inside !== undefined;
  const button = `class="title" data-block="${escaped(part.id)}" role="button" tabindex="0" aria-expanded="${isOpen}" aria-label="${escaped(lines.join(', '))}"`;
  const isButton = isInteractive && part.kind === 'block';
  const corner = part.kind === 'input' || part.kind === 'output' ? 14 : 5;
  return [
    `<g class="${part.kind}${isOpen ? ' open' : ''}" transform="translate(${at(x)} ${at(y)})">`,
    `<rect width="${width}" height="${at(height)}" rx="${corner}"/>`,
    `<g ${isButton ? button : 'class="title"'}>`,
    `<title>${escaped(part.details)}</title>`,
    // The whole title takes the click.
    `<rect class="target" width="${width}" height="${isOpen ? TITLE_HEIGHT : at(height)}" rx="${corner}"/>`,
    ...text(placed),
    '</g>',
    ...(isOpen
      ? [
          `<g transform="translate(${at(inside.x)} ${at(inside.y)})">`,
          ...diagram(inside.placed, isInteractive),
          '</g>',
        ]
      : []),
    '</g>',
  ];
}

function text({ part, width, lines, inside }: PlacedPart): string[] {
  const isBlock = part.kind === 'block';
  const middle = at(inside === undefined && isBlock ? width / 2 + 9 : width / 2);
  const mark = inside === undefined ? 'M12 11l5 5l-5 5z' : 'M10 12l10 0l-5 6z';
  return [
    ...(isBlock ? [`<path class="mark" d="${mark}"/>`] : []),
    ...lines.map((line, i) => {
      const y = 20 + i * LINE_HEIGHT;
      return `<text class="${i === 0 ? 'name' : 'of'}" x="${middle}" y="${y}">${escaped(line)}</text>`;
    }),
  ];
}

/** A line through the points of the layout, its corners rounded. */
function line({ link, points }: PlacedLink): string {
  const [first, ...others] = points;
  const last = others.at(-1);
  if (first === undefined || last === undefined) return '';
  const bends = others.slice(0, -1).map((bend, i) => {
    const next = others[i + 1] ?? last;
    const [x, y] =
      i === others.length - 2 ? [next.x, next.y] : [(bend.x + next.x) / 2, (bend.y + next.y) / 2];
    return `Q${at(bend.x)} ${at(bend.y)} ${at(x)} ${at(y)}`;
  });
  const end = bends.length === 0 ? `L${at(last.x)} ${at(last.y)}` : '';
  return `<path class="link" d="M${at(first.x)} ${at(first.y)}${bends.join('')}${end}" marker-end="url(#netc-arrow)"><title>${escaped(link.shapes.join('\n'))}</title></path>`;
}

function label({ link, label: middle }: PlacedLink): string[] {
  if (middle === undefined) return [];
  const height = link.shapes.length * LABEL_HEIGHT;
  const [left, top] = [middle.x - middle.width / 2, middle.y - height / 2];
  return [
    `<rect class="ground" x="${at(left)}" y="${at(top)}" width="${middle.width}" height="${height}"/>`,
    ...link.shapes.map((shape, i) => {
      const y = top + 11 + i * LABEL_HEIGHT;
      return `<text class="shape" x="${at(middle.x)}" y="${at(y)}">${escaped(shape)}</text>`;
    }),
  ];
}

/** A coordinate with a tenth of a pixel: enough for the eye, and the same on every machine. */
const at = (value: number): string => String(Math.round(value * 10) / 10);

export function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
