import { diaphragm, hilum, lungShape } from '../anatomy.ts';
import type { Anatomy } from '../anatomy.ts';
import type { Side } from '../draws.ts';
import { LesionMask } from '../lesion-mask.ts';
import type { LesionModel, LesionPlan } from '../lesion.ts';
import { pointInLung } from '../opacity.ts';
import { eachInLung } from '../scene.ts';
import { addTube, Noise, smoothStep } from '../shapes.ts';

/**
 * Collapsed lung: either plates, nearly horizontal bands above the diaphragm, or a wedge from the hilum to the base. Both
 * take volume: the diaphragm of that side stands higher.
 */
export const atelectasis: LesionModel = ({ site, visit }) => {
  const side = site.side();
  const shown = visit.logBetween(0.7, 2.4);
  if (site.chance(0.55)) {
    const plates = Array.from({ length: site.integer(1, 3) }, () => ({
      across: site.between(0.15, 0.55),
      down: site.between(0.65, 0.98),
      half: site.between(1.5, 3.8),
      tilt: site.between(-0.35, 0.35),
      radius: site.between(0.18, 0.42),
    }));
    return {
      reshape: (anatomy) => raiseDiaphragm(anatomy, side, 0.8),
      paint: ({ anatomy, grid, tissue, air, lungOf }) =>
        plates.flatMap(({ half, tilt, radius, ...place }) => {
          const { x, y } = pointInLung(anatomy, { side, ...place });
          const band = new Float32Array(grid.length);
          const ends = [
            [x - half * Math.cos(tilt), y - half * Math.sin(tilt), 0.7 * radius],
            [x, y, radius],
            [x + half * Math.cos(tilt), y + half * Math.sin(tilt), 0.5 * radius],
          ] as const;
          addTube(grid, band, ends, (d, r) => 2.6 * shown * (1 - (d / r) ** 2));
          const mask = new LesionMask(grid.length);
          band.forEach((amount, i) => {
            if (amount === 0 || (air[i] ?? 0) <= 0) return;
            tissue[i] = (tissue[i] ?? 0) + amount;
            if (lungOf[i] === side) mask.mark(i, amount);
          });
          return mask.finish();
        }),
    };
  }
  return wedge(side, site.between(0.35, 0.75), shown, new Noise(site, 2.4));
};

function wedge(side: Side, width: number, shown: number, noise: Noise): LesionPlan {
  return {
    reshape: (anatomy) => raiseDiaphragm(anatomy, side, 2),
    paint: (scene) => {
      const { anatomy, grid, tissue, air } = scene;
      const mask = new LesionMask(grid.length);
      const tip = hilum(anatomy, side);
      const base = diaphragm(anatomy, lungShape(anatomy, side), 0.5 * anatomy.chest);
      eachInLung(scene, side, (i, x, y) => {
        const down = (y - tip.y) / (base - tip.y);
        if (down < 0) return;
        const edge = Math.abs(tip.x) + width * anatomy.chest * down;
        const inside =
          smoothStep(-0.5, 0.7, edge - Math.abs(x) + 0.6 * noise.at(x, y)) * smoothStep(0, 0.5, down);
        const amount = Math.min(air[i] ?? 0, 3 * shown * inside);
        if (amount <= 0) return;
        tissue[i] = (tissue[i] ?? 0) + amount;
        mask.mark(i, amount);
      });
      return mask.finish();
    },
  };
}

/** Lifts the diaphragm of one side by so many centimetres. */
export function raiseDiaphragm(anatomy: Anatomy, side: Side, by: number): Anatomy {
  const lift = (lung: Anatomy['left']) => ({ ...lung, dome: lung.dome - by });
  return side === -1 ? { ...anatomy, right: lift(anatomy.right) } : { ...anatomy, left: lift(anatomy.left) };
}
