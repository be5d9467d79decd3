import type { chestXray14Labels } from '../chestxray14.ts';

export type Finding = (typeof chestXray14Labels)[number];

/**
 * The share of images with each finding, as in the label file of ChestX-ray14 of 2020 (rows with the label of 112,120;
 * Wang et al., CVPR 2017). 53.8 % there have none; here it is what `correlation` leaves, see docs/phantom.md.
 */
export const phantomPrevalence: Readonly<Record<Finding, number>> = {
  Atelectasis: 11559 / 112120,
  Cardiomegaly: 2776 / 112120,
  Effusion: 13317 / 112120,
  Infiltration: 19894 / 112120,
  Mass: 5782 / 112120,
  Nodule: 6331 / 112120,
  Pneumonia: 1431 / 112120,
  Pneumothorax: 5302 / 112120,
  Consolidation: 4667 / 112120,
  Edema: 2303 / 112120,
  Emphysema: 2516 / 112120,
  Fibrosis: 1686 / 112120,
  Pleural_Thickening: 3385 / 112120,
  Hernia: 227 / 112120,
};

/** The share of images taken from front to back (AP), mostly of patients in bed. */
export const portablePrevalence = 44810 / 112120;

/** How a finding, or an AP view, hangs together with the others. */
export interface Correlation {
  /** On trapped air, acute illness, focal and chronic disease, congestion; their squares add up to less than 1. */
  readonly loadings: readonly [air: number, acute: number, focal: number, fluid: number];
  /** From 0 to 1: how much of what is left belongs to the patient and not to the day. */
  readonly persistence: number;
}

/**
 * A finding is present where a standard normal number falls below the quantile of its prevalence; the numbers of an image
 * share four factors. The loadings were fitted to the tetrachoric correlations of the published label file, and keep
 * its prevalences exactly and its co-occurrences nearly: Effusion with Cardiomegaly, for instance, is 3.2 times as
 * frequent there as independence would have it, and 3.0 times here.
 */
export const correlation: Readonly<Record<Finding | 'portable', Correlation>> = {
  Atelectasis: { loadings: [0.17, 0.12, 0.06, 0.41], persistence: 0.3 },
  Cardiomegaly: { loadings: [-0.23, -0.01, -0.17, 0.47], persistence: 0.95 },
  Effusion: { loadings: [0.08, 0.14, 0.08, 0.81], persistence: 0.5 },
  Infiltration: { loadings: [-0.02, 0.33, 0.17, 0.25], persistence: 0.3 },
  Mass: { loadings: [0.14, 0, 0.53, 0.13], persistence: 0.9 },
  Nodule: { loadings: [-0.03, -0.05, 0.55, 0], persistence: 0.9 },
  Pneumonia: { loadings: [-0.12, 0.35, 0.06, 0.15], persistence: 0.2 },
  Pneumothorax: { loadings: [0.76, -0.09, 0.05, 0.06], persistence: 0.5 },
  Consolidation: { loadings: [0.04, 0.26, 0.28, 0.31], persistence: 0.3 },
  Edema: { loadings: [-0.22, 0.68, 0.03, 0.14], persistence: 0.2 },
  Emphysema: { loadings: [0.64, -0.02, 0, 0.05], persistence: 0.9 },
  Fibrosis: { loadings: [-0.05, -0.32, 0.21, 0.1], persistence: 0.95 },
  Pleural_Thickening: { loadings: [0.12, -0.16, 0.36, 0.27], persistence: 0.9 },
  Hernia: { loadings: [-0.04, -0.29, 0.06, 0.06], persistence: 0.98 },
  portable: { loadings: [0.04, 0.76, -0.06, 0.09], persistence: 0.3 },
};
