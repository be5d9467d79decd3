import { lateralWall } from './anatomy.ts';
import type { Draws, Side } from './draws.ts';
import type { Scene } from './scene.ts';
import { addTube, eachInEllipse } from './shapes.ts';
import type { LinePoint } from './shapes.ts';

/** Adds spine, ribs, collarbones, shoulder blades and the heads of the upper arms to `solid`. */
export function addBones(scene: Scene, draws: Draws): void {
  addSpine(scene, draws);
  const density = draws.between(0.75, 1.15);
  for (const side of [-1, 1] as const) {
    addRibs(scene, side, density, draws);
    addShoulder(scene, side, density, draws);
  }
}

/** A bone's hard shell seen along it: brighter at the rims than in the middle. */
function shell(thick: number): (d: number, radius: number) => number {
  return (d, radius) => {
    const q = d / radius;
    const edge = q > 0.85 ? (1 - q) / 0.15 : 1;
    return thick * edge * (0.62 + 0.38 * q * q * q * q);
  };
}

function addSpine({ anatomy, grid, solid }: Scene, draws: Draws): void {
  const { scoliosis, chest } = anatomy;
  const half = 0.125 * chest;
  const height = 0.185 * chest;
  const phase = draws.uniform();
  grid.each({ left: -half - 4, right: half + 4, top: -30, bottom: 30 }, (i, x, y) => {
    const bend = scoliosis * Math.sin((y + 4) / 7);
    const q = Math.abs(x - bend) / half;
    if (q > 1.45) return;
    const level = y / height + phase;
    const disc = Math.abs(level - Math.round(level)) < 0.09 ? 0.55 : 1;
    const vertebra = q < 1 ? 1.35 * disc * (0.75 + 0.25 * q ** 6) : 0;
    const pedicle = Math.abs(q - 0.62) < 0.16 && Math.abs(level - Math.floor(level) - 0.35) < 0.14 ? 0.7 : 0;
    const process = q >= 1 && Math.abs(level - Math.floor(level) - 0.4) < 0.16 ? 0.7 * (1.45 - q) : 0;
    const spinous = q < 0.18 && Math.abs(level - Math.floor(level) - 0.75) < 0.16 ? 0.6 : 0;
    solid[i] = (solid[i] ?? 0) + vertebra + pedicle + process + spinous;
  });
}

const ribPairs = 10;

function addRibs({ anatomy, grid, solid }: Scene, side: Side, density: number, draws: Draws): void {
  const { apex, chest } = anatomy;
  const spacing = 0.176 * chest * draws.between(0.97, 1.03);
  const drop = chest * draws.between(0.15, 0.24);
  for (let rib = 0; rib < ribPairs; rib++) {
    const start = apex - 0.5 + spacing * rib;
    const outer = (y: number) => Math.max(0.35 * chest, lateralWall(anatomy, Math.max(apex + 0.4, y)) + 0.15);
    const radius = 0.047 * chest * (rib < 2 ? 1.1 : 1);
    const back = curve(24, (s) => {
      const y =
        start -
        0.09 * chest * Math.sin(Math.PI * Math.min(1, 1.25 * s)) +
        drop * (0.6 + 0.04 * rib) * s ** 2.2;
      return [side * (1.3 + (outer(y) - 1.3) * s), y, radius * (0.85 + 0.25 * s)];
    });
    addTube(grid, solid, back, shell(1.5 * density));
    const turn = back.at(-1)?.[1] ?? start;
    if (rib > 6) continue;
    // The front part runs down to the breastbone, is broader and shows less; its end is cartilage, which does not show.
    const front = curve(18, (s) => {
      const y = turn + (0.62 * chest - 0.1 * rib) * (1 - (1 - s) ** 1.6) * 0.62;
      const x = outer(y) * (1 - s) + (0.3 + 0.03 * rib) * chest * s;
      return [side * Math.min(x + 0.25 * chest * s * (1 - s), outer(y)), y, radius * (1 + 0.25 * s)];
    });
    addTube(grid, solid, front, shell(0.8 * density));
  }
}

function addShoulder({ anatomy, grid, solid }: Scene, side: Side, density: number, draws: Draws): void {
  const { chest, apex } = anatomy;
  const lift = draws.between(-0.6, 1.6);
  const joint = { x: side * 1.34 * chest, y: apex + 1 - 0.4 * lift };
  const collarbone = curve(20, (s) => [
    side * (1.6 + (1.24 * chest - 1.6) * s),
    apex + 2.4 - (2 + lift) * s + 0.5 * Math.sin(2 * Math.PI * s),
    0.052 * chest * (1 + 0.35 * (2 * s - 1) ** 2),
  ]);
  addTube(grid, solid, collarbone, shell(2 * density));
  eachInEllipse(grid, { ...joint, rx: 2.3, ry: 2.5 }, 1, (i, r) => {
    solid[i] = (solid[i] ?? 0) + 2.2 * density * Math.min(1, 4 * (1 - r)) * Math.sqrt(1 - 0.7 * r * r);
  });
  const arm = { x: joint.x + side * draws.between(1.5, 4.5), y: joint.y + 14 };
  addTube(
    grid,
    solid,
    [
      [joint.x + side * 0.6, joint.y + 1.2, 1.4],
      [joint.x + side * 1, joint.y + 4, 1.15],
      [arm.x, arm.y, 1.15],
    ],
    shell(1.7 * density),
  );
  // The inner edge of the shoulder blade, over the lung or beside it, and its spine.
  const blade = side * chest * draws.between(0.86, 1.08);
  addTube(
    grid,
    solid,
    [
      [blade - side * 0.6, apex + 2.2, 0.35],
      [blade, apex + 7, 0.3],
      [blade + side * 0.9, apex + 12, 0.4],
      [joint.x - side * 1.6, apex + 5, 0.55],
    ],
    shell(0.5 * density),
  );
  addTube(
    grid,
    solid,
    [
      [blade, apex + 4, 0.4],
      [joint.x, joint.y - 1.6, 0.55],
    ],
    shell(0.45 * density),
  );
}

function curve(pieces: number, at: (s: number) => LinePoint): readonly LinePoint[] {
  return Array.from({ length: pieces + 1 }, (_, k) => at(k / pieces));
}
