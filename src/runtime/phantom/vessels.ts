import { hilum } from './anatomy.ts';
import type { Draws, Side } from './draws.ts';
import type { Scene } from './scene.ts';
import { eachOnLine } from './shapes.ts';

interface Branch {
  readonly x: number;
  readonly y: number;
  readonly angle: number;
  readonly radius: number;
  readonly length: number;
}

/** The thinnest vessel that is drawn, in centimetres. */
const thinnest = 0.065;

/** Fills `vessels`: trees that leave the hila and fork until they are too thin to be seen. */
export function fillVessels(scene: Scene, draws: Draws): void {
  for (const side of [-1, 1] as const) {
    const { x, y } = hilum(scene.anatomy, side);
    const trunks = 9;
    for (let k = 0; k < trunks; k++) {
      // From straight up to straight down, away from the midline.
      const angle = -1.35 + (2.75 * (k + draws.between(0.1, 0.9))) / trunks;
      const lower = angle > 0.2;
      grow(scene, side, draws, {
        x,
        y: y + 0.9 * angle,
        angle,
        radius: (lower ? 0.5 : 0.38) * draws.between(0.8, 1.2),
        length: (lower ? 2.9 : 2.5) * draws.between(0.8, 1.2),
      });
    }
  }
}

/** Angles are turned from the direction away from the midline, downwards. */
function grow(scene: Scene, side: Side, draws: Draws, trunk: Branch): void {
  const { grid, vessels, anatomy } = scene;
  const open = [trunk];
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    const { x, y, angle, radius, length } = branch;
    const bend = draws.between(-0.45, 0.45);
    const middle = [
      x + 0.5 * side * length * Math.cos(angle),
      y + 0.5 * length * Math.sin(angle),
      0.95 * radius,
    ] as const;
    const end = [
      middle[0] + 0.5 * side * length * Math.cos(angle + bend),
      middle[1] + 0.5 * length * Math.sin(angle + bend),
      0.85 * radius,
    ] as const;
    eachOnLine(grid, [[x, y, radius], middle, end], (i, d, drawn, share) => {
      const thick = 4.8 * anatomy.vascularity * share * Math.sqrt(drawn * drawn - d * d);
      vessels[i] = Math.max(vessels[i] ?? 0, thick);
    });
    // Murray's law: the cubes of the radii of the two add up to that of the one.
    const share = draws.between(0.3, 0.7);
    const fork = draws.between(0.4, 1);
    for (const [part, turn] of [
      [share, fork * (1 - share)],
      [1 - share, -fork * share],
    ] as const) {
      const next = 0.88 * radius * Math.cbrt(part);
      if (next < thinnest) continue;
      open.push({
        x: end[0],
        y: end[1],
        angle: angle + bend + turn,
        radius: next,
        length: length * draws.between(0.62, 0.85),
      });
    }
  }
}
