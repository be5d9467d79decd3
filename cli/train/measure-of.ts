import type { ImageRecipe } from '../../src/compiler/lower/image-recipe.ts';
import { aucMeasure } from '../../src/runtime/training/auc-measure.ts';
import { diceMeasure } from '../../src/runtime/training/dice-measure.ts';
import type { Measure } from '../../src/runtime/training/measure.ts';

/** What a model is judged by: AUC where it learns from labels, Dice where it learns from masks. */
export function measureOf({ learnsFrom, labels, labelled, pixels }: ImageRecipe, place: string): Measure {
  switch (learnsFrom) {
    case 'labels':
      return aucMeasure(labels);
    case 'masks':
      return diceMeasure({ labels, layout: pixels.layout, output: labelled, place });
  }
}
