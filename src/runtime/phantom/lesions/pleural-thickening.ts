import { LesionMask } from '../lesion-mask.ts';
import type { LesionModel } from '../lesion.ts';
import { eachInLung } from '../scene.ts';
import { Noise, smoothStep } from '../shapes.ts';

/** A band of uneven thickness along the chest wall: over the apex, beside the lung, or at the base with a blunt angle. */
export const pleuralThickening: LesionModel = ({ site, visit }) => {
  const side = site.side();
  const from = site.between(-0.1, 0.7);
  const to = Math.min(1.1, from + site.between(0.3, 0.55));
  const thick = site.logBetween(0.4, 1.5);
  const noise = new Noise(site, 2);
  const amount = visit.logBetween(2.4, 7);
  return {
    paint: (scene) => {
      const { anatomy, grid, tissue, air } = scene;
      const mask = new LesionMask(grid.length);
      eachInLung(scene, side, (i, x, y, fromWall, aboveDiaphragm) => {
        const down = (y - anatomy.apex) / (y - anatomy.apex + Math.max(0, aboveDiaphragm));
        const along = smoothStep(from, from + 0.1, down) * (1 - smoothStep(to - 0.1, to, down));
        if (along <= 0) return;
        const depth = Math.min(fromWall, 1.3 * (y - anatomy.apex));
        const reach = thick * along * (1 + 0.5 * noise.at(x, y));
        const inside = 1 - smoothStep(0.75 * reach, 1.15 * reach, depth);
        if (inside <= 0) return;
        const added = Math.min(air[i] ?? 0, amount * inside);
        tissue[i] = (tissue[i] ?? 0) + added;
        mask.mark(i, inside);
      });
      return mask.finish();
    },
  };
};
