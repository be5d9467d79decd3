import { imageRecipe, type ImageRecipe } from '../../src/compiler/lower/image-recipe.ts';
import { UserError } from '../../src/runtime/errors.ts';
import type { CompiledModel } from '../compile-model.ts';

/** What the model learns from. UserError R4007 where it is not one that learns from labelled images. */
export function recipeOf({ module, file }: CompiledModel): ImageRecipe {
  if (module.training === undefined) {
    throw new UserError('R4007', `The file has no \`train\` for the model ${module.model.name}.`, {
      place: file,
      remedy: `Add one: train ${module.model.name} { target ... loss = ... optimizer ... batch ... epochs ... }.`,
    });
  }
  const recipe = imageRecipe(module);
  if (recipe !== undefined) return recipe;
  throw new UserError(
    'R4007',
    'What is trained here has one input `from pixels`, one output with `labels`, one `target` of that shape, and at most one `weight`.',
    {
      place: file,
      remedy:
        'Train other models with your own loop over the program that `netc build --target tfjs` writes.',
    },
  );
}
