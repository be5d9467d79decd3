import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { sarifProblems } from '../support/sarif-structure.ts';
import { runCli } from './run-cli.ts';

const folder = await realpath(await temporaryFolder());
const before = process.cwd();
const good = 'language 1\n\nblock Same()(x: [N]) -> [N] {\n  return x\n}\n';
const misspelt = good.replace('return x', 'return rellu(x)');
const importing =
  'language 1\nimport { Same } from "./lib/ä b.net"\n\nblock Other()(x: [N]) -> [N] {\n  return Same()(x)\n}\n';

beforeAll(async () => {
  await mkdir(join(folder, 'repository/.git'), { recursive: true });
  await mkdir(join(folder, 'repository/part/lib'), { recursive: true });
  const files = {
    'repository/part/package.json': '{}',
    'repository/part/good.net': good,
    'repository/part/imports.net': importing,
    'repository/part/imports-too.net': importing.replace('Other', 'Another'),
    'repository/part/lib/ä b.net': misspelt,
    'alone.net': misspelt,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});
afterEach(() => process.chdir(before));
afterAll(() => process.chdir(before));

interface Log {
  readonly runs: readonly [
    {
      readonly originalUriBaseIds: unknown;
      readonly results: readonly { readonly ruleId: string; readonly locations: unknown }[];
      readonly tool: {
        readonly driver: { readonly rules: readonly { readonly help: { readonly text: string } }[] };
      };
    },
  ];
}

async function logOf(
  ...files: readonly string[]
): Promise<{ readonly code: number | null; readonly run: Log['runs'][0] }> {
  const { code, out, err } = await runCli('check', ...files, '--format', 'sarif');
  expect(err).toBe('');
  const log = JSON.parse(out) as Log;
  expect(sarifProblems(log)).toEqual([]);
  return { code, run: log.runs[0] };
}

describe('netc check --format sarif', () => {
  test('gives paths from the top of the repository, wherever in it one stands', async () => {
    process.chdir(join(folder, 'repository/part/lib'));
    const { code, run } = await logOf('../imports.net', '../imports-too.net');
    expect(code).toBe(1);
    const base = `${pathToFileURL(join(folder, 'repository')).href}/`;
    expect(run.originalUriBaseIds).toEqual({ '%SRCROOT%': { uri: base } });
    expect(run.results).toMatchObject([
      {
        ruleId: 'N2001',
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'part/lib/%C3%A4%20b.net', uriBaseId: '%SRCROOT%' },
              region: { startLine: 4, startColumn: 10, endLine: 4, endColumn: 15 },
            },
          },
        ],
      },
    ]);
    expect(run.tool.driver.rules[0]?.help.text).toMatch(/^# N2001: unknown name\n/);
  });

  test('gives whole paths to files outside', async () => {
    process.chdir(join(folder, 'repository'));
    const { run } = await logOf('../alone.net');
    const artifactLocation = { uri: pathToFileURL(join(folder, 'alone.net')).href };
    expect(run.results).toMatchObject([{ locations: [{ physicalLocation: { artifactLocation } }] }]);
  });

  test('succeeds without results where all is well', async () => {
    process.chdir(folder);
    const { code, run } = await logOf('repository/part/good.net');
    expect([code, run.results]).toEqual([0, []]);
  });
});

describe('netc check --format', () => {
  test('json is --json', async () => {
    const file = join(folder, 'alone.net');
    const [long, short] = [
      await runCli('check', file, '--format', 'json'),
      await runCli('check', file, '--json'),
    ];
    expect(long).toEqual(short);
    expect(await runCli('check', file, '--format', 'text')).toEqual(await runCli('check', file));
  });

  test.each([
    [['--json', '--format', 'sarif'], '--json and --format sarif contradict each other'],
    [['--format', 'sarf'], '--format takes text, json or sarif, not "sarf"; did you mean sarif?'],
    [['--dry-run'], '--dry-run goes with --fix'],
    [['--fix', '--watch'], '--fix and --watch do not go together: fixes are applied once'],
    [['--fix', '--format', 'sarif'], '--format sarif prints one report; it does not go with --fix'],
    [['--watch', '--format', 'sarif'], '--format sarif prints one report; it does not go with --watch'],
  ])('refuses %j', async (options, message) => {
    const { code, out, err } = await runCli('check', join(folder, 'alone.net'), ...options);
    expect({ code, out, err }).toEqual({ code: 2, out: '', err: `error: ${message}` });
  });
});
