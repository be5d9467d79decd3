import { describe, expect, test } from 'vitest';
import { codes } from '../../../src/compiler/diagnostics/codes.ts';
import { errorAt, warningAt } from '../../../src/compiler/diagnostics/diagnostic.ts';
import { sarifLog, type SarifInput, type SarifLog } from '../../../src/compiler/diagnostics/render-sarif.ts';
import { SourceFile } from '../../../src/compiler/source/source-file.ts';
import { casesIn, complaintsOf } from '../../support/cases.ts';
import { sarifProblems } from '../../support/sarif-structure.ts';
import { Span } from '../../../src/compiler/source/span.ts';

const options = {
  version: '1.2.3',
  uriBaseIds: { ROOT: { uri: 'file:///home/' } },
  page: (code: string) => `# ${code}: title\n\nWhat it\nmeans.\n\n## Example\n`,
};
const locate = (path: string) => ({ uri: path, uriBaseId: 'ROOT' });
const sources = new Map([
  ['a.net', new SourceFile('a.net', 'language 1\n🫁 x = yy\n')],
  ['b.net', new SourceFile('b.net', 'language 1\n')],
]);
const span = Span.of('a.net', 18, 20);

function log(...inputs: readonly SarifInput[]): SarifLog {
  const made = sarifLog(inputs, options);
  expect(sarifProblems(JSON.parse(JSON.stringify(made)))).toEqual([]);
  return made;
}

describe('sarifLog', () => {
  test('has of a diagnostic all that a code host can show', () => {
    const edit = { span: Span.of('b.net', 11, 11), text: 'z\n' };
    const error = errorAt('N2001', span, 'unknown name `yy`', {
      related: [{ span: Span.of('gone.net', 0, 0), message: 'looked for here' }],
      notes: ['there is `y`\nand `\u001bz`'],
      help: 'did you mean `y`?',
      fix: { title: 'Replace by y', edits: [{ span, text: 'y' }, edit] },
    });
    const { runs } = log({ diagnostics: [error], sources, locate });
    const region = { startLine: 2, startColumn: 8, endLine: 2, endColumn: 10 };
    const artifactLocation = { uri: 'a.net', uriBaseId: 'ROOT' };
    const page = '# N2001: title\n\nWhat it\nmeans.\n\n## Example\n';
    expect(runs).toEqual([
      {
        tool: {
          driver: {
            name: 'netc',
            version: '1.2.3',
            rules: [
              {
                id: 'N2001',
                shortDescription: { text: codes.N2001 },
                fullDescription: { text: 'What it means.' },
                help: { text: page, markdown: page },
              },
            ],
          },
        },
        invocations: [{ executionSuccessful: true }],
        originalUriBaseIds: { ROOT: { uri: 'file:///home/' } },
        columnKind: 'utf16CodeUnits',
        results: [
          {
            ruleId: 'N2001',
            ruleIndex: 0,
            level: 'error',
            message: { text: 'unknown name `yy`\nthere is `y`\nand `␛z`\nhelp: did you mean `y`?' },
            locations: [{ physicalLocation: { artifactLocation, region } }],
            relatedLocations: [
              {
                id: 1,
                physicalLocation: { artifactLocation: { uri: 'gone.net', uriBaseId: 'ROOT' } },
                message: { text: 'looked for here' },
              },
            ],
            fixes: [
              {
                description: { text: 'Replace by y' },
                artifactChanges: [
                  {
                    artifactLocation,
                    replacements: [{ deletedRegion: region, insertedContent: { text: 'y' } }],
                  },
                  {
                    artifactLocation: { uri: 'b.net', uriBaseId: 'ROOT' },
                    replacements: [
                      {
                        deletedRegion: { startLine: 2, startColumn: 1, endLine: 2, endColumn: 1 },
                        insertedContent: { text: 'z\n' },
                      },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      },
    ]);
  });

  test('says once what several files say of one that they import', () => {
    const first = errorAt('N4001', span, 'shapes');
    const second = warningAt('N3013', span, 'unused');
    const inputs = [[first], [first, second], [second]];
    const [{ tool, results }] = log(...inputs.map((diagnostics) => ({ diagnostics, sources, locate }))).runs;
    expect(tool.driver.rules.map(({ id }) => id)).toEqual(['N3013', 'N4001']);
    expect(results.map(({ ruleId, ruleIndex, level }) => [ruleId, ruleIndex, level])).toEqual([
      ['N4001', 1, 'error'],
      ['N3013', 0, 'warning'],
    ]);
  });

  test('is a log of no results where nothing is wrong', () => {
    const [{ results, tool }] = log({ diagnostics: [], sources, locate }).runs;
    expect([results, tool.driver.rules]).toEqual([[], []]);
  });

  test('is as the standard has it for every wrong program that we have', () => {
    const inputs = casesIn('test/cases/error').map((wrong) => {
      const { diagnostics, sources: read } = complaintsOf(wrong).compilation;
      return { diagnostics, sources: read, locate };
    });
    const [{ results }] = log(...inputs).runs;
    expect(results.length).toBeGreaterThan(150);
    expect(results.filter(({ relatedLocations }) => relatedLocations !== undefined).length).toBeGreaterThan(
      50,
    );
    expect(results.some(({ fixes }) => fixes !== undefined)).toBe(true);
  });
});

describe('the check of a log', () => {
  const valid = (): unknown => JSON.parse(JSON.stringify(log({ diagnostics: [errorAt('N4001', span, 'x')], sources, locate }))); // prettier-ignore

  test.each([
    ['a version', /"2\.1\.0"/, '"2.0"', '$.version should be 2.1.0'],
    ['a property too many', /"level"/, '"Level":"error","level"', '$.runs[0].results[0] has Level'],
    ['a property that is missing', /"ruleIndex":0,/, '', '$.runs[0].results[0] lacks ruleIndex'],
    ['a line 0', /"startLine":2/, '"startLine":0', '.region.startLine should be an integer from 1'],
    ['an end before the start', /"endColumn":10/, '"endColumn":7', '.region should be a region that ends'],
    ['a blank in a URI', /"uri":"a\.net"/, '"uri":"a b.net"', '.uri should be a URI reference'],
    ['a path from nowhere', /,"uriBaseId":"ROOT"/, '', 'should be absolute or relative to a base'],
    ['an empty message', /"text":"x"/, '"text":""', '.message.text should be a text that is not empty'],
  ])('finds %s', (_, part, wrong, found) => {
    const broken: unknown = JSON.parse(JSON.stringify(valid()).replace(part, wrong));
    expect(sarifProblems(broken).join('\n')).toContain(found);
  });
});
