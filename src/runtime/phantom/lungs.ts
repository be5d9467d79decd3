import { diaphragm, lateralWall, lungShape } from './anatomy.ts';
import type { Side } from './draws.ts';
import { lungBox } from './scene.ts';
import type { Scene } from './scene.ts';
import { round, smoothStep } from './shapes.ts';

/** Fills `air`: how deep the lungs are behind each pixel. */
export function fillLungs(scene: Scene): void {
  for (const side of [-1, 1] as const) fillLung(scene, side);
}

function fillLung({ anatomy, grid, air, lungOf }: Scene, side: Side): void {
  const shape = lungShape(anatomy, side);
  const { apex, chest, depth, wall, mediastinum } = anatomy;
  const deepest = 0.84 * (depth - 1.6 * wall);
  grid.each(lungBox(anatomy, side), (i, x, y) => {
    const fromMidline = Math.abs(x);
    const fromWall = lateralWall(anatomy, y) - fromMidline;
    const fromMiddle = fromMidline - 0.72 * mediastinum;
    const above = diaphragm(anatomy, shape, fromMidline) - y;
    if (fromWall <= 0 || fromMiddle <= 0 || above <= 0) return;
    lungOf[i] = side;
    // The dome is steep where rays touch it; behind it lung goes on into the recess.
    const base = 0.8 * smoothStep(0, 0.35, above) + 0.2 * round(above / 6);
    air[i] =
      deepest *
      round(fromWall / (0.42 * chest)) *
      round(fromMiddle / (0.2 * chest)) *
      round((y - apex + 0.3) / (0.55 * chest)) *
      base;
  });
}
