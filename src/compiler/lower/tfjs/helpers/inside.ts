import type { TfjsHelper } from '../emitter.ts';

export const needs: readonly TfjsHelper[] = [];

export const source = `/** The source of random numbers of an instance inside of a block; none where there is none. */
function inside(random, path) {
  return random && { ...random, path: \`\${random.path}/\${path}\` };
}
`;
