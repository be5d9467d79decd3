/** `--watch`: the command stays, and does its work again whenever a source has changed. */
export const watchOption = {
  type: 'boolean',
  default: false,
  describe: 'Do it again whenever a source changes; Ctrl-C ends it',
} as const;
