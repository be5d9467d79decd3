import { describe, expect, test } from 'vitest';
import { main } from '../../cli/main.ts';
import { plainCheck } from '../../cli/plain-check.ts';
import { plainSources } from '../../cli/plain-sources.ts';
import { runBy } from './run-cli.ts';

describe('netc check with sources alone', () => {
  test.each([
    ['a source', ['models/mlp.net']],
    ['two', ['models/mlp.net', 'models/u-net.net']],
    ['one with errors', ['test/cases/error/N1001-unexpected-character.net']],
    ['one that is missing', ['models/mlpp.net']],
    ['names that could be numbers', ['7.net', '1e3.net']],
    ['a folder', ['models/lib.net']],
  ])('does with %s what yargs would have it do', async (_, files) => {
    const line = ['check', ...files];
    expect(plainSources(line)).toEqual(files);
    expect(
      await runBy((argv, terminal) => Promise.resolve(plainCheck(argv.slice(1), terminal)), line),
    ).toEqual(await runBy(main, line));
  });

  test.each([
    [[]],
    [['check']],
    [['fmt', 'a.net']],
    [['check', 'a.net', '--json']],
    [['check', 'a.net', '-h']],
    [['check', 'a.net', 'help']],
    [['check', '--', 'a.net']],
    [['check', '--model=a.net']],
    [['check', 'a.nte']],
  ])('leaves %j to yargs', (argv) => {
    expect(plainSources(argv)).toBeUndefined();
  });
});
