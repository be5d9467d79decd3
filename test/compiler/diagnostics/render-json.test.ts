import { expect, test } from 'vitest';
import { errorAt } from '../../../src/compiler/diagnostics/diagnostic.ts';
import { jsonDiagnostics } from '../../../src/compiler/diagnostics/render-json.ts';
import { SourceFile } from '../../../src/compiler/source/source-file.ts';

const sources = new Map([['a.net', new SourceFile('a.net', 'language 1\nx = yy\n')]]);

test('gives every part of a diagnostic, with places as editors count them', () => {
  const span = { file: 'a.net', start: 15, end: 17 };
  const error = errorAt('N2001', span, 'unknown name `yy`', {
    related: [{ span: { file: 'gone.net', start: 0, end: 0 }, message: 'looked for here' }],
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
  const error = errorAt('N2001', { file: 'a.net', start: 0, end: 1 }, 'unknown');
  expect(jsonDiagnostics([error], { sources })).toMatchObject([
    { help: null, fix: null, related: [], notes: [] },
  ]);
});
