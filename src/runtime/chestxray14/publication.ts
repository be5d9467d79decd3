/** What is known of ChestX-ray14 as it was published (Wang et al., CVPR 2017). */

/** The 14 findings, in the order most of the field uses. `No Finding` means that none is present and is no label. */
export const chestXray14Labels = [
  'Atelectasis',
  'Cardiomegaly',
  'Effusion',
  'Infiltration',
  'Mass',
  'Nodule',
  'Pneumonia',
  'Pneumothorax',
  'Consolidation',
  'Edema',
  'Emphysema',
  'Fibrosis',
  'Pleural_Thickening',
  'Hernia',
] as const;

export const noFinding = 'No Finding';

/** Where it is published. */
export const source = 'https://nihcc.app.box.com/v/ChestXray-NIHCC';

/** How many images the official lists have. */
export const officialImages = { train: 86_524, test: 25_596 } as const;

/** How many images each list has of the split of 70, 10 and 20 % that much of the published code uses. */
export const threefoldImages = { train: 78_468, validation: 11_219, test: 22_433 } as const;
