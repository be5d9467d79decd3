import { uniforms } from '../../compiler/random/generator.mjs';
import { Draws } from './draws.ts';
import type { Grid } from './grid.ts';
import type { Scene } from './scene.ts';
import { Noise, smoothStep } from './shapes.ts';

/** Water's attenuation at the energies of a chest radiograph, per centimetre. */
const attenuation = 0.175;

/**
 * What the detector shows of a scene, as 8 bits: the law of Beer and Lambert, scattered rays that veil what is dense, the
 * noise of counted photons, a blur, a logarithm and a window chosen by exposure. `seed` and `name` are the noise's own.
 */
export function exposeFilm(scene: Scene, seed: number, name: string): Uint8Array<ArrayBuffer> {
  const { grid, study, body, solid, air, vessels, tissue, aeration } = scene;
  const draws = new Draws(seed, `${name} film`);
  const portable = study.view === 'AP';
  const scatter = draws.between(0.014, 0.03) * (portable ? 1.7 : 1);
  const photons = draws.logBetween(40000, 120000) * (portable ? 0.55 : 1) * grid.pixel ** 2 * 60;
  const texture = new Noise(draws, 1.1);
  const parenchyma = draws.between(0.15, 0.4);

  const exposure = new Float32Array(grid.length);
  grid.everywhere((i, x, y) => {
    const filled = (vessels[i] ?? 0) + (tissue[i] ?? 0);
    const lung = Math.max(0, (air[i] ?? 0) - filled);
    const grain = lung > 0 ? parenchyma * texture.at(x, y) * Math.min(1, lung / 4) : 0;
    const water = (body[i] ?? 0) + (solid[i] ?? 0) - (aeration[i] ?? 0) * lung + grain;
    exposure[i] = Math.exp(-attenuation * Math.max(0, water)) + scatter;
  });
  const blurred = blur(exposure, grid.size, draws.between(0.3, 0.55));
  addNoise(blurred, photons, seed, `${name} noise`);

  for (let i = 0; i < blurred.length; i++) blurred[i] = -Math.log(blurred[i] ?? 1);
  return develop(scene, blurred, draws);
}

/** A small symmetric blur: the weights are [share / 2, 1, share / 2] along both axes, scaled to a sum of 1. */
function blur(image: Float32Array, size: number, share: number): Float32Array {
  const along = (source: Float32Array, step: number, across: number) => {
    const result = new Float32Array(source.length);
    const side = share / 2 / (1 + share);
    for (let line = 0; line < size; line++) {
      for (let k = 0; k < size; k++) {
        const i = line * across + k * step;
        const here = source[i] ?? 0;
        const before = k > 0 ? (source[i - step] ?? 0) : here;
        const after = k < size - 1 ? (source[i + step] ?? 0) : here;
        result[i] = here + side * (before + after - 2 * here);
      }
    }
    return result;
  };
  return along(along(image, 1, size), size, 1);
}

/**
 * The variation of counts with a mean of `photons` in an unweakened beam. So many are counted that Poisson's
 * distribution is normal, and three bytes of one random number, added up, are close enough to that.
 */
function addNoise(exposure: Float32Array, photons: number, seed: number, name: string): void {
  const draws = uniforms(exposure.length, seed, name);
  for (let i = 0; i < exposure.length; i++) {
    const word = (draws[i] ?? 0) * 2 ** 24;
    const sum = (word & 255) + ((word >> 8) & 255) + (word >> 16);
    const normal = (sum - 382.5) / 128;
    const value = exposure[i] ?? 0;
    exposure[i] = Math.max(1e-4, value + normal * Math.sqrt(value / photons));
  }
}

/** Window and curve of the film, the collimator's edges, a marker beside the shoulder. */
function develop(scene: Scene, density: Float32Array, draws: Draws): Uint8Array<ArrayBuffer> {
  const { grid, lungOf, study } = scene;
  let [sum, count] = [0, 0];
  lungOf.forEach((side, i) => {
    if (side === 0) return;
    sum += density[i] ?? 0;
    count++;
  });
  // The exposure is set for the lungs; how well it was set varies.
  const lungs = count === 0 ? 1.5 : sum / count;
  const centre = lungs + draws.between(0.15, 0.5) + (study.view === 'AP' ? 0.05 : 0.12);
  const steep = draws.between(1.4, 2.3);
  const [lowest, highest] = [draws.between(0, 14), draws.between(225, 255)];
  const pixels = new Uint8Array(grid.length);
  for (let i = 0; i < pixels.length; i++) {
    const light = 1 / (1 + Math.exp(-steep * ((density[i] ?? 0) - centre)));
    pixels[i] = Math.round(lowest + (highest - lowest) * light);
  }
  if (draws.chance(0.3)) collimate(grid, pixels, lowest, draws);
  if (draws.chance(0.8)) addMarker(scene, pixels, draws);
  return pixels;
}

/** Nothing reaches the film beyond the shutters, which stand a little askew. */
function collimate(grid: Grid, pixels: Uint8Array, dark: number, draws: Draws): void {
  const shutter = draws.between(0.2, 1.6);
  const askew = draws.between(-0.02, 0.02);
  const half = (grid.size * grid.pixel) / 2;
  for (let i = 0; i < pixels.length; i++) {
    const u = ((i % grid.size) + 0.5) * grid.pixel - half;
    const v = (Math.floor(i / grid.size) + 0.5) * grid.pixel - half;
    const inside = half - Math.max(Math.abs(u + askew * v), Math.abs(v - askew * u));
    const open = smoothStep(shutter - 0.1, shutter + 0.1, inside);
    pixels[i] = Math.round(dark + ((pixels[i] ?? 0) - dark) * open);
  }
}

/** A few bright strokes beside a shoulder that resemble a letter and are none. */
function addMarker({ grid, anatomy }: Scene, pixels: Uint8Array, draws: Draws): void {
  const x = draws.side() * draws.between(14, 17.5);
  const y = anatomy.apex - draws.between(1.5, 5);
  const scale = draws.between(0.45, 0.8);
  const turn = draws.between(-0.4, 0.4);
  const bright = draws.between(190, 255);
  const strokes = Array.from({ length: 3 }, () => [draws.integer(-1, 1), draws.chance(0.5)] as const);
  const reach = 2 * scale;
  grid.each({ left: x - reach, right: x + reach, top: y - reach, bottom: y + reach }, (i, px, py) => {
    const a = (Math.cos(turn) * (px - x) + Math.sin(turn) * (py - y)) / scale;
    const b = (Math.cos(turn) * (py - y) - Math.sin(turn) * (px - x)) / scale;
    if (Math.abs(a) > 1 || Math.abs(b) > 1.4) return;
    const stroke = strokes.some(([place, upright]) =>
      upright ? Math.abs(a - 0.75 * place) < 0.25 : Math.abs(b - 1.1 * place) < 0.25,
    );
    if (stroke) pixels[i] = Math.max(pixels[i] ?? 0, Math.round(bright));
  });
}
