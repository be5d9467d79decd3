import { describe, expect, test } from 'vitest';
import { errorAt, warningAt, type Diagnostic } from '../../../src/compiler/diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../../../src/compiler/diagnostics/render-text.ts';
import { SourceFile } from '../../../src/compiler/source/source-file.ts';
import { Span } from '../../../src/compiler/source/span.ts';

const sources = new Map<string, SourceFile>();

/** Adds a source and gives the span of the n-th occurrence of a word in it. */
function source(path: string, text: string): (word: string, nth?: number) => Span {
  const file = new SourceFile(path, text);
  sources.set(path, file);
  return (word, nth = 1) => {
    let start = -1;
    for (let i = 0; i < nth; i++) start = file.text.indexOf(word, start + 1);
    if (start < 0) throw new Error(`${word} is not in ${path}`);
    return Span.of(path, start, start + word.length);
  };
}

const render = (...diagnostics: Diagnostic[]): string => renderDiagnostics(diagnostics, { sources });

const sim = source(
  'lib/sim.net',
  [
    'language 1',
    '',
    'block SIM()(x: [N, C]) -> [N, C]',
    '{',
    '  y = x |> linear(C -> D: 3)',
    '  return x + y',
    '}',
    '',
  ].join('\n'),
);

test('a fix is named where there is no help, which would say the same', () => {
  const fix = { title: 'Rename D to C', edits: [] };
  const text = render(errorAt('N4001', sim('x + y'), 'the two sides differ', { fix }));
  expect(text).toContain('  = fix: Rename D to C');
});

describe('renderDiagnostics', () => {
  test('shows what is wrong, where, why and how to mend it', () => {
    const shapes = errorAt('N4001', sim('x + y'), 'the two sides of `+` have no axes in common', {
      related: [{ span: sim('D: 3'), message: 'axis D comes from here' }],
      notes: ['the left side is [N, C]\nthe right side is [N, D: 3]'],
      help: 'rename the axis: `y |> rename(D -> C)`',
      fix: { title: 'Rename D to C', edits: [] },
    });
    expect(render(shapes)).toMatchInlineSnapshot(`
      "error[N4001]: the two sides of \`+\` have no axes in common
       --> lib/sim.net:6:10
        |
      5 |   y = x |> linear(C -> D: 3)
        |                        ---- axis D comes from here
      6 |   return x + y
        |          ^^^^^
        |
        = note: the left side is [N, C]
                the right side is [N, D: 3]
        = help: rename the axis: \`y |> rename(D -> C)\`

      1 error; \`netc explain N4001\` tells more"
    `);
  });

  test('shows the lines that a fix changes, and does not say twice what it does', () => {
    const help = 'did you mean `x - y`?';
    const edits = [{ span: sim('+'), text: '-' }];
    expect(render(errorAt('N3007', sim('+'), 'no sum', { help, fix: { title: help, edits } })))
      .toMatchInlineSnapshot(`
        "error[N3007]: no sum
         --> lib/sim.net:6:12
          |
        6 |   return x + y
          |            ^
          |
          = help: did you mean \`x - y\`?
        6 -   return x + y
        6 +   return x - y

        1 error; \`netc explain N3007\` tells more"
      `);
  });

  test('shows a fix of several places, of lines that come and of lines that go', () => {
    const { text } = sources.get('lib/sim.net') ?? { text: '' };
    const at = text.indexOf('  return');
    const fix = {
      title: 'Rename the block and take the rest apart',
      edits: [
        { span: Span.of('lib/sim.net', at, at), text: '  z = x + y\n' },
        { span: sim('x + y'), text: 'z' },
        { span: sim('language 1\n'), text: '' },
        { span: sim('SIM'), text: 'Sim' },
      ],
    };
    expect(render(errorAt('N3007', sim('SIM'), 'no sum', { fix }))).toMatchInlineSnapshot(`
      "error[N3007]: no sum
       --> lib/sim.net:3:7
        |
      3 | block SIM()(x: [N, C]) -> [N, C]
        |       ^^^
        |
        = fix: Rename the block and take the rest apart
      1 - language 1
      2 -
      3 - block SIM()(x: [N, C]) -> [N, C]
      1 +
      2 + block Sim()(x: [N, C]) -> [N, C]
      ...
      6 -   return x + y
      6 +   z = x + y
      7 +   return z

      1 error; \`netc explain N3007\` tells more"
    `);
  });

  test('shows of many lines that go the first alone, and those that come', () => {
    const at = source('many.net', Array.from({ length: 9 }, (_, i) => `line ${i}`).join('\n'));
    const edits = Array.from({ length: 9 }, (_, i) => ({ span: at('line', i + 1), text: 'row' }));
    const text = render(errorAt('N3007', at('line'), 'no sum', { fix: { title: 'Write rows', edits } }));
    const rows = text.split('\n').filter((row) => /^(?:\d [-+]|\.)/.test(row));
    expect(rows).toEqual([
      ...['1 - line 0', '2 - line 1', '3 - line 2', '...'],
      ...Array.from({ length: 7 }, (_, i) => `${i + 1} + row ${i}`),
      '...',
    ]);
  });

  test('shows of a long line what a fix changes there', () => {
    const long = source('wide.net', `labels L = [${'"abcdefgh", '.repeat(400)}oops]\n`);
    const fix = { title: 'Quote it', edits: [{ span: long('oops'), text: '"oops"' }] };
    const text = render(errorAt('N2001', long('oops'), 'unknown name `oops`', { fix }));
    expect(text).toMatch(/^1 - ….*oops\]$/m);
    expect(text).toMatch(/^1 \+ ….*"oops"\]$/m);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(170);
  });

  test('shows the calls that led to a mistake in their order, whatever file and line they are of', () => {
    const outer = source('outer.net', 'block Outer()(x: [N]) -> [N] { return Middle()(x) }\n');
    const middle = source('middle.net', '\n\n\n\n\n\n\n\n\n  return SIM()(x)\n');
    const wrong = errorAt('N4008', sim('x + y'), 'the block returns something else', {
      related: [
        { span: sim('[N, C]', 2), message: 'declared here' },
        { span: middle('SIM()'), message: 'while `SIM` is made for this call', role: 'call' },
        { span: middle('SIM()'), message: 'and so on, through 3 calls', role: 'omitted' },
        { span: outer('Middle()'), message: 'while `Middle` is made for this call', role: 'call' },
      ],
    });
    expect(render(wrong)).toMatchInlineSnapshot(`
      "error[N4008]: the block returns something else
        --> lib/sim.net:6:10
         |
       3 | block SIM()(x: [N, C]) -> [N, C]
         |                           ------ declared here
      ...
       6 |   return x + y
         |          ^^^^^
         |
         = call: while \`SIM\` is made for this call, middle.net:10:10
      10 |   return SIM()(x)
         |          -----
         = call: and so on, through 3 calls
         = call: while \`Middle\` is made for this call, outer.net:1:39
       1 | block Outer()(x: [N]) -> [N] { return Middle()(x) }
         |                                       --------

      1 error; \`netc explain N4008\` tells more"
    `);
  });

  test('keeps other files apart and sorts by place', () => {
    const common = source('lib/common.net', 'block Conv()(x: [N]) -> [N] { return x }\n');
    const second = errorAt('N3001', sim('linear'), 'unknown argument `stride`', {
      related: [{ span: common('Conv'), message: 'declared here' }],
    });
    const first = warningAt('N3007', sim('SIM'), 'operator does nothing here');
    expect(render(second, first)).toMatchInlineSnapshot(`
      "warning[N3007]: operator does nothing here
       --> lib/sim.net:3:7
        |
      3 | block SIM()(x: [N, C]) -> [N, C]
        |       ^^^

      error[N3001]: unknown argument \`stride\`
       --> lib/sim.net:5:12
        |
      5 |   y = x |> linear(C -> D: 3)
        |            ^^^^^^
        |
       ::: lib/common.net:1:7
        |
      1 | block Conv()(x: [N]) -> [N] { return x }
        |       ---- declared here

      1 error, 1 warning; \`netc explain N3001 N3007\` tells more"
    `);
  });

  test('places carets under tabs, wide and combining characters', () => {
    const odd = source('odd.net', '\tlabels 胸部 = ["e\u0301", x]\n');
    expect(render(errorAt('N2001', odd('x'), 'unknown name `x`'))).toMatchInlineSnapshot(`
      "error[N2001]: unknown name \`x\`
       --> odd.net:1:21
        |
      1 |     labels 胸部 = ["é", x]
        |                         ^

      1 error; \`netc explain N2001\` tells more"
    `);
  });

  test('underlines the first and the last line of a long span', () => {
    const { text } = sources.get('lib/sim.net') ?? { text: '' };
    const whole = Span.of('lib/sim.net', text.indexOf('block'), text.length);
    expect(render(errorAt('N2008', whole, 'the block calls itself'))).toMatchInlineSnapshot(`
      "error[N2008]: the block calls itself
       --> lib/sim.net:3:1
        |
      3 | block SIM()(x: [N, C]) -> [N, C]
        | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      ...
      7 | }
        | ^

      1 error; \`netc explain N2008\` tells more"
    `);
  });

  test('cuts a line that is too long around the place', () => {
    const long = source('long.net', `labels L = [${'"abcdefgh", '.repeat(40)}oops, ${'"z", '.repeat(40)}]\n`);
    const text = render(errorAt('N2001', long('oops'), 'unknown name `oops`'));
    expect(text).toMatchInlineSnapshot(`
      "error[N2001]: unknown name \`oops\`
       --> long.net:1:493
        |
      1 | …efgh", "abcdefgh", oops, "z", "z", "z", "z", "z", "z", "z", "z", "z", "z", "z", "z", "z", "z", "z", "z", "z", "z", "z", "z", "z", "z", "z",…
        |                     ^^^^

      1 error; \`netc explain N2001\` tells more"
    `);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(170);
  });

  test('names the file alone where there is no text', () => {
    const missing = errorAt('N2003', Span.startOf('gone.net'), 'there is no file gone.net');
    expect(render(missing)).toMatchInlineSnapshot(`
      "error[N2003]: there is no file gone.net
       --> gone.net

      1 error; \`netc explain N2003\` tells more"
    `);
  });

  test('lets no control character of a source reach the terminal', () => {
    const evil = source('evil.net', 'x = "\u001b[31m\u202eabc" # y\n');
    const text = render(errorAt('N1001', evil('#'), 'unexpected `\u001b]0;title\u0007`'));
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  test('says a thing once', () => {
    const twice = errorAt('N2001', sim('linear'), 'unknown name');
    expect(render(twice, { ...twice })).toMatch(/^1 error; /m);
  });

  test('counts what it does not show', () => {
    const many = Array.from({ length: 60 }, (_, i) => errorAt('N2001', sim('x', 2), `unknown name ${i}`));
    expect(render(...many)).toMatch(/^60 errors \(10 more not shown\); `netc explain N2001` tells more$/m);
  });

  test('colours only when asked to', () => {
    const error = errorAt('N2001', sim('linear'), 'unknown name');
    expect(render(error)).not.toContain('\u001b');
    expect(renderDiagnostics([error], { sources, colour: true })).toContain(
      '\u001b[1;31merror[N2001]\u001b[0m',
    );
  });

  test('shows paths as the reader of the message knows them', () => {
    const error = errorAt('N2001', sim('linear'), 'unknown name');
    const text = renderDiagnostics([error], { sources, display: (path) => `../${path}` });
    expect(text).toContain('--> ../lib/sim.net:5:12');
  });
});
