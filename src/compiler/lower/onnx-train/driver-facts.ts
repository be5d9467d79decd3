import type { DType } from '../../ir/tensor-type.ts';
import type { Pixels } from '../../ir/module.ts';
import type { ScalarInput } from '../../training/optimizer-pass.ts';
import type { RandomInput } from '../../training/random-inputs.ts';
import type { RateOfSteps, StepParameter } from '../../training/step-parameters.ts';

/** A tensor of a batch, or an output of the model. */
export interface DriverTensor {
  readonly name: string;
  readonly dtype: DType;
  /** Lengths as numbers; one that only the batch knows by its name, such as `N`. */
  readonly shape: readonly (number | string)[];
  /** The type as the source would write it. */
  readonly written: string;
}

/** What a step is given beside the batch and the parameters. */
export interface StepFacts {
  readonly scalars: readonly ScalarInput[];
  readonly draws: readonly (RandomInput & { readonly shape: readonly number[] })[];
}

/** What the driver of a module says of it: all else in a driver is the same whatever the model. */
export interface DriverFacts {
  readonly model: string;
  readonly seed: number;
  /** Samples of a step. */
  readonly batch: number;
  /** The length that counts samples; undefined where the model takes none. */
  readonly samples: string | undefined;
  readonly inputs: readonly (DriverTensor & { readonly pixels: Pixels | undefined })[];
  readonly outputs: readonly DriverTensor[];
  readonly parameters: readonly StepParameter[];
  readonly step: StepFacts;
  /** Batches after which the optimiser makes a step. */
  readonly accumulation: number;
  readonly rate: RateOfSteps;
}

/** Where a driver comes from, and how its files are called. */
export interface DriverOrigin {
  /** The name of the source file, without folders: `mair.net` makes `mair.step.mjs`. */
  readonly sourceName: string;
  readonly sourceSha256: string;
  readonly netcVersion: string;
}
