import { LesionMask } from '../lesion-mask.ts';
import type { LesionModel } from '../lesion.ts';
import { eachInEllipse, smoothStep } from '../shapes.ts';

/** The stomach above the diaphragm: a round density behind the heart, mostly with a bubble over a level of fluid. */
export const hernia: LesionModel = ({ site, visit }) => {
  const radius = site.between(2.6, 4.8);
  const shift = site.between(-1, 2.8);
  const gas = site.chance(0.75) ? visit.between(1.5, 5) : 0;
  const level = visit.between(-0.5, 0.3);
  return {
    paint: ({ anatomy, grid, solid, tissue, air }) => {
      const mask = new LesionMask(grid.length);
      const centre = { x: shift, y: anatomy.left.dome - 0.75 * radius };
      eachInEllipse(grid, { ...centre, rx: radius, ry: 0.85 * radius }, 1, (i, r, _x, y) => {
        const depth = 2 * radius * Math.sqrt(1 - r * r);
        tissue[i] = (tissue[i] ?? 0) + Math.min(air[i] ?? 0, depth);
        solid[i] = (solid[i] ?? 0) + 0.25 * depth;
        const above = 1 - smoothStep(level * radius - 0.15, level * radius + 0.15, y - centre.y);
        const bubble = r < 0.88 ? gas * above * Math.sqrt(1 - (r / 0.88) ** 2) : 0;
        solid[i] = (solid[i] ?? 0) - bubble;
        mask.mark(i, 1);
      });
      return mask.finish();
    },
  };
};
