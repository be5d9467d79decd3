import { LesionMask } from '../lesion-mask.ts';
import type { LesionModel } from '../lesion.ts';

/** A heart wider than half of the chest. The lesion is the heart. */
export const cardiomegaly: LesionModel = ({ site, visit }) => {
  const growth = site.between(1.16, 1.42) * visit.between(0.98, 1.02);
  return {
    reshape: (anatomy) => ({
      ...anatomy,
      heart: { size: anatomy.heart.size * growth, tilt: Math.min(1, anatomy.heart.tilt + 0.25) },
    }),
    paint: ({ grid, heart, air }) => {
      const mask = new LesionMask(grid.length);
      heart.forEach((there, i) => {
        if (there === 1 && (air[i] ?? 0) > 0) mask.mark(i, 1);
      });
      return mask.finish();
    },
  };
};
