/** One image with its labels, or its masks: what every reader of a data set returns and `batches` takes. */
export interface Sample {
  /**
   * What the image is called within its data set, wherever that lies: the file name, or the path below the folder where
   * file names repeat. Stands in reports, and keys what is drawn at random for the image.
   */
  readonly name: string;
  readonly path: string;
  /** Whose image it is; splits must not share it. Never written to reports or models. */
  readonly patient: string;
  /** 1 where the finding is present, 0 where it is not; in the order of the model's labels. */
  readonly labels: Float32Array;
  /** 1 where the label is known and takes part in the loss, 0 where it does not. */
  readonly known: Float32Array;
  /** Where the model learns from masks: those of the image. There are no labels then. */
  readonly masks?: SampleMasks;
}

export interface SampleMasks {
  /** A file for each class, in the order of the model's labels. */
  readonly paths: readonly string[];
  /** SHA-256 over the pixels of all of them. */
  readonly sha256: string;
}
