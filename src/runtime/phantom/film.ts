import { uniforms } from '../../compiler/random/generator.mjs';
import { Draws } from './draws.ts';
import type { Scene } from './scene.ts';
import { Noise, round, smoothStep } from './shapes.ts';

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
  const scatter = draws.between(0.02, 0.045) * (portable ? 1.7 : 1);
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
function develop(
  { grid, anatomy, lungOf, study }: Scene,
  density: Float32Array,
  draws: Draws,
): Uint8Array<ArrayBuffer> {
  let [sum, count] = [0, 0];
  lungOf.forEach((side, i) => {
    if (side === 0) return;
    sum += density[i] ?? 0;
    count++;
  });
  // The exposure is set for the lungs; how well it was set varies.
  const lungs = count === 0 ? 1.5 : sum / count;
  const centre = lungs + draws.between(0.1, 0.55) + (study.view === 'AP' ? 0.05 : 0.12);
  const steep = draws.between(1.4, 2.3);
  const [lowest, highest] = [draws.between(0, 14), draws.between(225, 255)];
  const collimator = draws.chance(0.3) ? draws.between(0.2, 1.6) : -1;
  const tilt = draws.between(-0.02, 0.02);
  const marker = drawMarker(anatomy.apex, draws);
  const pixels = new Uint8Array(grid.length);
  const half = (grid.size * grid.pixel) / 2;
  for (let i = 0; i < pixels.length; i++) {
    const u = ((i % grid.size) + 0.5) * grid.pixel - half;
    const v = (Math.floor(i / grid.size) + 0.5) * grid.pixel - half;
    const inside = half - Math.max(Math.abs(u + tilt * v), Math.abs(v - tilt * u));
    const light = 1 / (1 + Math.exp(-steep * ((density[i] ?? 0) - centre)));
    const value = lowest + (highest - lowest) * light;
    const shown =
      collimator > 0
        ? lowest + (value - lowest) * smoothStep(collimator - 0.1, collimator + 0.1, inside)
        : value;
    pixels[i] = Math.round(Math.max(shown, marker(u, v)));
  }
  return pixels;
}

/** A bright plate with a few strokes that resemble a letter and are none. */
function drawMarker(apex: number, draws: Draws): (u: number, v: number) => number {
  const side = draws.side();
  const x = side * draws.between(14, 17.5);
  const y = apex - draws.between(1.5, 5);
  const scale = draws.between(0.45, 0.8);
  const angle = draws.between(-0.4, 0.4);
  const strokes = Array.from({ length: 3 }, () => [draws.integer(-1, 1), draws.chance(0.5)] as const);
  const bright = draws.between(190, 255);
  const shown = draws.chance(0.8);
  return (u, v) => {
    if (!shown || Math.abs(u - x) > 2 || Math.abs(v - y) > 2) return 0;
    const a = (Math.cos(angle) * (u - x) + Math.sin(angle) * (v - y)) / scale;
    const b = (Math.cos(angle) * (v - y) - Math.sin(angle) * (u - x)) / scale;
    if (Math.abs(a) > 1 || Math.abs(b) > 1.4) return 0;
    const stroke = strokes.some(([place, upright]) =>
      upright ? Math.abs(a - 0.75 * place) < 0.25 : Math.abs(b - 1.1 * place) < 0.25,
    );
    return stroke ? bright * round(3 * (1.4 - Math.abs(b))) : 0;
  };
}
