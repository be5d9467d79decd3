import type { SurfaceOp } from '../ops/surface-op.ts';

/** How an operation is written, defaults included: `conv(axes, over:, stride: 1)(x)` */
export function operationSignature({ name, arguments: args, operands }: SurfaceOp): string {
  const given = Object.entries(args).map(([argument, { positional, optional, default: otherwise }]) => {
    if (optional === true) return `${argument}: ${isLiteral(otherwise) ? otherwise : '...'}`;
    return positional === true ? argument : `${argument}:`;
  });
  if (given.length === 0) return `${name}(${operands.join(', ')})`;
  return operands.length === 0
    ? `${name}(${given.join(', ')})`
    : `${name}(${given.join(', ')})(${operands.join(', ')})`;
}

/** Whether a default could be written in a source. */
export function isLiteral(text: string | undefined): text is string {
  return text !== undefined && !text.includes(' ');
}
