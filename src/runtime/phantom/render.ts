import { asPortable, drawAnatomy } from './anatomy.ts';
import { fillBody } from './body.ts';
import { addBones } from './bones.ts';
import { Draws } from './draws.ts';
import { addAbdominalGas, addDevices } from './extras.ts';
import { exposeFilm } from './film.ts';
import { Grid } from './grid.ts';
import type { Pose } from './grid.ts';
import type { Lesion, PixelBox } from './lesion.ts';
import { lesionModels } from './lesions/models.ts';
import { fillLungs } from './lungs.ts';
import { addAirways, addHila, fillMediastinum } from './mediastinum.ts';
import type { Finding } from './prevalence.ts';
import { emptyScene } from './scene.ts';
import type { Scene } from './scene.ts';
import type { Study } from './studies.ts';
import { fillVessels } from './vessels.ts';

export interface Radiograph {
  /** The side of the square image in pixels. */
  readonly size: number;
  /** size * size gray values, rows from the top. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** The width of a pixel in millimetres of the body. */
  readonly spacing: number;
  /** 255 where a lung borders on neither heart nor mediastinum, 0 elsewhere. */
  readonly lungs: Uint8Array<ArrayBuffer>;
  readonly lesions: readonly Lesion[];
}

/**
 * Draws a synthetic radiograph: a function of study, seed and size alone. The anatomy and the places of lesions are the
 * patient's, so that follow-ups resemble each other; pose, exposure, noise and how much a lesion shows are the image's.
 */
export function renderStudy(study: Study, seed: number, size: number): Radiograph {
  const patient = `phantom patient ${study.patient}`;
  const image = `${patient} image ${study.followUp}`;
  const own = (purpose: string) => new Draws(seed, `${patient} ${purpose}`);
  const passing = (purpose: string) => new Draws(seed, `${image} ${purpose}`);

  const findings = [...study.findings].sort((a, b) => paintOrder(a) - paintOrder(b));
  const lesions = findings.map((finding) => {
    const draws = { site: own(finding), visit: passing(finding) };
    return { finding, plan: lesionModels[finding](draws, study) };
  });
  const usual = drawAnatomy(study, own('anatomy'));
  const posed = study.view === 'AP' ? asPortable(usual, passing('portable')) : usual;
  const anatomy = lesions.reduce((shape, { plan }) => plan.reshape?.(shape) ?? shape, posed);

  const grid = new Grid(size, drawPose(anatomy.chest, study, passing('pose')));
  const scene = emptyScene(study, anatomy, grid);
  fillBody(scene, own('body'));
  fillLungs(scene);
  fillVessels(scene, own('vessels'));
  addHila(scene, own('hila'));
  fillMediastinum(scene);
  addAirways(scene, own('airways'));
  addBones(scene, own('bones'));
  addAbdominalGas(scene, passing('gas'));
  const lungs = lungMask(scene);
  const painted = lesions.flatMap(({ finding, plan }) =>
    plan.paint(scene).map((mask) => ({ finding, mask, box: boxOf(mask, size) })),
  );
  addDevices(scene, passing('devices'));
  return { size, pixels: exposeFilm(scene, seed, image), spacing: 10 * grid.pixel, lungs, lesions: painted };
}

function boxOf(mask: Uint8Array, size: number): PixelBox {
  let [left, right, top, bottom] = [size, 0, size, 0];
  mask.forEach((there, i) => {
    if (there === 0) return;
    const column = i % size;
    const row = (i - column) / size;
    left = Math.min(left, column);
    right = Math.max(right, column + 1);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row + 1);
  });
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** What changes the air of a lung comes first, so that it wipes away nothing that another finding has put there. */
function paintOrder(finding: Finding): number {
  return finding === 'Emphysema' ? 0 : finding === 'Pneumothorax' ? 1 : 2;
}

function drawPose(chest: number, { view }: Study, draws: Draws): Pose {
  const loose = view === 'AP' ? 1.5 : 1;
  return {
    field: Math.max(20, 2.8 * chest * (1 + 0.045 * loose * draws.normal())),
    x: 0.6 * loose * draws.normal(),
    y: draws.between(-0.6, 1.4) + 0.5 * loose * draws.normal(),
    rotation: 0.02 * loose * draws.normal(),
  };
}

function lungMask({ lungOf }: Scene): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(lungOf.length);
  lungOf.forEach((side, i) => (mask[i] = side === 0 ? 0 : 255));
  return mask;
}
