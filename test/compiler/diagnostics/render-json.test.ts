import { expect, test } from 'vitest';
import { errorAt } from '../../../src/compiler/diagnostics/diagnostic.ts';
import { jsonDiagnostics } from '../../../src/compiler/diagnostics/render-json.ts';
import { SourceFile } from '../../../src/compiler/source/source-file.ts';
import { Span } from '../../../src/compiler/source/span.ts';

const sources = new Map([['a.net', new SourceFile('a.net', 'language 1\nx = yy\n')]]);

test('gives every part of a diagnostic, with places as editors count them', () => {
  const span = Span.of('a.net', 15, 17);
  const error = errorAt('N2001', span, 'unknown name `yy`', {
    related: [{ span: Span.startOf('gone.net'), message: 'looked for here' }],
    notes: ['there is `y`'],
    help: 'did you mean `y`?',
    fix: { title: 'Replace by y', edits: [{ span, text: 'y' }] },
  });
  const start = { line: 2, column: 5 };
  const end = { line: 2, column: 7 };
  expect(jsonDiagnostics([error], { sources })).toEqual([
    {
      code: 'N2001',
      title: 'unknown name',
      severity: 'error',
      message: 'unknown name `yy`',
      file: 'a.net',
      start,
      end,
      related: [{ message: 'looked for here', file: 'gone.net' }],
      notes: ['there is `y`'],
      help: 'did you mean `y`?',
      fix: { title: 'Replace by y', edits: [{ text: 'y', file: 'a.net', start, end }] },
      documentation: 'docs/errors/N2001.md',
    },
  ]);
});

test('has null where there is neither help nor fix, so that the shape is always the same', () => {
  const error = errorAt('N2001', Span.of('a.net', 0, 1), 'unknown');
  expect(jsonDiagnostics([error], { sources })).toMatchObject([
    { help: null, fix: null, related: [], notes: [] },
  ]);
});
