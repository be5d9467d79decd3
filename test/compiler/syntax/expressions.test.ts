import { describe, expect, it } from 'vitest';
import { expression, problems, statements } from './reading.ts';

describe('operators', () => {
  it.each([
    ['a + b * c', '(a + (b * c))'],
    ['a - b - c', '((a - b) - c)'],
    ['a / b * c % d', '(((a / b) * c) % d)'],
    ['(y * r) * c', '((y * r) * c)'],
    ['y * (r * c)', '(y * (r * c))'],
    ['-a * b', '((- a) * b)'],
    ['a - -b', '(a - (- b))'],
    ['- -a', '(- (- a))'],
    ['-f(x)', '(- f(x))'],
    ['not a == b', '(not (a == b))'],
    ['not a and b', '((not a) and b)'],
    ['a and not b == c or d', '((a and (not (b == c))) or d)'],
    ['a or b and c', '(a or (b and c))'],
    ['a + 1 <= b ++ c', '((a + 1) <= (b ++ c))'],
    ['[a] ++ x[1..] ++ y', '(([a] ++ x[(1..)]) ++ y)'],
    ['a or b |> f |> g(1)', '(((a or b) |> f) |> g(1))'],
    ['x |> f + g', '(x |> (f + g))'],
    ['f(a |> g, b)', 'f((a |> g), b)'],
  ])('%s', (text, structure) => {
    expect(expression(text)).toBe(structure);
  });
});

describe('ranges', () => {
  it.each([
    ['0..n', '(0..n)'],
    ['0..layers - 1', '(0..(layers - 1))'],
    ['a + 1..2 * b', '((a + 1)..(2 * b))'],
    ['0..-1', '(0..(- 1))'],
    ['g[1..]', 'g[(1..)]'],
    ['g[..2]', 'g[(..2)]'],
    ['g[..]', 'g[(..)]'],
    ['g[1..n - 1]', 'g[(1..(n - 1))]'],
    ['g[-1]', 'g[(- 1)]'],
  ])('%s', (text, structure) => {
    expect(expression(text)).toBe(structure);
  });
});

describe('calls, lists, tuples', () => {
  it.each([
    ['f(h)(x)', 'f(h)(x)'],
    ['f()(x)[0](y)', 'f()(x)[0](y)'],
    ['f(a, over: [H, W],)', 'f(a, over: [H, W])'],
    ['linear(C -> K)', 'linear(C -> K)'],
    ['linear(C -> K: 14, bias: false)', 'linear(C -> K: 14, bias: false)'],
    ['linear(D -> [h: heads, d: D / heads])', 'linear(D -> [h: heads, d: (D / heads)])'],
    ['merge([H, W] -> T)', 'merge([H, W] -> T)'],
    ['sum(T -> [])', 'sum(T -> [])'],
    ['f(map: C -> K: 2 * C)', 'f(map: C -> K: (2 * C))'],
    ['conv(over: [H: 3, W: 3])', 'conv(over: [H: 3, W: 3])'],
    ['[]', '[]'],
    ['[1, 2,]', '[1, 2]'],
    ['(a, b)', 'tuple(a, b)'],
    ['(a)', 'a'],
    ['(a,)', 'a'],
    ['((a, b), c)', 'tuple(tuple(a, b), c)'],
  ])('%s', (text, structure) => {
    expect(expression(text)).toBe(structure);
  });

  it('lets a parenthesised expression cover its parentheses', () => {
    const [statement] = statements('y = (a + b) * c');
    const value = statement?.kind === 'BindStmt' ? statement.value : undefined;
    const left = value?.kind === 'BinaryExpr' ? value.left : undefined;
    expect(left && left.span.end - left.span.start).toBe('(a + b)'.length);
  });
});

describe('literals', () => {
  it.each([
    ['0', 0, true],
    ['1_000_000', 1_000_000, true],
    ['0.25', 0.25, false],
    ['1e-4', 1e-4, false],
    ['2.5E+3', 2500, false],
    ['1e3', 1000, false],
  ])('the number %s', (text, value, integer) => {
    const [statement] = statements(`y = ${text}`);
    expect(statement).toMatchObject({ value: { kind: 'NumberLiteral', text, value, integer } });
  });

  it.each(['1__0', '1_', '12abc', '1e', '0x10', '9007199254740992', '1e999'])('not the number %s', (text) => {
    expect(problems(`language 1\nblock F()(x: [N]) -> [N] {\n  y = ${text}\n}`)).toEqual([
      expect.stringMatching(/^3:7 N1004 /),
    ]);
  });

  it('resolves escapes', () => {
    expect(expression(String.raw`"a\"b\\c\n\t\r\u{1F600}\u{e9}"`)).toBe(JSON.stringify('a"b\\c\n\t\r😀é'));
  });

  it.each([String.raw`\q`, String.raw`\u{110000}`, String.raw`\u{D800}`, String.raw`\u0041`])(
    'knows no escape %s',
    (escape) => {
      expect(problems(`language 1\nlabels L = ["ab${escape}"]`)).toEqual([
        expect.stringMatching(/^2:16 N1004 /),
      ]);
    },
  );
});
