import { LesionMask } from '../lesion-mask.ts';
import type { LesionModel } from '../lesion.ts';
import { pointInLung } from '../opacity.ts';
import { eachInEllipse, round } from '../shapes.ts';

/** One to three round spots of less than 3 cm across; one in six is calcified and small. */
export const nodule: LesionModel = ({ site, visit }) => {
  const count = site.chance(0.7) ? 1 : site.integer(2, 3);
  const spots = Array.from({ length: count }, () => {
    const calcified = site.chance(0.16);
    return {
      place: { side: site.side(), across: site.between(0.05, 0.85), down: site.between(0.05, 0.95) },
      radius: calcified ? site.between(0.25, 0.5) : site.logBetween(0.35, 1.45),
      density: calcified ? site.between(2.5, 4) : site.between(0.9, 2),
      aspect: site.between(0.8, 1.25),
    };
  });
  const shown = visit.between(0.8, 1.15);
  return {
    paint: ({ anatomy, grid, tissue, air }) =>
      spots.flatMap(({ place, radius, density, aspect }) => {
        const mask = new LesionMask(grid.length);
        // At least a pixel across, with as much tissue as it has.
        const drawn = Math.max(radius, 0.75 * grid.pixel);
        const thick = 2 * radius * shown * density * (radius / drawn) ** 2;
        const ellipse = { ...pointInLung(anatomy, place), rx: drawn, ry: drawn * aspect };
        eachInEllipse(grid, ellipse, 1, (i, r) => {
          if ((air[i] ?? 0) <= 0) return;
          const amount = thick * round(1.3 * (1 - r));
          tissue[i] = (tissue[i] ?? 0) + amount;
          mask.mark(i, amount);
        });
        return mask.finish();
      }),
  };
};
