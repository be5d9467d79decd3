import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvFields, csvLine, textLines } from '../../src/runtime/csv.ts';

describe('csvFields', () => {
  it.each([
    ['', ['']],
    ['a,b,', ['a', 'b', '']],
    ['"a,b",c', ['a,b', 'c']],
    ['"say ""x""",', ['say "x"', '']],
    ['Size[Width,Height]', ['Size[Width', 'Height]']],
  ])('of %j', (line, fields) => {
    expect(csvFields(line)).toEqual(fields);
  });

  it('undo quoting', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (fields) => {
        const line = fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',');
        expect(csvFields(line)).toEqual(fields);
      }),
      { seed: 6 },
    );
  });
});

describe('csvLine', () => {
  it.each([
    [['a.png', 0.25, undefined, 1e-9], 'a.png,0.25,,1e-9'],
    [['Lung, left', 'say "x"'], '"Lung, left","say ""x"""'],
  ])('of %j', (fields, line) => {
    expect(csvLine(fields)).toBe(line);
    expect(csvFields(line)).toEqual(fields.map((field) => String(field ?? '')));
  });
});

describe('textLines', () => {
  it('reads all line ends and drops a byte-order mark', () => {
    expect(textLines('\uFEFFa\r\nb\nc\rd')).toEqual(['a', 'b', 'c', 'd']);
  });
});
