import { costophrenicAngle, lateralWall, lungShape } from '../anatomy.ts';
import type { Side } from '../draws.ts';
import { LesionMask } from '../lesion-mask.ts';
import type { LesionModel } from '../lesion.ts';
import { eachThroughLung } from '../scene.ts';
import type { Scene } from '../scene.ts';
import { smoothStep } from '../shapes.ts';

/**
 * Fluid between lung and chest wall. Upright it fills the costophrenic angle and climbs the wall as a meniscus; in patients
 * lying down it can spread behind the lung and veil it.
 */
export const effusion: LesionModel = ({ site, visit }, { view }) => {
  const first = site.side();
  const sides: readonly Side[] = site.chance(0.35) ? [-1, 1] : [first];
  const heights = sides.map(() => visit.logBetween(1.1, 8));
  const lying = view === 'AP' && visit.chance(0.35);
  return {
    paint: (scene) =>
      sides.flatMap((side, k) => {
        const height = heights[k] ?? 1;
        const mask = new LesionMask(scene.grid.length);
        if (lying) paintVeil(scene, side, height, mask);
        paintMeniscus(scene, side, lying ? 0.5 * height : height, mask);
        return mask.finish();
      }),
  };
};

function paintMeniscus(scene: Scene, side: Side, height: number, mask: LesionMask): void {
  const { anatomy, tissue, air, lungOf, grid } = scene;
  const angle = costophrenicAngle(anatomy, lungShape(anatomy, side));
  const level = angle.y - height;
  eachThroughLung(scene, side, (i, x, y) => {
    const across = Math.min(1, Math.abs(x) / lateralWall(anatomy, y));
    const top = level - (0.6 + 0.28 * height) * across ** 5 + 0.25 * height * (1 - across);
    const filled = smoothStep(-0.5, 1.1, y - top);
    if (filled <= 0) return;
    const amount = (air[i] ?? 0) * filled;
    tissue[i] = (tissue[i] ?? 0) + amount;
    if (lungOf[i] === side) mask.mark(i, Math.min(1, 4 * filled));
  });
  // The angle itself, also where the fluid is too low to reach any pixel of lung.
  grid.each({ left: angle.x - 0.7, right: angle.x + 0.7, top: angle.y - 1.1, bottom: angle.y }, (i) => {
    if (lungOf[i] === side) mask.mark(i, 1);
  });
}

function paintVeil(scene: Scene, side: Side, height: number, mask: LesionMask): void {
  const { tissue, air, lungOf } = scene;
  eachThroughLung(scene, side, (i, _x, y) => {
    const amount = Math.min(air[i] ?? 0, 0.55 * height * smoothStep(-6, 9, y));
    tissue[i] = (tissue[i] ?? 0) + amount;
    if (lungOf[i] === side) mask.mark(i, 0.25 * amount);
  });
}
