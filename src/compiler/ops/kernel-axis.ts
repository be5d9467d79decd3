/** The axis of a convolution's kernel that belongs to an axis of x. */
export function kernelAxis(axis: string): string {
  return `.${axis}`;
}
