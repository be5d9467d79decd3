import { LesionMask } from '../lesion-mask.ts';
import type { LesionModel } from '../lesion.ts';
import { paintPatch, pointInLung } from '../opacity.ts';
import { Noise } from '../shapes.ts';
import { openBronchi } from './consolidation.ts';

/** A segment that is filled in its middle and runs out into patches, mostly in one lower or middle field. */
export const pneumonia: LesionModel = ({ site, visit }) => {
  const noise = new Noise(site, 1.5);
  const side = site.side();
  const [across, down] = [site.between(0.15, 0.65), site.between(0.4, 1)];
  const core = { rx: site.between(2, 4), ry: site.between(1.8, 3.6), turn: site.between(-0.6, 0.6) };
  const satellites = Array.from({ length: site.integer(1, 3) }, () => ({
    across: Math.min(0.9, across + site.between(-0.3, 0.3)),
    down: Math.min(1, down + site.between(-0.2, 0.2)),
    rx: site.between(1, 2),
    ry: site.between(1, 2),
  }));
  const thick = visit.logBetween(2.2, 7);
  return {
    paint: (scene) => {
      const mask = new LesionMask(scene.grid.length);
      const middle = { ...core, ...pointInLung(scene.anatomy, { side, across, down }), thick };
      const patch = { ...middle, ragged: 0.4, soft: 0.45, mottled: 0.35 };
      paintPatch(scene, side, patch, noise, mask);
      openBronchi(scene, side, patch, visit);
      for (const satellite of satellites) {
        const at = pointInLung(scene.anatomy, { side, ...satellite });
        const look = { thick: 0.6 * thick, ragged: 0.5, soft: 0.5, mottled: 0.5 };
        paintPatch(scene, side, { ...satellite, ...at, ...look }, noise, mask);
      }
      return mask.finish();
    },
  };
};
