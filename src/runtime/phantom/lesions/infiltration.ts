import { LesionMask } from '../lesion-mask.ts';
import type { LesionModel } from '../lesion.ts';
import { paintPatch, pointInLung } from '../opacity.ts';
import { Noise } from '../shapes.ts';

/** One to four ill-defined, uneven, faint patches, on one or both sides, more often below. */
export const infiltration: LesionModel = ({ site, visit }) => {
  const noise = new Noise(site, 1.7);
  const side = site.side();
  const bothSides = site.chance(0.4);
  const patches = Array.from({ length: site.integer(1, 4) }, (_, k) => ({
    side: bothSides && k % 2 === 1 ? (-side as typeof side) : side,
    across: site.between(0.1, 0.75),
    down: site.between(0.3, 1) ** 0.8,
    rx: site.between(1.4, 3.6),
    ry: site.between(1.4, 3.8),
    turn: site.between(-0.8, 0.8),
  }));
  const thick = visit.logBetween(1.6, 5);
  return {
    paint: (scene) =>
      patches.flatMap((patch) => {
        const mask = new LesionMask(scene.grid.length);
        const at = pointInLung(scene.anatomy, patch);
        paintPatch(
          scene,
          patch.side,
          { ...patch, ...at, thick, ragged: 0.5, soft: 0.6, mottled: 0.7 },
          noise,
          mask,
        );
        return mask.finish();
      }),
  };
};
