import { chestXray14Labels } from '../chestxray14.ts';
import type { Lesion } from './lesion.ts';
import type { Study } from './studies.ts';

/** What the label file and the list of boxes say about one image. */
export interface WrittenStudy {
  readonly study: Study;
  /** The width of a pixel in millimetres. */
  readonly spacing: number;
  readonly boxes: readonly Pick<Lesion, 'finding' | 'box'>[];
}

export interface PhantomFormat {
  readonly size: number;
  readonly seed: number;
}

/** Above every number of a patient of ChestX-ray14. */
const firstPatient = 9_000_000;

/** Boxes are given in the pixels of the published images, whatever the size of these. */
const boxScale = 1024;

/** The text files of a data folder by their names, as ChestX-ray14 has them, and a README.txt. */
export function phantomFiles(
  written: readonly WrittenStudy[],
  format: PhantomFormat,
): ReadonlyMap<string, string> {
  const list = (split: Study['split']) =>
    lines(written.filter(({ study }) => study.split === split).map(({ study }) => study.name));
  return new Map([
    ['README.txt', readme(written.length, format)],
    ['Data_Entry_2017_v2020.csv', labelFile(written, format)],
    ['BBox_List_2017.csv', boxFile(written, format)],
    ['train_val_list.txt', list('train')],
    ['test_list.txt', list('test')],
  ]);
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}

/** With the published header: its brackets hold commas, so that 9 names stand over 11 fields. */
function labelFile(written: readonly WrittenStudy[], { size }: PhantomFormat): string {
  const header =
    'Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,' +
    'OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]';
  const rows = written.map(({ study, spacing }) => {
    const { name, findings, followUp, patient, age, sex, view } = study;
    const labels = findings.length === 0 ? 'No Finding' : findings.join('|');
    const millimetres = spacing.toFixed(4);
    return [
      name,
      labels,
      followUp,
      firstPatient + patient,
      age,
      sex,
      view,
      size,
      size,
      millimetres,
      millimetres,
    ];
  });
  return lines([header, ...rows.map((row) => row.join(','))]);
}

/** With the published header and its empty fields, and its name for Infiltration. */
function boxFile(written: readonly WrittenStudy[], { size }: PhantomFormat): string {
  const scaled = (pixels: number) => (pixels * boxScale) / size;
  const rows = written.flatMap(({ study, boxes }) =>
    boxes.map(({ finding, box: { x, y, width, height } }) =>
      [
        study.name,
        finding === 'Infiltration' ? 'Infiltrate' : finding,
        ...[x, y, width, height].map(scaled),
      ].join(','),
    ),
  );
  return lines(['Image Index,Finding Label,Bbox [x,y,w,h],,,', ...rows]);
}

function readme(count: number, { size, seed }: PhantomFormat): string {
  return `SYNTHETIC IMAGES. NOT RADIOGRAPHS OF ANY PERSON. NOT FOR MEDICAL USE.

These ${count} images of ${size} x ${size} pixels were computed by netc from random numbers (seed ${seed}). No X-rays, no
patients and no data of patients were involved. They have the layout of the ChestX-ray14 data set, so that programs that
read it can be tried. A model that was trained on them has learned what this program draws and nothing about diseases:
results on these images say nothing about real ones, and must be called synthetic wherever they are shown.

images_001/images           the images, 8-bit gray
Data_Entry_2017_v2020.csv   findings of each image (${chestXray14Labels.length} kinds), age, sex and view of the invented patient
train_val_list.txt          the images to train with
test_list.txt               the images to test with; no patient is in both lists
BBox_List_2017.csv          a box around each lesion: x, y, width, height in pixels of an image of ${boxScale} x ${boxScale}
masks/lungs                 for each image, 255 where a lung is seen beside heart and mediastinum
masks/lesions               for each image and finding, 255 where its lesions are: NAME_FINDING.png
`;
}
