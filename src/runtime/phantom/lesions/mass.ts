import { LesionMask } from '../lesion-mask.ts';
import type { LesionModel } from '../lesion.ts';
import { pointInLung } from '../opacity.ts';
import { eachInEllipse, round } from '../shapes.ts';

/** A solid lesion of more than 3 cm, lobulated, anywhere in a lung, often at the hilum. */
export const mass: LesionModel = ({ site, visit }) => {
  const central = site.chance(0.35);
  const place = {
    side: site.side(),
    across: central ? site.between(0, 0.15) : site.between(0.1, 0.9),
    down: central ? site.between(0.35, 0.55) : site.between(0.05, 0.9),
  };
  const radius = site.logBetween(1.55, 3.8);
  const aspect = site.between(0.75, 1.3);
  const lobes = Array.from({ length: 3 }, (_, k) => ({
    waves: k + 2,
    height: site.between(0, 0.13),
    phase: site.between(0, 6.28),
  }));
  const thick = 1.5 * radius * site.logBetween(0.7, 1.5) * visit.between(0.85, 1.15);
  return {
    paint: ({ anatomy, grid, tissue, air }) => {
      const mask = new LesionMask(grid.length);
      const centre = pointInLung(anatomy, place);
      eachInEllipse(grid, { ...centre, rx: radius, ry: radius * aspect }, 1.35, (i, r, x, y) => {
        if ((air[i] ?? 0) <= 0) return;
        const angle = Math.atan2(y - centre.y, x - centre.x);
        const border = lobes.reduce(
          (b, { waves, height, phase }) => b + height * Math.sin(waves * angle + phase),
          1,
        );
        const amount = thick * round(1.4 * (1 - r / border));
        if (amount <= 0) return;
        tissue[i] = (tissue[i] ?? 0) + amount;
        mask.mark(i, amount);
      });
      return mask.finish();
    },
  };
};
