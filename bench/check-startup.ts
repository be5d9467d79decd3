import type { Bench } from './bench.ts';
import { row } from './row.ts';
import { timeProcesses } from './support/processes.ts';

const ROUNDS = 15;
/** How many starts of Node a check may take. */
const LIMIT = 2.5;

/** `netc check models/mair.net` as an editor's or a hook's whole process, against Node that does nothing. */
export const bench: Bench = {
  title: `checking models/mair.net takes no more than ${LIMIT} starts of Node`,
  run: async ({ root }) => {
    const node = (...args: readonly string[]) => ({ file: process.execPath, args, cwd: root });
    const { check, nothing } = await timeProcesses(
      { check: node('dist/netc.cjs', 'check', 'models/mair.net'), nothing: node('-e', '0') },
      ROUNDS,
    );
    return [row('netc check models/mair.net against node -e 0, ms', check, nothing, LIMIT)];
  },
};
