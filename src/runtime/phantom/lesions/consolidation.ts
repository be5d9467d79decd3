import { LesionMask } from '../lesion-mask.ts';
import type { LesionModel } from '../lesion.ts';
import { paintPatch, pointInLung } from '../opacity.ts';
import type { Scene } from '../scene.ts';
import { addTube, Noise } from '../shapes.ts';
import type { Patch } from '../opacity.ts';
import type { Draws, Side } from '../draws.ts';

/** A dense, even filling of a segment or lobe, with a border on the side of a fissure and bronchi that stay open in it. */
export const consolidation: LesionModel = ({ site, visit }) => {
  const noise = new Noise(site, 2.2);
  const place = { side: site.side(), across: site.between(0.15, 0.6), down: site.between(0.2, 1) };
  const extent = site.logBetween(2.4, 5);
  const patch = {
    rx: extent * site.between(0.8, 1.2),
    ry: extent * site.between(0.6, 1.1),
    turn: site.between(-0.5, 0.5),
    thick: visit.logBetween(4, 10),
    ragged: 0.22,
    soft: 0.22,
    mottled: 0.2,
  };
  const bronchi = site.chance(0.6);
  return {
    paint: (scene) => {
      const mask = new LesionMask(scene.grid.length);
      const filled = { ...patch, ...pointInLung(scene.anatomy, place) };
      paintPatch(scene, place.side, filled, noise, mask);
      if (bronchi) openBronchi(scene, place.side, filled, visit);
      return mask.finish();
    },
  };
};

/** Air bronchograms: dark branches in the filled lung. */
export function openBronchi(
  { grid, tissue }: Scene,
  side: Side,
  { x, y, rx, ry, thick }: Patch,
  draws: Draws,
): void {
  const gas = new Float32Array(grid.length);
  for (let k = 0; k < 3; k++) {
    const angle = draws.between(-0.9, 0.9);
    const from = [x - side * 0.7 * rx, y - 0.4 * ry, 0.2] as const;
    const to = [x + side * 0.6 * rx * Math.cos(angle), y + 0.7 * ry * Math.sin(angle), 0.11] as const;
    addTube(grid, gas, [from, to], (d, radius) => 0.35 * thick * Math.sqrt(1 - (d / radius) ** 2));
  }
  gas.forEach((amount, i) => {
    if (amount > 0) tissue[i] = Math.max(0, (tissue[i] ?? 0) - amount);
  });
}
