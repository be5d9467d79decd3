import { hilum } from '../anatomy.ts';
import { LesionMask } from '../lesion-mask.ts';
import type { LesionModel } from '../lesion.ts';
import { eachThroughLung } from '../scene.ts';
import { addTube, Noise } from '../shapes.ts';

/** Haze on both sides around the hila, blurred and broadened vessels, and short lines across the chest wall above the bases. */
export const edema: LesionModel = ({ site, visit }) => {
  const noise = new Noise(site, 2.6);
  const reach = site.between(5, 8.5);
  const thick = visit.logBetween(1.5, 6);
  const veil = 0.12 * thick;
  return {
    reshape: (anatomy) => ({ ...anatomy, vascularity: 1.25 * anatomy.vascularity }),
    paint: (scene) =>
      ([-1, 1] as const).flatMap((side) => {
        const { anatomy, grid, tissue, air, lungOf } = scene;
        const mask = new LesionMask(grid.length);
        const centre = hilum(anatomy, side);
        const uneven = visit.between(0.75, 1.1);
        eachThroughLung(scene, side, (i, x, y) => {
          const r = ((x - centre.x) / reach) ** 2 + ((y - centre.y - 1.5) / (1.3 * reach)) ** 2;
          const haze = thick * uneven * Math.exp(-1.6 * r) * (1 + 0.5 * noise.at(x, y));
          const amount = Math.min(air[i] ?? 0, Math.max(0, haze) + veil);
          tissue[i] = (tissue[i] ?? 0) + amount;
          if (lungOf[i] === side) mask.mark(i, amount);
        });
        for (let line = 0; line < 6; line++) {
          const y = 3.5 + line * visit.between(0.7, 1.1);
          const x = side * (anatomy.chest - 0.3);
          addTube(
            grid,
            tissue,
            [
              [x, y, 0.07],
              [x - side * visit.between(1, 1.8), y + 0.15, 0.07],
            ],
            () => 0.35 * thick,
          );
        }
        return mask.finish();
      }),
  };
};
