import type { SettingSpecs } from './setting.ts';

/** How images are varied in training; the runtime does it, see `Augmentation` there. */
export interface AugmentationKind {
  readonly name: string;
  readonly doc: string;
  readonly settings: SettingSpecs;
}

export const randomView: AugmentationKind = {
  name: 'view',
  doc: 'Another view of each image in each epoch: mirrored, moved, enlarged, by one resampling.',
  settings: {
    flip: { kind: 'bool', default: false, doc: 'mirror every second image, left to right' },
    shift: {
      kind: 'number',
      default: 0,
      min: 0,
      below: 1,
      doc: 'how far images move at most, as a fraction of their width and height',
    },
    zoom: {
      kind: 'number',
      default: 0,
      min: 0,
      below: 1,
      doc: 'by what fraction images are enlarged or made smaller at most',
    },
  },
};
