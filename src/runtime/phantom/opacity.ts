import { lateralWall, lungShape } from './anatomy.ts';
import type { Anatomy } from './anatomy.ts';
import type { Side } from './draws.ts';
import type { LesionMask } from './lesion-mask.ts';
import type { Scene } from './scene.ts';
import { eachInEllipse, smoothStep } from './shapes.ts';
import type { Ellipse, Noise } from './shapes.ts';

/** A place in a lung: 0 to 1 from the mediastinum to the chest wall, and from the apex to the diaphragm. */
export interface LungPlace {
  readonly side: Side;
  readonly across: number;
  readonly down: number;
}

/** The point of the body at a place in a lung, beside the heart where that is wide. */
export function pointInLung(
  anatomy: Anatomy,
  { side, across, down }: LungPlace,
): { readonly x: number; readonly y: number } {
  const shape = lungShape(anatomy, side);
  const height = shape.dome + 0.4 * shape.curve - anatomy.apex;
  const y = anatomy.apex + 0.06 * height + 0.92 * height * down;
  const wall = lateralWall(anatomy, y);
  const heart = side === 1 ? 6.6 * smoothStep(-1, 5, y) : 3.6 * smoothStep(-1, 4, y);
  const inner = Math.min(0.8 * wall, Math.max(1.1 * anatomy.mediastinum, heart * anatomy.heart.size));
  return { x: side * (inner + (wall - inner) * across), y };
}

export interface Patch extends Ellipse {
  /** How much tissue is in its middle, in centimetres of water. */
  readonly thick: number;
  /** 0: an even border; 1: torn, with islands. */
  readonly ragged: number;
  /** How far the border runs out, as a share of the radius. */
  readonly soft: number;
  /** How uneven the inside is, from 0 to 1. */
  readonly mottled: number;
}

/** A filling of air spaces inside one lung. */
export function paintPatch(scene: Scene, side: Side, patch: Patch, noise: Noise, mask: LesionMask): void {
  const { grid, tissue, air, lungOf } = scene;
  eachInEllipse(grid, patch, 1 + patch.soft + patch.ragged, (i, r, x, y) => {
    const available = air[i] ?? 0;
    if (available <= 0) return;
    const roughness = noise.at(x, y);
    const edge = 1 - smoothStep(1 - patch.soft, 1 + patch.soft, r + 0.8 * patch.ragged * roughness);
    const inside = 1 - patch.mottled * (0.5 + 0.5 * noise.at(2.7 * x + 40, 2.7 * y));
    const amount = Math.min(available, patch.thick * edge * inside);
    if (amount <= 0) return;
    tissue[i] = (tissue[i] ?? 0) + amount;
    if (lungOf[i] === side) mask.mark(i, amount);
  });
}
