import type { Draws } from './draws.ts';
import type { Grid } from './grid.ts';

/** A point of a line with half the line's width there, in centimetres. */
export type LinePoint = readonly [x: number, y: number, radius: number];

export interface Ellipse {
  readonly x: number;
  readonly y: number;
  readonly rx: number;
  readonly ry: number;
  /** Clockwise, in radians. */
  readonly turn?: number;
}

/** 0 below `from`, 1 above `to`, smooth between. */
export function smoothStep(from: number, to: number, value: number): number {
  const t = Math.max(0, Math.min(1, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** From 0 at 0 to 1 at 1 and beyond, as steep at 0 as the edge of a ball. */
export function round(value: number): number {
  if (value <= 0) return 0;
  return value >= 1 ? 1 : Math.sqrt(value * (2 - value));
}

/** Calls `visit(i, r, x, y)` for the pixels of an ellipse, where r is 0 in its centre and 1 on its edge. */
export function eachInEllipse(
  grid: Grid,
  { x: cx, y: cy, rx, ry, turn = 0 }: Ellipse,
  reach: number,
  visit: (i: number, r: number, x: number, y: number) => void,
): void {
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const across = reach * Math.hypot(rx * cos, ry * sin);
  const down = reach * Math.hypot(rx * sin, ry * cos);
  grid.each({ left: cx - across, right: cx + across, top: cy - down, bottom: cy + down }, (i, x, y) => {
    const dx = x - cx;
    const dy = y - cy;
    const u = (cos * dx + sin * dy) / rx;
    const v = (cos * dy - sin * dx) / ry;
    const r = Math.sqrt(u * u + v * v);
    if (r < reach) visit(i, r, x, y);
  });
}

/**
 * Calls `visit(i, d, radius)` for the pixels of a line of round ends, where d is the distance from its middle, once for
 * each piece: joints are seen twice, so that callers keep the larger value. A line that is thinner than a pixel is
 * widened, and `share` says how much of it such a pixel has.
 */
export function eachOnLine(
  grid: Grid,
  points: readonly LinePoint[],
  visit: (i: number, d: number, radius: number, share: number) => void,
): void {
  const thinnest = 0.7 * grid.pixel;
  points.slice(1).forEach(([x1, y1, r1], k) => {
    const [x0, y0, r0] = points[k] ?? [x1, y1, r1];
    // In the plane of the pixels, where no pixel beside the line costs a call.
    const { column: c0, row: w0 } = grid.pixelAt(x0, y0);
    const { column: c1, row: w1 } = grid.pixelAt(x1, y1);
    const dc = c1 - c0;
    const dw = w1 - w0;
    const lengthSquared = dc * dc + dw * dw;
    const reach = Math.max(r0, r1, thinnest) / grid.pixel;
    const lastColumn = Math.min(grid.size - 1, Math.ceil(Math.max(c0, c1) + reach));
    const lastRow = Math.min(grid.size - 1, Math.ceil(Math.max(w0, w1) + reach));
    const firstColumn = Math.max(0, Math.floor(Math.min(c0, c1) - reach));
    for (let row = Math.max(0, Math.floor(Math.min(w0, w1) - reach)); row <= lastRow; row++) {
      for (let column = firstColumn; column <= lastColumn; column++) {
        const along = lengthSquared === 0 ? 0 : ((column - c0) * dc + (row - w0) * dw) / lengthSquared;
        const t = along < 0 ? 0 : along > 1 ? 1 : along;
        const ec = column - c0 - t * dc;
        const ew = row - w0 - t * dw;
        const radius = r0 + t * (r1 - r0);
        const drawn = radius > thinnest ? radius : thinnest;
        const distance = grid.pixel * Math.sqrt(ec * ec + ew * ew);
        if (distance < drawn) visit(row * grid.size + column, distance, drawn, radius / drawn);
      }
    }
  });
}

/** Adds a tube of `density` to `target`; where its pieces overlap, the thickest counts. */
export function addTube(
  grid: Grid,
  target: Float32Array,
  points: readonly LinePoint[],
  profile: (d: number, radius: number) => number,
): void {
  const values = grid.scratch;
  const touched: number[] = [];
  eachOnLine(grid, points, (i, d, radius, share) => {
    const value = share * profile(d, radius);
    const before = values[i] ?? 0;
    if (value <= before) return;
    if (before === 0) touched.push(i);
    values[i] = value;
  });
  for (const i of touched) {
    target[i] = (target[i] ?? 0) + (values[i] ?? 0);
    values[i] = 0;
  }
}

const cells = 32;

/** Smooth noise over the plane: between -1 and 1, with structures of about `scale` centimetres and some of half that. */
export class Noise {
  readonly #values: Float32Array;
  readonly #scale: number;

  constructor(draws: Draws, scale: number) {
    this.#values = Float32Array.from({ length: cells * cells }, () => draws.between(-1, 1));
    this.#scale = scale;
  }

  at(x: number, y: number): number {
    return (
      0.67 * this.#lattice(x / this.#scale, y / this.#scale) +
      0.33 * this.#lattice((2.1 * x) / this.#scale + 7, (2.1 * y) / this.#scale + 3)
    );
  }

  #lattice(u: number, v: number): number {
    const column = Math.floor(u);
    const row = Math.floor(v);
    const s = u - column;
    const t = v - row;
    const a = s * s * (3 - 2 * s);
    const b = t * t * (3 - 2 * t);
    const left = column & (cells - 1);
    const right = (column + 1) & (cells - 1);
    const top = cells * (row & (cells - 1));
    const bottom = cells * ((row + 1) & (cells - 1));
    const values = this.#values;
    const above = (values[top + left] ?? 0) * (1 - a) + (values[top + right] ?? 0) * a;
    const below = (values[bottom + left] ?? 0) * (1 - a) + (values[bottom + right] ?? 0) * a;
    return above * (1 - b) + below * b;
  }
}
