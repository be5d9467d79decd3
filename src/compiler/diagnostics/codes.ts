/**
 * Every diagnostic of the compiler: its stable code and its title. `docs/errors/<code>.md` explains each with a
 * failing example; a test holds table, pages and examples together.
 *
 * N1xxx syntax, N2xxx names and modules, N3xxx arguments and kinds of values, N4xxx shapes, N5xxx parameters,
 * N6xxx limits, N7xxx targets and training, N8xxx verification.
 */
export const codes = {
  N1001: 'unexpected character',
  N1002: 'syntax error',
  N1003: 'missing or unsupported language version',
  N1004: 'malformed literal',

  N2001: 'unknown name',
  N2002: 'name declared twice',
  N2003: 'file not found',
  N2004: 'import cycle',
  N2005: 'path outside the project',
  N2006: 'file cannot be read',
  N2007: 'name not exported by the module',
  N2008: 'recursive block',
  N2009: 'nothing to build',

  N3001: 'unknown argument',
  N3002: 'argument given twice',
  N3003: 'missing argument',
  N3004: 'too many arguments',
  N3005: 'argument of the wrong kind',
  N3006: 'value cannot be used here',
  N3007: 'operator does not apply',
  N3008: 'wrong number of values',
  N3009: 'missing return',
  N3010: 'argument out of range',
  N3011: 'wrong element type',
  N3012: 'condition is not known when the block is compiled',
  N3013: 'unused value',

  N4001: 'shapes do not match',
  N4002: 'axis not there',
  N4003: 'axis appears twice',
  N4004: 'broadcast would form an outer product',
  N4005: 'division is not exact',
  N4006: 'requirement not met',
  N4007: 'requirement cannot be proved',
  N4008: 'returned shape differs from the declared one',
  N4009: 'size may not be positive',
  N4010: 'size is not determined by the inputs',
  N4011: 'index out of range',
  N4012: 'assertion does not hold',
  N4013: 'value changes its shape in the loop',
  N4014: 'list elements differ in shape',

  N5001: 'two instances would get one parameter path',
  N5002: 'shared instance called with different shapes',
  N5003: 'parameter depends on a dynamic size',
  N5004: 'unknown initialiser',

  N6001: 'program too large',
  N6002: 'size too large',
  N6003: 'nesting too deep',

  N7001: 'target cannot take this operation',
  N7002: 'unknown setting',
  N7003: 'training needs a scalar loss',
  N7004: 'setting out of range',
  N7005: 'loss that no weight has a part in',
  N7006: 'weights that the loss does not depend on',

  N8001: 'targets disagree',
  N8002: 'verification could not run',
  N8003: 'memory budget too small',
} as const;

export type Code = keyof typeof codes;

/** Whether a code is about shapes, so that its message should say where the sizes come from. */
export function isShapeCode(code: Code): boolean {
  return code.startsWith('N4');
}
