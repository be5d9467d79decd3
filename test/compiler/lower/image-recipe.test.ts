import { describe, expect, it } from 'vitest';
import { imageRecipe, readRecipe, type RecipeFault } from '../../../src/compiler/lower/image-recipe.ts';
import { compiled } from './tfjs/compiled.ts';

interface Parts {
  readonly image: string;
  /** What is computed of the image, and called `logits`. */
  readonly logits: string;
  /** In the `train`. */
  readonly targets: string;
  readonly loss: string;
}

const masks: Parts = {
  image: '[N, C: 1, H: 8, W: 12] from pixels(mean: [0.5], std: [0.25])',
  logits: 'image |> conv(C -> K: organs, over: [H: 1, W: 1])',
  targets: 'target masks: [N, K: organs, H: 8, W: 12]',
  loss: 'mean(softplus(logits) - masks * logits, over: [N, K, H, W])',
};

function sourceOf(changes: Partial<Parts> = {}): string {
  const { image, logits, targets, loss } = { ...masks, ...changes };
  return `language 1

labels Organs = ["lungs", "heart"]

model Tiny(organs: labels = Organs) {
  input image: ${image}
  logits = ${logits}
  output logits
  output probability = sigmoid(logits) labels organs
}

train Tiny {
  ${targets}
  loss = ${loss}
  optimizer sgd(lr: 0.1)
  batch 2
  epochs 1
}
`;
}

describe('imageRecipe', () => {
  it('learns from labels where the target is a row of them', () => {
    const recipe = imageRecipe(
      compiled(
        sourceOf({
          logits: 'image |> mean(over: [H, W]) |> linear(C -> K: organs)',
          targets: 'target found: [N, K: organs]\n  weight known: [N, K: organs]',
          loss: 'mean(known * (softplus(logits) - found * logits), over: [N, K])',
        }),
      ),
    );
    expect(recipe).toMatchObject({
      learnsFrom: 'labels',
      labels: ['lungs', 'heart'],
      labelled: 'probability',
      tensors: [
        { name: 'image', holds: 'images', shape: [1, 8, 12] },
        { name: 'found', holds: 'labels', shape: [2] },
        { name: 'known', holds: 'known', shape: [2] },
      ],
    });
  });

  it('learns from masks where the target has the axes of the image', () => {
    expect(imageRecipe(compiled(sourceOf()))).toMatchObject({
      learnsFrom: 'masks',
      pixels: { layout: 'chw', height: 8, width: 12 },
      tensors: [
        { name: 'image', holds: 'images', shape: [1, 8, 12] },
        { name: 'masks', holds: 'masks', shape: [2, 8, 12] },
      ],
    });
  });

  it('has masks with the labels innermost where the image has its channels there', () => {
    const recipe = imageRecipe(
      compiled(
        sourceOf({
          image: '[N, H: 8, W: 12, C: 1] from pixels(mean: [0.5], std: [0.25])',
          targets: 'target masks: [N, H: 8, W: 12, K: organs]',
        }),
      ),
    );
    expect(recipe?.pixels.layout).toBe('hwc');
    expect(recipe?.tensors[1]).toEqual({ name: 'masks', holds: 'masks', shape: [8, 12, 2] });
  });

  it.each([
    [
      'of another order of axes',
      { targets: 'target masks: [N, H: 8, W: 12, K: organs]' },
      'The target `masks` is [N, H: 8, W: 12, K: 2] and the output `probability`, which has the labels, is [N, K: 2, H: 8, W: 12]',
      'target masks: [N, K: 2, H: 8, W: 12]',
    ],
    [
      'of whole numbers',
      {
        targets: 'target masks: int32[N, K: organs, H: 8, W: 12]',
        loss: 'mean(softplus(logits) - cast(masks, to: f32) * logits, over: [N, K, H, W])',
      },
      'masks are f32',
      'target masks',
    ],
    [
      'of half the size',
      {
        logits: 'image |> conv(C -> K: organs, over: [H: 1, W: 1], stride: 2)',
        targets: 'target masks: [N, K: organs, H: 4, W: 6]',
      },
      "is [N, K: 2, H: 4, W: 6] and the image [N, C: 1, H: 8, W: 12]: masks have the image's axes",
      'resize',
    ],
    [
      'with a weight',
      {
        targets: 'target masks: [N, K: organs, H: 8, W: 12]\n  weight known: [N, K: organs]',
        loss: 'mean(known * mean(softplus(logits) - masks * logits, over: [H, W]), over: [N, K])',
      },
      'this one has `known`',
      'Take `known` out',
    ],
  ])('says what is wrong with masks %s', (_title, changes, fault, remedy) => {
    const module = compiled(sourceOf(changes));
    expect(imageRecipe(module)).toBeUndefined();
    expect(readRecipe(module)).toEqual({
      fault: expect.stringContaining(fault) as string,
      remedy: expect.stringContaining(remedy) as string,
    });
  });

  it('names both ways to train what takes something else than an image', () => {
    const { image } = masks;
    const { remedy } = readRecipe(
      compiled(sourceOf({ image: image.slice(0, image.indexOf(' from')) })),
    ) as RecipeFault;
    expect(remedy).toContain('`netc build --target onnx-train`');
    expect(remedy).toContain('`--target tfjs`');
  });
});
