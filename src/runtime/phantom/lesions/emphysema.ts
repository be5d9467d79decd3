import { LesionMask } from '../lesion-mask.ts';
import type { LesionModel } from '../lesion.ts';
import { pointInLung } from '../opacity.ts';
import { eachInLung } from '../scene.ts';
import { eachInEllipse } from '../shapes.ts';

/** Blown-up lungs: long, with a low flat diaphragm, a narrow heart, few vessels, and bullae. The lesion is both lungs. */
export const emphysema: LesionModel = ({ site, visit }) => {
  const degree = site.between(0.45, 1);
  const bullae = Array.from({ length: site.integer(0, 3) }, () => ({
    place: { side: site.side(), across: site.between(0.4, 0.85), down: site.between(0.05, 0.45) },
    radius: site.between(1.2, 3),
  }));
  const breath = visit.between(0.9, 1.1);
  return {
    reshape: (anatomy) => {
      const flat = (lung: typeof anatomy.left) => ({
        ...lung,
        dome: lung.dome + 2.4 * degree * breath,
        curve: lung.curve * (1 - 0.65 * degree),
      });
      return {
        ...anatomy,
        right: flat(anatomy.right),
        left: flat(anatomy.left),
        aeration: anatomy.aeration + 0.12 * degree,
        vascularity: anatomy.vascularity * (1 - 0.45 * degree),
        heart: { size: anatomy.heart.size * (1 - 0.14 * degree), tilt: anatomy.heart.tilt * 0.4 },
      };
    },
    paint: (scene) => {
      const { anatomy, grid, aeration, vessels, tissue, air } = scene;
      for (const { place, radius } of bullae) {
        const at = pointInLung(anatomy, place);
        eachInEllipse(grid, { ...at, rx: radius, ry: 1.15 * radius }, 1, (i, r) => {
          if ((air[i] ?? 0) <= 0) return;
          aeration[i] = Math.max(aeration[i] ?? 0, 0.93 - 0.1 * r);
          vessels[i] = 0.15 * (vessels[i] ?? 0);
          if (r > 0.94) tissue[i] = (tissue[i] ?? 0) + 0.45;
        });
      }
      return ([-1, 1] as const).flatMap((side) => {
        const mask = new LesionMask(grid.length);
        eachInLung(scene, side, (i) => mask.mark(i, 1));
        return mask.finish();
      });
    },
  };
};
