import { LesionMask } from '../lesion-mask.ts';
import type { LesionModel } from '../lesion.ts';
import { eachInLung } from '../scene.ts';
import { smoothStep } from '../shapes.ts';

/** Air beside the lung: at the apex and along the wall a rim without vessels, ended by the thin line of the pleura. */
export const pneumothorax: LesionModel = ({ site, visit }) => {
  const side = site.side();
  const width = visit.logBetween(1, 5.5);
  const taper = site.between(0.5, 0.95);
  return {
    paint: (scene) => {
      const { anatomy, grid, tissue, vessels, aeration } = scene;
      const mask = new LesionMask(grid.length);
      const half = Math.max(0.09, 0.6 * grid.pixel);
      eachInLung(scene, side, (i, _x, y, fromWall, aboveDiaphragm) => {
        const down = (y - anatomy.apex) / (y - anatomy.apex + Math.max(0, aboveDiaphragm));
        const depth = roundedMinimum(fromWall, 1.1 * (y - anatomy.apex));
        const rim = width * (1 - taper * smoothStep(0.1, 1, down));
        const beyond = rim - depth;
        if (beyond > 0) {
          vessels[i] = 0;
          tissue[i] = 0;
          aeration[i] = 0.96;
          mask.mark(i, 1);
        } else {
          // The lung inside has given up some of its air.
          aeration[i] = (aeration[i] ?? 0) - 0.018 * Math.min(4, width);
        }
        if (Math.abs(beyond) < half && rim > 0.25) tissue[i] = (tissue[i] ?? 0) + 0.9 * (0.09 / half) ** 0.5;
      });
      return mask.finish();
    },
  };
};

/** Nearly the smaller of two distances, without a corner where they are equal. */
function roundedMinimum(a: number, b: number): number {
  return (a * b) / Math.hypot(a, b, 1e-6);
}
