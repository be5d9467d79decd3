/** Values of parameters by path; row-major in the order in which the parameter's axes are declared. */
export type Weights = ReadonlyMap<string, Float32Array>;
