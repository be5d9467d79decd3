import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { libraryFile, libraryReference } from '../../../src/compiler/reference/library-reference.ts';
import { inRepository } from '../../support/repository.ts';

const sources = readdirSync(inRepository('models/lib'))
  .filter((name) => name.endsWith('.net'))
  .map((name) => `models/lib/${name}`)
  .map((path) => ({ path, text: readFileSync(inRepository(path), 'utf8') }));
const page = readFileSync(inRepository('docs/library.md'), 'utf8');

describe.each(sources)('$path', (source) => {
  const { introduction, declarations } = libraryFile(source);
  const introduced = introduction.join('\n');

  it('documents every block', () => {
    for (const { name, docs } of declarations) expect(docs.join('').length, name).toBeGreaterThan(30);
  });

  // Labels compute nothing.
  const computes = /^(block|loss) /m.test(source.text);
  it('says in which tests it is compared, and with what, if it computes', () => {
    const tested = introduced.slice(introduced.indexOf('Tested in '));
    const tests = tested.match(/\btest\/models\/[\w-]+\.test\.ts \(/g) ?? [];
    expect(tests.length > 0, introduced).toBe(computes);
    for (const test of tests) expect(existsSync(inRepository(test.slice(0, -2))), test).toBe(true);
  });

  it('is in docs/library.md, each block with its signature', () => {
    for (const { name, signature } of declarations) {
      expect(page, 'run `npm run generate`').toContain(
        `### ${name}\n\n\`\`\`net fragment\n${signature}\n\`\`\`\n`,
      );
    }
  });
});

describe('the reference of a file', () => {
  const text = `language 1

// From a paper. Tested in
// test/models/x.test.ts, as docs/paper.md says.
//
//   y = x

/// Nothing else.
///
/// Really.
block Same()(x: [N, C]) -> [N, C] {
  // inside
  return x
}
`;

  it('has its own words, with links, and leaves formulas alone', () => {
    const reference = libraryReference([{ path: 'models/lib/same.net', text }]);
    expect(reference.slice(reference.indexOf('- [same.net]'))).toBe(`- [same.net](#samenet): [\`Same\`](#same)

## same.net

[\`models/lib/same.net\`](../models/lib/same.net)

From a paper. Tested in [\`test/models/x.test.ts\`](../test/models/x.test.ts), as [\`docs/paper.md\`](paper.md) says.

    y = x

### Same

\`\`\`net fragment
block Same()(x: [N, C]) -> [N, C]
\`\`\`

Nothing else.

Really.
`);
  });

  it('is refused where the file has mistakes', () => {
    expect(() => libraryFile({ path: 'broken.net', text: 'language 1\nblock (' })).toThrow(/^broken\.net: /);
  });
});
