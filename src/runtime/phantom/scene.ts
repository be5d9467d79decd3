import { diaphragm, lateralWall, lungShape } from './anatomy.ts';
import type { Anatomy } from './anatomy.ts';
import type { Side } from './draws.ts';
import type { Box, Grid } from './grid.ts';
import type { Study } from './studies.ts';

/**
 * What X-rays pass on their way to each pixel, in centimetres of water of the same attenuation. The ray through pixel i is
 * weakened by `body + solid - aeration * max(0, air - vessels - tissue)`: whatever is dense inside a lung takes the
 * place of air, and there can be no more of it than there was lung.
 */
export interface Scene {
  readonly study: Study;
  readonly anatomy: Anatomy;
  readonly grid: Grid;
  /** The body with lungs full of water, without bones. */
  readonly body: Float32Array;
  /** How far the ray runs through lung. */
  readonly air: Float32Array;
  /** -1 in the right lung, 1 in the left one, 0 outside: the areas where lung borders on neither heart nor mediastinum. */
  readonly lungOf: Int8Array;
  /** Pulmonary vessels. */
  readonly vessels: Float32Array;
  /** Whatever else is dense inside the lungs. */
  readonly tissue: Float32Array;
  /** Bones, devices and, below 0, gas outside of the lungs. */
  readonly solid: Float32Array;
  /** The share of the lung that is air. */
  readonly aeration: Float32Array;
  /** 1 in the silhouette of the heart. */
  readonly heart: Uint8Array;
}

export function emptyScene(study: Study, anatomy: Anatomy, grid: Grid): Scene {
  const field = () => new Float32Array(grid.length);
  return {
    study,
    anatomy,
    grid,
    body: field(),
    air: field(),
    lungOf: new Int8Array(grid.length),
    vessels: field(),
    tissue: field(),
    solid: field(),
    aeration: field().fill(anatomy.aeration),
    heart: new Uint8Array(grid.length),
  };
}

type LungVisit = (i: number, x: number, y: number, fromWall: number, aboveDiaphragm: number) => void;

/**
 * Calls `visit` for each pixel whose ray passes a lung, also where the heart covers it, with the pixel's distances from the
 * chest wall and from the diaphragm.
 */
export function eachThroughLung({ anatomy, grid, air }: Scene, side: Side, visit: LungVisit): void {
  const shape = lungShape(anatomy, side);
  grid.each(lungBox(anatomy, side), (i, x, y) => {
    if (side * x <= 0 || (air[i] ?? 0) <= 0) return;
    const fromMidline = Math.abs(x);
    visit(i, x, y, lateralWall(anatomy, y) - fromMidline, diaphragm(anatomy, shape, fromMidline) - y);
  });
}

/** The same for the part of the lung that nothing covers. */
export function eachInLung(scene: Scene, side: Side, visit: LungVisit): void {
  eachThroughLung(scene, side, (i, x, y, fromWall, aboveDiaphragm) => {
    if (scene.lungOf[i] === side) visit(i, x, y, fromWall, aboveDiaphragm);
  });
}

/** A box that holds a lung. */
export function lungBox(anatomy: Anatomy, side: Side): Box {
  const { dome, curve } = lungShape(anatomy, side);
  const outer = anatomy.chest + 1;
  return {
    left: side === -1 ? -outer : 0,
    right: side === 1 ? outer : 0,
    top: anatomy.apex,
    bottom: dome + curve + 1,
  };
}
