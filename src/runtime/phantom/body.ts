import type { Draws } from './draws.ts';
import type { Scene } from './scene.ts';
import { eachInEllipse, smoothStep } from './shapes.ts';

/** Fills `body`: neck, shoulders, trunk, arms and breasts, as if lungs were water. */
export function fillBody(scene: Scene, draws: Draws): void {
  const { anatomy, grid, body, study } = scene;
  const { chest, depth, wall, apex } = anatomy;
  const trunk = chest + wall + 0.9;
  const neck = 0.42 * chest;
  const shoulder = trunk + draws.between(2.6, 4.5);
  const slope = draws.between(3, 4.6);
  const asymmetry = draws.between(-0.8, 0.8);
  grid.everywhere((i, x, y) => {
    const top = y - asymmetry * (x / chest);
    // Half the width, from the neck over the shoulders to the flanks.
    const toShoulders = smoothStep(apex - slope - 1.5, apex + 2.5, top);
    const toFlanks = smoothStep(apex + 4, apex + 13, y);
    const width = neck + (shoulder - neck) * toShoulders - (shoulder - trunk) * toFlanks;
    const q = (x / width) ** 2;
    if (q >= 1) return;
    const thick = depth * (0.56 + 0.12 * toShoulders + 0.32 * smoothStep(apex, apex + 8, y));
    body[i] = thick * Math.sqrt(1 - q * q) * (1 + 0.05 * smoothStep(6, 14, y));
  });
  if (study.view === 'AP' || draws.chance(0.25)) addArms(scene, trunk, draws);
  if (anatomy.breasts > 0) addBreasts(scene, draws);
}

function addArms({ anatomy, grid, body }: Scene, trunk: number, draws: Draws): void {
  for (const side of [-1, 1] as const) {
    const away = draws.between(0.05, 0.3);
    const radius = 0.3 * anatomy.chest + 0.5 * anatomy.wall;
    const top = anatomy.apex + 2;
    const box = { left: -40, right: 40, top, bottom: 30 };
    grid.each(box, (i, x, y) => {
      const d = (side * x - trunk - 0.7 * radius - away * (y - top)) / radius;
      if (d * d < 1) {
        const arm = 1.7 * radius * Math.sqrt(1 - d * d) * smoothStep(top, top + 3, y);
        body[i] = Math.max(body[i] ?? 0, 0.75 * (body[i] ?? 0) + arm);
      }
    });
  }
}

function addBreasts({ anatomy, grid, body }: Scene, draws: Draws): void {
  const { chest, breasts } = anatomy;
  const y = draws.between(3.5, 6.5);
  for (const side of [-1, 1] as const) {
    const ellipse = {
      x: side * chest * draws.between(0.6, 0.68),
      y: y + draws.between(-0.4, 0.4),
      rx: chest * (0.4 + 0.08 * breasts),
      ry: chest * (0.36 + 0.14 * breasts),
    };
    const thick = 4 * breasts;
    eachInEllipse(grid, ellipse, 1, (i, r, _x, py) => {
      // The lower border is the sharp one: above, the breast runs out into the chest wall.
      const lower = smoothStep(ellipse.y - ellipse.ry, ellipse.y + 0.5 * ellipse.ry, py);
      body[i] = (body[i] ?? 0) + thick * lower * Math.sqrt(1 - r * r);
    });
  }
}
