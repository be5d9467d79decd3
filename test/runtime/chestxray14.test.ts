import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chestXray14Labels, readChestXray14 } from '../../src/runtime/chestxray14.ts';
import { dataWarnings, renderDataReport } from '../../src/runtime/render-data-report.ts';
import { chestXrayFolder, chestXrayMissing } from './data-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { userErrorOf } from './user-error.ts';

const root = await temporaryFolder();
const labels = ['Mass', 'Pleural_Thickening'];
const header =
  'Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,' +
  'OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]';
const rows = [
  '1_0.png,No Finding,0,1,57,M,PA,2682,2749,0.143,0.143',
  '1_1.png,Mass,1,1,58,M,PA,2682,2749,0.143,0.143',
  '2_0.png,Pleural_Thickening|Mass|Edema,0,2,58,M,PA,2682,2749,0.143,0.143',
  '3_0.png,Edema,0,3,58,M,PA,2682,2749,0.143,0.143',
];

const usual: Readonly<Record<string, string>> = {
  'Data_Entry_2017_v2020.csv': [header, ...rows, ''].join('\n'),
  'train_val_list.txt': '1_0.png\n1_1.png\n',
  'test_list.txt': '2_0.png\n3_0.png\n',
  'images_001/images/1_0.png': '',
  'images_001/images/1_1.png': '',
  'images_002/images/2_0.png': '',
};

/** A data folder with these files; `undefined` takes one of the usual ones away. */
async function dataFolder(name: string, changes: Readonly<Record<string, string | undefined>> = {}) {
  const folder = join(root, name);
  await rm(folder, { recursive: true, force: true });
  for (const [path, content] of Object.entries({ ...usual, ...changes })) {
    if (content === undefined) continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

describe('readChestXray14', () => {
  it('joins lists, labels and images', async () => {
    const folder = await dataFolder('usual');
    const { train, test, report } = await readChestXray14(folder, labels);
    const known = Float32Array.of(1, 1);
    expect(train).toEqual([
      {
        name: '1_0.png',
        path: join(folder, 'images_001/images/1_0.png'),
        patient: '1',
        labels: Float32Array.of(0, 0),
        known,
      },
      {
        name: '1_1.png',
        path: join(folder, 'images_001/images/1_1.png'),
        patient: '1',
        labels: Float32Array.of(1, 0),
        known,
      },
    ]);
    expect(test).toEqual([
      {
        name: '2_0.png',
        path: join(folder, 'images_002/images/2_0.png'),
        patient: '2',
        labels: Float32Array.of(1, 1),
        known,
      },
    ]);
    expect(report).toEqual({
      labelFile: join(folder, 'Data_Entry_2017_v2020.csv'),
      split: {
        kind: 'part',
        description: 'lists with the official names and 2 of 86524 and 2 of 25596 images',
      },
      images: 3,
      duplicates: 0,
      missing: 1,
      unlabelled: 0,
      unlisted: { count: 0, first: [] },
      train: {
        list: join(folder, 'train_val_list.txt'),
        listed: 2,
        missing: 0,
        unlabelled: 0,
        samples: 2,
        patients: 1,
        positives: { Mass: 1, Pleural_Thickening: 0 },
        negatives: 1,
      },
      test: {
        list: join(folder, 'test_list.txt'),
        listed: 2,
        missing: 1,
        unlabelled: 0,
        samples: 1,
        patients: 1,
        positives: { Mass: 1, Pleural_Thickening: 1 },
        negatives: 0,
      },
      sharedPatients: 0,
      sharedImages: { count: 0, first: [] },
      otherFindings: [],
      disagreements: { count: 0, first: [] },
    });
    expect(renderDataReport(report).split('\n')).toEqual([
      '3 images on the disk; 1 more are in Data_Entry_2017_v2020.csv',
      'split: lists with the official names and 2 of 86524 and 2 of 25596 images',
      '                          train       test',
      '  listed                      2          2',
      '  not on the disk             0          1',
      '  usable                      2          1',
      '  patients                    1          1',
      '  Mass                        1          1',
      '  Pleural_Thickening          0          1',
      '  none of these               1          0',
      'warning: 1 of the 2 images of test_list.txt are not on the disk',
      'warning: never positive in training, so that nothing can be learnt of it: Pleural_Thickening',
    ]);
  });

  it.each([
    ['flat', 'images/2_0.png'],
    ['numbered', 'images_002/2_0.png'],
    ['nested', 'images/images/2_0.png'],
    ['upper case', 'Images_002/2_0.png'],
    ['small copy', 'images-224/images-224/2_0.png'],
  ])('finds images in the %s layout', async (_title, path) => {
    const folder = await dataFolder('layout', { 'images_002/images/2_0.png': undefined, [path]: '' });
    expect((await readChestXray14(folder, labels)).test[0]?.path).toBe(join(folder, path));
  });

  it('follows a link to the images, and passes other folders by', async () => {
    const elsewhere = await dataFolder('elsewhere');
    const folder = await dataFolder('linked', {
      'images_001/images/1_0.png': undefined,
      'images_001/images/1_1.png': undefined,
      'originals/1_0.png': '',
    });
    await symlink(join(elsewhere, 'images_001'), join(folder, 'images_001'));
    const { train } = await readChestXray14(folder, labels);
    expect(train[0]?.path).toBe(join(folder, 'images_001/images/1_0.png'));
  });

  it('names an image once that stands in both lists', async () => {
    const folder = await dataFolder('both', { 'test_list.txt': '1_0.png\n2_0.png\n' });
    const { report } = await readChestXray14(folder, labels);
    expect(report.sharedImages).toEqual({ count: 2, first: ['1_0.png', '1_1.png'] });
  });

  it('reads a folder once that links lead to again, also from inside of itself', async () => {
    const folder = await dataFolder('looped');
    await symlink('images_001', join(folder, 'images_003'));
    await symlink('..', join(folder, 'images_001/images/images'));
    await symlink('images_004', join(folder, 'images_004'));
    const { report } = await readChestXray14(folder, labels);
    expect(report).toMatchObject({ images: 3, duplicates: 0 });
  });

  it('reads lists with folders of any system before the names, and blanks inside', async () => {
    const folder = await dataFolder('paths', {
      'train_val_list.txt': 'C:\\my data\\1_0.png\r\n/my data/1_1.png\r\n',
      'test_list.txt': 'images/2 0.png\n',
      'images_002/images/2_0.png': undefined,
      'images_002/images/2 0.png': '',
      'Data_Entry_2017_v2020.csv': [header, ...rows].join('\n').replace('2_0.png', '2 0.png'),
    });
    const { train, test } = await readChestXray14(folder, labels);
    expect([...train, ...test].map(({ name }) => name)).toEqual(['1_0.png', '1_1.png', '2 0.png']);
  });

  it('reads a split in three with blanks inside of paths', async () => {
    const folder = await dataFolder('paths of three', {
      'train_val_list.txt': undefined,
      'train_list.txt': `my data/1_0.png ${'0 '.repeat(14)}\n`,
      'val_list.txt': `my data/1_1.png ${'0 '.repeat(4)}1${' 0'.repeat(9)}\n`,
      'test_list.txt': `my data/2_0.png ${'0 '.repeat(14)}\n`,
    });
    const { validation, report } = await readChestXray14(folder, labels);
    expect(validation?.map(({ name }) => name)).toEqual(['1_1.png']);
    expect(report.disagreements).toEqual({ count: 1, first: ['2_0.png'] });
  });

  it('passes over what is empty between the bars of findings', async () => {
    const folder = await dataFolder('bars', {
      'Data_Entry_2017_v2020.csv': [header, ...rows].join('\n').replace('|Mass|Edema', '||Mass|'),
    });
    const { test, report } = await readChestXray14(folder, labels);
    expect(test[0]?.labels).toEqual(Float32Array.of(1, 1));
    expect(report.otherFindings).toEqual([]);
  });

  it('takes a README.txt in any encoding for what it is', async () => {
    const folder = await dataFolder('readme', { 'README.txt': 'S\0Y\0N\0' });
    expect((await readChestXray14(folder, labels)).report.split.kind).toBe('part');
  });

  it('reads the file of 2017, with its empty last fields, CRLF and a byte-order mark, and the _NIH lists', async () => {
    const folder = await dataFolder('2017', {
      'Data_Entry_2017_v2020.csv': undefined,
      'Data_Entry_2017.csv': `\uFEFF${[header, ...rows].map((row) => `${row},`).join('\r\n')}`,
      'train_val_list.txt': undefined,
      'test_list.txt': undefined,
      'train_val_list_NIH.txt': '1_0.png\r\n1_1.png',
      'test_list_NIH.txt': '2_0.png',
    });
    const { train, test } = await readChestXray14(folder, labels);
    expect([train.length, test.length]).toEqual([2, 1]);
  });

  it('finds the columns by name', async () => {
    const table = '"Patient ID",x,"Finding Labels","Image Index"\n1,,Mass,1_0.png\n2,,"No Finding",2_0.png\n';
    const folder = await dataFolder('columns', { 'Data_Entry_2017_v2020.csv': table });
    const { train } = await readChestXray14(folder, labels);
    expect(train).toMatchObject([{ patient: '1', labels: Float32Array.of(1, 0) }]);
  });

  it('reports what is wrong with a split: patients on both sides, images nobody names, names listed twice', async () => {
    const folder = await dataFolder('leak', {
      'train_val_list.txt': '1_0.png\n1_0.png\n',
      'test_list.txt': '1_1.png\n9_9.png\n',
      'images/9_9.png': '',
      'images/2_0.png': '',
    });
    const { report } = await readChestXray14(folder, labels);
    expect(report).toMatchObject({
      sharedPatients: 1,
      sharedImages: { count: 2, first: ['1_0.png', '1_1.png'] },
      unlabelled: 1,
      unlisted: { count: 1, first: ['2_0.png'] },
      duplicates: 1,
      train: { listed: 1, samples: 1 },
      test: { listed: 2, samples: 1, unlabelled: 1, missing: 0 },
    });
    expect(dataWarnings(report)).toEqual([
      '1 patient on more than one side of the split, so that results are too good (1_0.png, 1_1.png)',
      'never positive in training, so that nothing can be learnt of it: Mass, Pleural_Thickening',
      'never positive in the test images, so that its AUC is undefined: Pleural_Thickening',
      '1 image on the disk that no list names (2_0.png)',
      '1 image on the disk that the label file does not know',
      '1 file with the name of another one, not read',
    ]);
  });

  const marks = (...findings: readonly string[]) =>
    chestXray14Labels.map((label) => (findings.includes(label) ? '1' : '0')).join(' ');
  const threefold = {
    'train_val_list.txt': undefined,
    'test_list.txt': `images_002/2_0.png ${marks('Mass', 'Edema', 'Pleural_Thickening')}\n`,
    'train_list.txt': `1_0.png ${marks()}\n`,
    'val_list.txt': `1_1.png ${marks('Nodule')}\n`,
  };

  it('reads a split in three, with labels behind the names, and says that it is not the official one', async () => {
    const { train, validation, test, report } = await readChestXray14(
      await dataFolder('threefold', threefold),
      labels,
    );
    expect([train, validation, test].map((part) => part?.map(({ name }) => name))).toEqual([
      ['1_0.png'],
      ['1_1.png'],
      ['2_0.png'],
    ]);
    expect(report).toMatchObject({
      split: { kind: 'other' },
      validation: { samples: 1, positives: { Mass: 1 } },
      sharedPatients: 1,
      // The label file counts: 1_1.png has a mass and no nodule.
      disagreements: { count: 1, first: ['1_1.png'] },
    });
    expect(validation?.[0]?.labels).toEqual(Float32Array.of(1, 0));
    const text = renderDataReport(report);
    expect(text).toContain('validation');
    expect(text).toContain(
      'split: the lists train_list.txt, val_list.txt, test_list.txt, which are not the official split',
    );
    expect(text).toContain('1_1.png');
  });

  it('reads a split in three under its other names, and without labels', async () => {
    const folder = await dataFolder('numbered-lists', {
      'train_val_list.txt': undefined,
      'test_list.txt': undefined,
      'train_1.txt': 'images_001/1_0.png',
      'val_1.txt': 'images_001/1_1.png',
      'test_1.txt': 'images_002/2_0.png',
    });
    const { validation, report } = await readChestXray14(folder, labels);
    expect(validation).toHaveLength(1);
    expect(report).toMatchObject({ split: { kind: 'other' }, disagreements: { count: 0 } });
  });

  it('prefers the official lists where both are', async () => {
    const folder = await dataFolder('both', { 'train_list.txt': '1_0.png', 'val_list.txt': '1_1.png' });
    const { validation, train, report } = await readChestXray14(folder, labels);
    expect([validation, train.length, report.split.kind]).toEqual([undefined, 2, 'part']);
  });

  const namesLike = (count: number, first: string) =>
    [first, ...Array.from({ length: count - 1 }, (_, i) => `${first}-${i}.png`)].join('\n');

  it('knows the 70/10/20 lists by their lengths', async () => {
    const folder = await dataFolder('70-10-20', {
      'train_val_list.txt': undefined,
      'train_list.txt': namesLike(78_468, '1_0.png'),
      'val_list.txt': namesLike(11_219, '1_1.png'),
      'test_list.txt': namesLike(22_433, '2_0.png'),
    });
    const { report } = await readChestXray14(folder, labels);
    expect(report.split.description).toMatch(/^the 70\/10\/20 lists .*, which are not the official split$/);
    expect(dataWarnings(report)).toContain(
      `results on ${report.split.description}, cannot be compared with results on the official one`,
    );
  });

  it('calls lists of the official names and lengths the official split', async () => {
    const folder = await dataFolder('official', {
      'train_val_list.txt': namesLike(86_524, '1_0.png'),
      'test_list.txt': namesLike(25_596, '2_0.png'),
    });
    const { report } = await readChestXray14(folder, labels);
    expect(report).toMatchObject({
      split: { kind: 'official', description: 'the official split' },
      train: { listed: 86_524, missing: 86_523, samples: 1 },
    });
  });

  it('names what the label file calls a finding and is none', async () => {
    const folder = await dataFolder('semicolons', {
      'Data_Entry_2017_v2020.csv': [header, ...rows].join('\n').replace('|Mass|', ';Mass|'),
    });
    const { report } = await readChestXray14(folder, labels);
    expect(report.otherFindings).toEqual(['Pleural_Thickening;Mass']);
    expect(dataWarnings(report)).toContain(
      'Data_Entry_2017_v2020.csv has findings that the data set does not know: Pleural_Thickening;Mass',
    );
  });

  it('accepts a label of the data set that no row has', async () => {
    const { report } = await readChestXray14(await dataFolder('hernia'), ['Hernia']);
    expect(report.train.positives).toEqual({ Hernia: 0 });
  });
});

describe('readChestXray14 refuses', () => {
  it('a folder that is not there', async () => {
    const error = await userErrorOf('R2001', readChestXray14(join(root, 'nowhere'), labels));
    expect(error.place).toBe(join(root, 'nowhere'));
  });

  const labelFile = 'Data_Entry_2017_v2020.csv';
  it.each([
    ['no label file', { [labelFile]: undefined }, 'R2002', /Data_Entry_2017_v2020\.csv/, ''],
    ['an empty label file', { [labelFile]: '' }, 'R2003', /"Image Index".*nothing/, `/${labelFile}:1`],
    [
      'renamed columns',
      { [labelFile]: 'Image Index,Labels,Patient\n' },
      'R2003',
      /"Finding Labels", "Patient ID"; it has Image Index,Labels,Patient/,
      `/${labelFile}:1`,
    ],
    [
      'a short row',
      { [labelFile]: `${header}\n${rows[0]}\n1_1.png,Mass\n` },
      'R2004',
      /Patient ID/,
      `/${labelFile}:3`,
    ],
    [
      'a row without labels',
      { [labelFile]: `${header}\n1_0.png,,0,1\n` },
      'R2004',
      /Finding Labels/,
      `/${labelFile}:2`,
    ],
    [
      'a row with nothing but bars for labels',
      { [labelFile]: `${header}\n1_0.png,|,0,1\n` },
      'R2004',
      /Finding Labels/,
      `/${labelFile}:2`,
    ],
    [
      'a label file in UTF-16',
      { [labelFile]: header.replaceAll(/./g, '$&\0') },
      'R1002',
      /not text in UTF-8/,
      `/${labelFile}`,
    ],
    [
      'two rows of an image that say different things',
      { [labelFile]: `${header}\n${rows.join('\n')}\n1_1.png,Edema,1,1\n` },
      'R2004',
      /1_1\.png has another row/,
      `/${labelFile}:6`,
    ],
    [
      'semicolons',
      { [labelFile]: 'Image Index;Finding Labels;Patient ID\n' },
      'R2003',
      /;/,
      `/${labelFile}:1`,
    ],
    [
      'an official training list with a test list of another split',
      { 'test_list.txt': `2_0.png ${'0 '.repeat(14)}\n` },
      'R2006',
      /70\/10\/20/,
      '/test_list.txt',
    ],
    [
      'a split in three without its second part',
      { 'train_val_list.txt': undefined, 'train_list.txt': '1_0.png' },
      'R2005',
      /val_list\.txt/,
      '',
    ],
    ['no test list', { 'test_list.txt': undefined }, 'R2005', /test_list\.txt/, ''],
    [
      'a list with more in a line',
      { 'test_list.txt': '2_0.png 0 1\n' },
      'R2006',
      /2_0\.png 0 1/,
      '/test_list.txt:1',
    ],
    [
      'a list with a heading',
      { 'test_list.txt': 'image\n2_0.png\n' },
      'R2006',
      /"image"/,
      '/test_list.txt:1',
    ],
    [
      'a list of names without their ends',
      { 'test_list.txt': '2_0.png\n3_0\n' },
      'R2006',
      /"3_0" is not one file name of an image/,
      '/test_list.txt:2',
    ],
    [
      'a list of two names a line',
      { 'test_list.txt': 'images/2_0.png images/3_0.png\n' },
      'R2006',
      /not one file name/,
      '/test_list.txt:1',
    ],
    [
      'a list whose names differ in their ends',
      { 'train_val_list.txt': '1_0.jpg\n1_1.PNG\n' },
      'R2008',
      /0 are on the disk, 0 in the label file; the list begins with 1_0\.jpg, the label file with 1_0\.png, the disk with 1_0\.png/,
      '/train_val_list.txt',
    ],
    [
      'a folder without images',
      Object.fromEntries(
        Object.keys(usual).flatMap((path) => (path.startsWith('images') ? [[path, undefined]] : [])),
      ),
      'R2007',
      /no images/,
      '',
    ],
    ['an empty list', { 'test_list.txt': '\n' }, 'R2008', /names no image/, '/test_list.txt'],
    [
      'a list of other images',
      { 'train_val_list.txt': '8_8.png\n' },
      'R2008',
      /1 images/,
      '/train_val_list.txt',
    ],
  ] as const)('%s', async (_title, changes, code, message, place) => {
    const folder = await dataFolder('bad', changes);
    const error = await userErrorOf(code, readChestXray14(folder, labels));
    expect(error.message).toMatch(message);
    expect(error.place).toBe(folder + place);
  });

  it.each([
    ['Pleural Thickening', /Did you mean "Pleural_Thickening"\?/],
    ['Infiltrate', /Did you mean "Infiltration"\?/],
    ['Fracture', /names/],
    ['No Finding', /Take "No Finding" out/],
  ])('the label %s', async (label, remedy) => {
    const folder = await dataFolder('label');
    const error = await userErrorOf('R2010', readChestXray14(folder, ['Mass', label]));
    expect(error.remedy).toMatch(remedy);
    expect(error.message).toContain(label);
  });
});

describe.skipIf(chestXrayMissing !== undefined)(
  `the sample of ChestX-ray14${chestXrayMissing ? `: ${chestXrayMissing}` : ''}`,
  () => {
    it('has the counts that come with it', async () => {
      const { report } = await readChestXray14(chestXrayFolder, chestXray14Labels);
      expect(report).toMatchObject({
        images: 1105,
        missing: 112_120 - 1105,
        unlabelled: 0,
        sharedPatients: 0,
      });
      const count = (name: string) => [report.train.positives[name], report.test.positives[name]];
      expect([report.train.samples, report.test.samples]).toEqual([785, 320]);
      expect([report.train.negatives, report.test.negatives]).toEqual([304, 115]);
      expect(count('Pneumonia')).toEqual([253, 100]);
      expect(count('Pleural_Thickening')).toEqual([42, 22]);
      expect(count('Hernia')).toEqual([15, 1]);
      expect(dataWarnings(report)).toEqual([]);
    });
  },
);
