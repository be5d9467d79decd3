import { lungShape } from './anatomy.ts';
import type { Draws } from './draws.ts';
import type { Scene } from './scene.ts';
import { addTube, eachInEllipse } from './shapes.ts';
import type { LinePoint } from './shapes.ts';

/** The stomach's bubble below the left diaphragm, and now and then gas in the bowel. */
export function addAbdominalGas(scene: Scene, draws: Draws): void {
  const { anatomy, grid, solid, lungOf } = scene;
  const { dome } = lungShape(anatomy, 1);
  const bubbles = [
    {
      x: draws.between(0.4, 0.62) * anatomy.chest,
      y: dome + draws.between(2, 3.4),
      rx: draws.between(1.2, 3.6),
      ry: draws.between(0.8, 2),
      turn: draws.between(-0.3, 0.3),
      depth: draws.between(2, 7),
    },
    ...Array.from({ length: draws.chance(0.4) ? draws.integer(1, 5) : 0 }, () => ({
      x: draws.between(-0.1, 0.9) * anatomy.chest,
      y: dome + draws.between(3.5, 9),
      rx: draws.between(0.8, 2.2),
      ry: draws.between(0.6, 1.3),
      turn: draws.between(-1, 1),
      depth: draws.between(1.5, 4),
    })),
  ];
  for (const bubble of bubbles) {
    eachInEllipse(grid, bubble, 1, (i, r) => {
      if (lungOf[i] === 0) solid[i] = (solid[i] ?? 0) - bubble.depth * Math.sqrt(1 - r * r);
    });
  }
}

/** What lies on or in patients in bed: electrodes with their cables, a catheter, a tube in the trachea or the stomach. */
export function addDevices(scene: Scene, draws: Draws): void {
  if (!draws.chance(scene.study.view === 'AP' ? 0.65 : 0.06)) return;
  const { anatomy, grid, solid } = scene;
  const { chest, apex } = anatomy;
  const metal = (thick: number) => () => thick;
  for (let k = draws.integer(0, 3); k > 0; k--) {
    const x = draws.between(-0.9, 0.9) * chest;
    const y = draws.between(apex + 2, 8);
    eachInEllipse(grid, { x, y, rx: 0.55, ry: 0.55 }, 1, (i, r) => {
      solid[i] = (solid[i] ?? 0) + (r > 0.55 ? 2.2 : 1);
    });
    const end = { x: x + draws.between(-9, 9), y: y + draws.between(5, 16) };
    const sag = draws.between(-4, 4);
    addTube(grid, solid, arc([x, y], [end.x, end.y], sag, 0.09), metal(1.7));
  }
  if (draws.chance(0.35)) {
    const side = draws.side();
    const tip = draws.between(-2, 2.5);
    const way: LinePoint[] = [
      ...arc([side * 0.75 * chest, apex + 1.2], [-0.5 * anatomy.mediastinum, -7], side * 1.5, 0.1),
      [-0.62 * anatomy.mediastinum, tip, 0.1],
    ];
    addTube(grid, solid, way, metal(1.5));
  }
  if (draws.chance(0.3)) {
    const tip = draws.between(-8.5, -5);
    for (const wall of [-0.3, 0.3])
      addTube(
        grid,
        solid,
        [
          [wall, -24, 0.07],
          [wall, tip, 0.07],
        ],
        metal(1.1),
      );
  }
  if (draws.chance(0.25)) {
    const stomach = lungShape(anatomy, 1).dome + 4;
    const way: LinePoint[] = [[0.3, -24, 0.12], ...arc([0.3, 2], [0.4 * chest, stomach], 0.8, 0.12)];
    addTube(grid, solid, way, metal(1.4));
  }
}

function arc(
  from: readonly [number, number],
  to: readonly [number, number],
  sag: number,
  radius: number,
): readonly LinePoint[] {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy) || 1;
  return Array.from({ length: 15 }, (_, k) => {
    const t = k / 14;
    const off = (4 * sag * t * (1 - t)) / length;
    return [from[0] + dx * t - dy * off, from[1] + dy * t + dx * off, radius] as const;
  });
}
