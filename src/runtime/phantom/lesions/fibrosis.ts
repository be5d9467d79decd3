import { LesionMask } from '../lesion-mask.ts';
import type { LesionModel } from '../lesion.ts';
import { pointInLung } from '../opacity.ts';
import { addTube } from '../shapes.ts';
import type { LinePoint } from '../shapes.ts';
import { raiseDiaphragm } from './atelectasis.ts';

/** A net of fine lines and small rings at the bases and along the chest wall, on both sides, in shrunken lungs. */
export const fibrosis: LesionModel = ({ site, visit }) => {
  const shown = visit.logBetween(0.7, 2);
  const lines = site.integer(40, 120);
  const nets = ([-1, 1] as const).map((side) => ({
    side,
    strokes: Array.from({ length: lines }, () => {
      const across = 1 - 0.75 * site.uniform() ** 1.4;
      return {
        place: { side, across: Math.min(0.97, across), down: 1 - 0.55 * site.uniform() ** 1.5 },
        length: site.between(0.5, 1.7),
        angle: site.between(0, Math.PI),
        ring: site.chance(0.3) ? site.between(0.2, 0.45) : 0,
      };
    }),
  }));
  return {
    reshape: (anatomy) => raiseDiaphragm(raiseDiaphragm(anatomy, -1, 1.2), 1, 1.2),
    paint: ({ anatomy, grid, tissue, air, lungOf }) =>
      nets.flatMap(({ side, strokes }) => {
        const net = new Float32Array(grid.length);
        for (const { place, length, angle, ring } of strokes) {
          const { x, y } = pointInLung(anatomy, place);
          const [dx, dy] = [(length / 2) * Math.cos(angle), (length / 2) * Math.sin(angle)];
          const line: readonly LinePoint[] =
            ring === 0
              ? [
                  [x - dx, y - dy, 0.07],
                  [x + dx, y + dy, 0.07],
                ]
              : circle(x, y, ring);
          addTube(grid, net, line, () => 1.3 * shown);
        }
        const mask = new LesionMask(grid.length);
        net.forEach((amount, i) => {
          if (amount === 0 || (air[i] ?? 0) <= 0) return;
          tissue[i] = (tissue[i] ?? 0) + amount;
          if (lungOf[i] === side) mask.mark(i, Math.min(1, amount));
        });
        return mask.finish();
      }),
  };
};

function circle(x: number, y: number, radius: number): readonly LinePoint[] {
  return Array.from({ length: 9 }, (_, k) => {
    const angle = (2 * Math.PI * k) / 8;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle), 0.06] as const;
  });
}
