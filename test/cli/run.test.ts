import { describe, expect, test } from 'vitest';
import { main } from '../../cli/main.ts';
import { run } from '../../cli/run.ts';
import { runBy } from './run-cli.ts';

describe('the short way of netc check', () => {
  test.each([
    ['a source', ['check', 'models/mlp.net']],
    ['two', ['check', 'models/mlp.net', 'models/u-net.net']],
    ['one with errors', ['check', 'test/cases/error/N1001-unexpected-character.net']],
    ['one that is missing', ['check', 'models/mlpp.net']],
    ['names that could be numbers', ['check', '7.net', '1e3.net']],
    ['a folder', ['check', 'models/lib']],
    ['no source', ['check']],
    ['an option', ['check', 'models/mlp.net', '--json']],
    ['a wrong option', ['check', 'models/mlp.net', '--jsn']],
    ['words behind --', ['check', '--', 'models/mlp.net']],
    ['another command', ['fmt', '--check', 'models/mlp.net']],
  ])('does with %s what yargs does', async (_, argv) => {
    expect(await runBy(run, argv)).toEqual(await runBy(main, argv));
  });
});
