import type { LesionModel } from '../lesion.ts';
import type { Finding } from '../prevalence.ts';
import { atelectasis } from './atelectasis.ts';
import { cardiomegaly } from './cardiomegaly.ts';
import { consolidation } from './consolidation.ts';
import { edema } from './edema.ts';
import { effusion } from './effusion.ts';
import { emphysema } from './emphysema.ts';
import { fibrosis } from './fibrosis.ts';
import { hernia } from './hernia.ts';
import { infiltration } from './infiltration.ts';
import { mass } from './mass.ts';
import { nodule } from './nodule.ts';
import { pleuralThickening } from './pleural-thickening.ts';
import { pneumonia } from './pneumonia.ts';
import { pneumothorax } from './pneumothorax.ts';

export const lesionModels: Readonly<Record<Finding, LesionModel>> = {
  Atelectasis: atelectasis,
  Cardiomegaly: cardiomegaly,
  Effusion: effusion,
  Infiltration: infiltration,
  Mass: mass,
  Nodule: nodule,
  Pneumonia: pneumonia,
  Pneumothorax: pneumothorax,
  Consolidation: consolidation,
  Edema: edema,
  Emphysema: emphysema,
  Fibrosis: fibrosis,
  Pleural_Thickening: pleuralThickening,
  Hernia: hernia,
};
