import { expect, test } from 'vitest';
import { memoryBudgetOption } from '../../cli/memory-budget-option.ts';
import { resumeCommand } from '../../cli/train/resume-command.ts';

test('a run is gone on with as itself', () => {
  const options = { data: 'my images', set: ['size=64'], provider: 'cpu' };
  expect(resumeCommand('a.net', 'run', options)).toBe(
    "netc train a.net --data 'my images' --set size=64 --out run --resume",
  );
});

test.each(['200MB', '1.5GB', '1GiB', '0.3MiB'])(
  'and within its budget of %s, which it may need',
  (written) => {
    const memoryBudget = memoryBudgetOption.coerce(written);
    const command = resumeCommand('a.net', 'run', { memoryBudget });
    const [, again = ''] = /--memory-budget (\S+)/.exec(command) ?? [];
    expect(memoryBudgetOption.coerce(again)).toBe(memoryBudget);
  },
);
