import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { explainedCodes } from '../../cli/explain/error-pages.ts';
import { main } from '../../cli/main.ts';
import { codes } from '../../src/compiler/diagnostics/codes.ts';
import { runCli } from './run-cli.ts';

const page = (code: string): string =>
  readFileSync(new URL(`../../docs/errors/${code}.md`, import.meta.url), 'utf8');

describe('netc explain', () => {
  test.each(['N4004', 'n4004', 'error[N4004]'])('prints the page of %s', async (code) => {
    expect(await runCli('explain', code)).toEqual({ code: 0, out: page('N4004').trimEnd(), err: '' });
  });

  test('prints the pages of several codes, each once', async () => {
    const { out } = await runCli('explain', 'N4004', 'n2001', 'n4004');
    expect(out).toBe(`${page('N4004').trimEnd()}\n\n${page('N2001').trimEnd()}`);
  });

  test('has something to say of every code', async () => {
    const all = [...explainedCodes().keys()];
    const { code, out } = await runCli('explain', ...all, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      format: 1,
      netc: expect.any(String) as string,
      command: 'explain',
      ok: true,
      codes: all.map((each) => ({
        code: each,
        title: explainedCodes().get(each),
        markdown: expect.stringMatching(new RegExp(`^# ${each}: [^]{60}`)) as string,
        documentation: each in codes ? `docs/errors/${each}.md` : 'docs/errors/files-and-data.md',
      })),
    });
  });

  test('says what lies behind an error in files and data', async () => {
    const { out } = await runCli('explain', 'R1006');
    expect(out).toMatch(/^# R1006: folder is not empty\n\nUsual reasons: .*data set.*\.$/);
  });

  test('lists all codes where none is given', async () => {
    const { code, out } = await runCli('explain');
    expect(code).toBe(0);
    for (const [each, title] of explainedCodes()) expect(out).toContain(`${each}  ${title}`);
  });

  test.each([
    ['N4404', 'there is no code "N4404"; did you mean N4004?'],
    ['N9999', 'there is no code "N9999"; `netc explain` lists all'],
    ['../x', 'there is no code "../x"; `netc explain` lists all'],
  ])('knows no %s', async (code, message) => {
    expect(await runCli('explain', code)).toEqual({ code: 2, out: '', err: `error: ${message}` });
  });

  test('is made for a person at a terminal', async () => {
    const out: string[] = [];
    const screen = { columns: 60, colour: true };
    const terminal = { out: (text: string) => out.push(text), err: () => undefined, colour: true, screen };
    await main(['explain', 'N4004'], terminal);
    const text = out.join('\n');
    expect(text).toContain('\u001b[1mN4004: broadcast would form an outer product\u001b[0m');
    expect(text).not.toMatch(/^#|```/m);
  });
});
