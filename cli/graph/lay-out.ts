import { Graph, layout, type EdgeLabel } from '@dagrejs/dagre';
import type { Diagram, Link, Part } from './diagram.ts';

/** Lengths are in pixels of the picture; the origin is the upper left corner of the diagram that a part stands in. */
export interface Placed {
  readonly width: number;
  readonly height: number;
  readonly parts: readonly PlacedPart[];
  readonly links: readonly PlacedLink[];
}

export interface PlacedPart {
  readonly part: Part;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Lines of text, the first as a heading. */
  readonly lines: readonly string[];
  /** Only of open blocks: what is in it, and where. */
  readonly inside?: { readonly x: number; readonly y: number; readonly placed: Placed };
}

export interface PlacedLink {
  readonly link: Link;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** The middle of the label. */
  readonly label: { readonly x: number; readonly y: number; readonly width: number } | undefined;
}

/** Widths of the characters of fixed width in which pictures are written, at 13, 12 and 11 pixels. */
const HEADING = 7.85;
const LINE = 7.25;
const LABEL = 6.65;
export const LINE_HEIGHT = 17;
export const LABEL_HEIGHT = 15;
const PADDING = 12;
export const TITLE_HEIGHT = 30;
const LONGEST_LINE = 46;

/** Places a diagram, the blocks of `open` with all that is in them, from top to bottom in the order of computation. */
export function layOut({ parts, links }: Diagram, open: ReadonlySet<string>): Placed {
  const graph = new Graph();
  graph.setGraph({
    rankdir: 'TB',
    nodesep: 28,
    edgesep: 16,
    ranksep: 22,
    marginx: PADDING,
    marginy: PADDING,
  });
  const sized = parts.map((part) => size(part, open));
  // Given last to first, dagre puts what the source has first on the left.
  for (const { part, width, height } of [...sized].reverse()) graph.setNode(part.id, { width, height });
  for (const link of [...links].reverse()) graph.setEdge(link.from, link.to, labelSize(link));
  layout(graph);
  const placedParts = sized.map((part): PlacedPart => {
    const { x = 0, y = 0 } = graph.node(part.part.id);
    return { ...part, x: x - part.width / 2, y: y - part.height / 2 };
  });
  const placedLinks = links.map((link): PlacedLink => {
    const { points = [], x, y, width } = graph.edge(link.from, link.to);
    const hasLabel = link.isLabelled && x !== undefined && y !== undefined;
    return { link, points, label: hasLabel ? { x, y, width } : undefined };
  });
  const { width = 0, height = 0 } = graph.graph();
  return { width, height, parts: placedParts, links: placedLinks };
}

function size(part: Part, open: ReadonlySet<string>): Omit<PlacedPart, 'x' | 'y'> {
  const lines = linesOf(part);
  if (part.inside === undefined || !open.has(part.id)) {
    const widths = lines.map((line, i) => line.length * (i === 0 ? HEADING : LINE));
    // A block has a mark before its name.
    const mark = part.kind === 'block' ? 18 : 0;
    return {
      part,
      lines,
      width: Math.ceil(Math.max(56, ...widths) + mark + 2 * PADDING),
      height: lines.length * LINE_HEIGHT + 13,
    };
  }
  const heading = lines.join('  ');
  const placed = layOut(part.inside, open);
  const width = Math.ceil(Math.max(placed.width, heading.length * HEADING + 18 + 2 * PADDING));
  return {
    part,
    lines: [heading],
    width,
    height: placed.height + TITLE_HEIGHT,
    inside: { x: (width - placed.width) / 2, y: TITLE_HEIGHT, placed },
  };
}

/** A block is headed by its name, an operation by what it does. */
function linesOf({ kind, name, of, parameters }: Part): string[] {
  const count = parameters === 0 ? [] : [short(parameters)];
  const [heading, ...others] = kind === 'op' ? [of, binding(name, of), ...count] : [name, of, ...count];
  return [heading, others.filter((word) => word !== '').join(', ')]
    .filter((line) => line !== '')
    .map(clipped);
}

/** `probability/sigmoid` of a sigmoid as `probability`. */
function binding(name: string, of: string): string {
  if (name === of) return '';
  return name.endsWith(`/${of}`) ? name.slice(0, -of.length - 1) : name;
}

const clipped = (line: string): string =>
  line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE - 1)}\u2026`;

/** 7,216 as 7.2k. */
function short(count: number): string {
  if (count < 1000) return String(count);
  return count < 1e6 ? `${(count / 1e3).toFixed(1)}k` : `${(count / 1e6).toFixed(1)}M`;
}

function labelSize({ shapes, isLabelled }: Link): EdgeLabel {
  if (!isLabelled) return { width: 0, height: 0, labelpos: 'c' };
  const longest = Math.max(...shapes.map((shape) => shape.length));
  return { width: Math.ceil(longest * LABEL) + 8, height: shapes.length * LABEL_HEIGHT + 2, labelpos: 'c' };
}
