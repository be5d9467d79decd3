import type { Anatomy } from './anatomy.ts';
import type { Draws } from './draws.ts';
import type { Finding } from './prevalence.ts';
import type { Scene } from './scene.ts';
import type { Study } from './studies.ts';

/** One lesion of a radiograph. */
export interface Lesion {
  readonly finding: Finding;
  /** 255 where it is, in an image of the radiograph's size. */
  readonly mask: Uint8Array<ArrayBuffer>;
  readonly box: PixelBox;
}

/** The smallest rectangle that holds a lesion, in pixels from the upper left corner. */
export interface PixelBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface LesionDraws {
  /** The patient's: where the lesion is, its kind and shape. */
  readonly site: Draws;
  /** The image's: how much of it shows today. */
  readonly visit: Draws;
}

/** What a finding does to a radiograph. */
export interface LesionPlan {
  /** Changes the body before it is drawn. */
  readonly reshape?: (anatomy: Anatomy) => Anatomy;
  /** Adds to the scene and says where: one mask a lesion. */
  readonly paint: (scene: Scene) => readonly Uint8Array<ArrayBuffer>[];
}

export type LesionModel = (draws: LesionDraws, study: Study) => LesionPlan;
