import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  commentLines,
  entry,
  key,
  member,
  numberLiteral,
  stringLiteral,
  wrappedComment,
} from '../../../../src/compiler/lower/tfjs/literals.ts';
import { runJavaScript } from './run-javascript.ts';

const evaluate = (text: string): unknown => runJavaScript(`return ${text};`);
const strings = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    "'",
    '"',
    '`${1}`',
    '\\',
    '\u2028',
    '\u2029',
    '\r\n',
    '*/',
    '</script>',
    '__proto__',
    'constructor',
  ),
);

describe('literals', () => {
  it('of strings are those strings', () => {
    fc.assert(
      fc.property(strings, (text) => {
        const literal = stringLiteral(text);
        expect(evaluate(literal)).toBe(text);
        expect(literal).not.toMatch(/[\n\r\u2028\u2029]/);
      }),
      { seed: 1 },
    );
  });

  it('of numbers are those numbers', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(evaluate(numberLiteral(value))).toBe(value);
      }),
      { seed: 2 },
    );
    expect(() => numberLiteral(NaN)).toThrow();
  });

  it('of keys make properties of their own, and members read them', () => {
    fc.assert(
      fc.property(strings, (name) => {
        const made = evaluate(`({ ${key(name)}: 1 })`) as object;
        expect(Object.getOwnPropertyNames(made)).toEqual([name]);
        expect(runJavaScript(`return made${member(name)};`, { made })).toBe(1);
      }),
      { seed: 3 },
    );
    expect(entry('x', 'x')).toBe('x');
    expect(entry('x', 'y')).toBe('x: y');
    expect(entry('__proto__', '__proto__')).toBe("['__proto__']: __proto__");
    expect(member('0')).toBe('[0]');
  });
});

describe('comments', () => {
  it('end no earlier than they should', () => {
    fc.assert(
      fc.property(fc.array(strings), (parts) => {
        const lines = commentLines(parts.join(''));
        expect(evaluate(`(() => {\n${lines.join('\n')}\nreturn 1;\n})()`)).toBe(1);
        for (const line of lines) expect(line).toMatch(/^\/\/[^\n\r\u2028\u2029]*$/);
      }),
      { seed: 4 },
    );
  });

  it('wrap at the width', () => {
    expect(wrappedComment('one two three four', 9)).toEqual(['// one two', '// three', '// four']);
  });
});
