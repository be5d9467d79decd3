import { hilum } from './anatomy.ts';
import type { Anatomy } from './anatomy.ts';
import type { Draws } from './draws.ts';
import type { Scene } from './scene.ts';
import { addTube, eachInEllipse } from './shapes.ts';
import type { Ellipse } from './shapes.ts';

/** Fills `tissue` with the heart and the great vessels, `solid` with the airways, and takes what they cover from `lungOf`. */
export function fillMediastinum(scene: Scene): void {
  const { anatomy, grid, tissue, lungOf, heart } = scene;
  for (const ellipse of heartEllipses(anatomy)) {
    eachInEllipse(grid, ellipse, 1, (i, r) => {
      tissue[i] = Math.max(tissue[i] ?? 0, 11 * (1 - r * r) ** 0.4);
      heart[i] = 1;
      lungOf[i] = 0;
    });
  }
  for (const ellipse of greatVessels(anatomy)) {
    eachInEllipse(grid, ellipse, 1, (i, r) => {
      tissue[i] = Math.max(tissue[i] ?? 0, 7 * Math.sqrt(1 - r * r));
      if (r < 0.9) lungOf[i] = 0;
    });
  }
}

/** Right atrium and left ventricle. */
export function heartEllipses({ heart: { size, tilt }, right, left }: Anatomy): readonly Ellipse[] {
  const low = (right.dome + left.dome) / 2 - 9;
  return [
    { x: -1.3 * size, y: 5 + low, rx: 3.3 * size, ry: 5 * size },
    { x: 2.5 * size, y: 5.2 + low, rx: 6.4 * size, ry: 4.5 * size, turn: 0.95 - 0.5 * tilt },
    { x: 0.7 * size, y: 1 + low, rx: 3.6 * size, ry: 5.2 * size },
  ];
}

function greatVessels({ mediastinum: m, aorta, apex }: Anatomy): readonly Ellipse[] {
  return [
    // Superior vena cava and ascending aorta, the knob of the aortic arch, the trunk of the pulmonary artery.
    { x: -0.35 * m, y: -4.5, rx: 0.75 * m, ry: 6.5 },
    { x: 0.45 * m, y: -6 + 0.6 * aorta, rx: (0.62 + 0.25 * aorta) * m, ry: 1.9 },
    { x: 0.55 * m, y: -2.6, rx: 0.65 * m, ry: 2.2 },
    // What lies between the lungs above them.
    { x: 0, y: apex + 3, rx: 0.85 * m, ry: 7.5 },
  ];
}

/** Trachea and main bronchi: gas in front of the spine. */
export function addAirways({ anatomy, grid, solid }: Scene, draws: Draws): void {
  const { mediastinum: m, apex } = anatomy;
  const shift = draws.between(-0.3, 0.3);
  const carina = -3.6;
  const tube = (d: number, radius: number) => 1.9 * Math.sqrt(1 - (d / radius) ** 2);
  const gas = new Float32Array(solid.length);
  addTube(
    grid,
    gas,
    [
      [shift, apex - 9, 0.85],
      [shift, apex, 0.85],
      [shift - 0.2, carina, 0.85],
    ],
    tube,
  );
  addTube(
    grid,
    gas,
    [
      [shift - 0.2, carina, 0.65],
      [-0.95 * m, carina + 2.2, 0.55],
    ],
    tube,
  );
  addTube(
    grid,
    gas,
    [
      [shift - 0.2, carina, 0.6],
      [1.05 * m, carina + 2, 0.5],
    ],
    tube,
  );
  for (let i = 0; i < solid.length; i++) solid[i] = (solid[i] ?? 0) - (gas[i] ?? 0);
}

/** The shadows of the hila: lymph nodes and the first divisions of the vessels. */
export function addHila({ anatomy, grid, vessels }: Scene, draws: Draws): void {
  for (const side of [-1, 1] as const) {
    const { x, y } = hilum(anatomy, side);
    for (let k = 0; k < 4; k++) {
      const ellipse = {
        x: x + side * draws.between(-0.5, 0.7),
        y: y + draws.between(-1.6, 2.2),
        rx: draws.between(0.6, 1.1),
        ry: draws.between(0.8, 1.7),
        turn: side * draws.between(-0.6, 0.2),
      };
      eachInEllipse(grid, ellipse, 1, (i, r) => {
        vessels[i] = Math.max(vessels[i] ?? 0, 3.2 * Math.sqrt(1 - r * r));
      });
    }
  }
}
