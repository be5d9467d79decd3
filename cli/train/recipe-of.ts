import { readRecipe, type ImageRecipe } from '../../src/compiler/lower/image-recipe.ts';
import { UserError } from '../../src/runtime/errors.ts';
import type { CompiledModel } from '../compile-model.ts';

/** What the model learns from. UserError R4007 where it is not one that learns from images with labels or masks. */
export function recipeOf({ module, file }: CompiledModel): ImageRecipe {
  if (module.training === undefined) {
    throw new UserError('R4007', `The file has no \`train\` for the model ${module.model.name}.`, {
      place: file,
      remedy: `Add one: train ${module.model.name} { target ... loss = ... optimizer ... batch ... epochs ... }.`,
    });
  }
  const recipe = readRecipe(module);
  if (!('fault' in recipe)) return recipe;
  throw new UserError('R4007', recipe.fault, { place: file, remedy: recipe.remedy });
}
