import type { Draws, Side } from './draws.ts';
import type { Study } from './studies.ts';

/**
 * The shape of a patient, in centimetres of the body: x from the midline to the patient's left (the right of the image), y
 * downwards from the middle of the chest.
 */
export interface Anatomy {
  readonly sex: 'M' | 'F';
  /** Half the inner width of the chest at its widest. */
  readonly chest: number;
  /** Height of the apices of the lungs. */
  readonly apex: number;
  readonly right: LungShape;
  readonly left: LungShape;
  /** From front to back, with its wall. */
  readonly depth: number;
  /** How thick fat and muscle are beside the ribs. */
  readonly wall: number;
  /** The share of a lung that is air. */
  readonly aeration: number;
  /** How many vessels are seen, 1 being usual. */
  readonly vascularity: number;
  readonly heart: Heart;
  /** Half the width of the mediastinum above the heart. */
  readonly mediastinum: number;
  /** 0 to 1: how far the aortic knob stands out; it does with age. */
  readonly aorta: number;
  /** 0 to 1.6; 0 for none. */
  readonly breasts: number;
  /** How far the spine bends to a side. */
  readonly scoliosis: number;
}

export interface LungShape {
  readonly side: Side;
  /** The highest point of the diaphragm. */
  readonly dome: number;
  /** How far the diaphragm falls from there to the chest wall. */
  readonly curve: number;
}

export interface Heart {
  /** 1 is usual; from 1.2 on the heart is wider than half of the chest. */
  readonly size: number;
  /** 0: upright and narrow, 1: lying on the diaphragm. */
  readonly tilt: number;
}

/** Draws from the patient's own numbers, so that all images of a patient show the same body. */
export function drawAnatomy({ sex, age }: Study, draws: Draws): Anatomy {
  const growth = age < 16 ? 0.6 + (0.35 * age) / 16 : 1;
  const build = (sex === 'M' ? 1.02 : 0.93) * growth * (1 + 0.05 * draws.normal());
  const stout = Math.max(0, Math.min(1, 0.35 + 0.25 * draws.normal()));
  const dome = build * (9.2 - 1.6 * stout + 0.8 * draws.normal());
  return {
    sex,
    chest: build * (12.8 + 0.6 * stout),
    apex: -12.6 * build,
    right: { side: -1, dome, curve: build * draws.between(3.2, 4.6) },
    left: { side: 1, dome: dome + build * draws.between(0.4, 1.6), curve: build * draws.between(3.2, 4.6) },
    depth: build * (20 + 6 * stout),
    wall: build * (1.6 + 2.6 * stout),
    aeration: 0.71 + 0.02 * draws.normal(),
    vascularity: draws.between(0.8, 1.2),
    heart: { size: build * draws.between(0.92, 1.08), tilt: draws.between(0.2, 0.5) + 0.5 * stout },
    mediastinum: build * draws.between(2.3, 2.9),
    aorta: Math.max(0, Math.min(1, (age - 25) / 50 + 0.2 * draws.normal())),
    breasts: sex === 'F' && age > 13 ? draws.between(0.3, 1.1) + 0.4 * stout : 0,
    scoliosis: draws.chance(0.12) ? 1.6 * draws.normal() : 0.25 * draws.normal(),
  };
}

/**
 * The same body from front to back, lying or sitting in bed: the heart is further from the film and magnified, breath is
 * shallower and the diaphragm higher.
 */
export function asPortable(anatomy: Anatomy, draws: Draws): Anatomy {
  const raise = draws.between(0.5, 2.6);
  return {
    ...anatomy,
    right: { ...anatomy.right, dome: anatomy.right.dome - raise },
    left: { ...anatomy.left, dome: anatomy.left.dome - raise },
    heart: { ...anatomy.heart, size: anatomy.heart.size * draws.between(1.04, 1.12) },
    mediastinum: anatomy.mediastinum * 1.1,
    aeration: anatomy.aeration - 0.02,
  };
}

export function lungShape(anatomy: Anatomy, side: Side): LungShape {
  return side === -1 ? anatomy.right : anatomy.left;
}

/** The distance of the chest wall from the midline at height y; 0 above the apex. */
export function lateralWall({ chest, apex }: Anatomy, y: number): number {
  const dome = 0.68 * (12 - apex);
  const fromApex = y - apex;
  if (fromApex <= 0) return 0;
  const rise = Math.max(0, 1 - fromApex / dome);
  const narrow = 0.3 * chest;
  return narrow + (chest - narrow) * Math.sqrt(1 - rise * rise) + 0.03 * Math.max(0, fromApex - dome);
}

/** The height of the diaphragm at a distance from the midline. */
export function diaphragm({ chest }: Anatomy, { dome, curve }: LungShape, fromMidline: number): number {
  const offset = (fromMidline - 0.47 * chest) / (0.55 * chest);
  return dome + curve * offset * offset * (offset > 0 ? 1 : 0.55);
}

/** The lowest point of a lung: where diaphragm and chest wall meet. */
export function costophrenicAngle(
  anatomy: Anatomy,
  lung: LungShape,
): { readonly x: number; readonly y: number } {
  const x = lateralWall(anatomy, lung.dome + lung.curve);
  return { x: lung.side * x, y: diaphragm(anatomy, lung, x) };
}

/** Where the vessels of a lung come from; the left hilum is the higher one. */
export function hilum(anatomy: Anatomy, side: Side): { readonly x: number; readonly y: number } {
  return { x: side * 1.32 * anatomy.mediastinum, y: side === 1 ? -1.6 : -0.5 };
}
