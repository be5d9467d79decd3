/** The files of the target `onnx-train` that depend on the model. */
export interface DriverFiles {
  readonly step: string;
  /** Only where gradients of several batches are accumulated. */
  readonly accumulating: string;
  readonly evaluation: string;
  readonly initial: string;
  readonly driver: string;
  readonly types: string;
}

/** Characters that mean something in a shell, a URL or a comment become `_`. */
export function driverFiles(sourceName: string): DriverFiles {
  const name = sourceName.replace(/\.net$/, '').replaceAll(/[^\w.-]/g, '_');
  return {
    step: `${name}.step.onnx`,
    accumulating: `${name}.accumulate.onnx`,
    evaluation: `${name}.eval.onnx`,
    initial: `${name}.initial.safetensors`,
    driver: `${name}.step.mjs`,
    types: `${name}.step.d.mts`,
  };
}
