import { existsSync, readFileSync, readdirSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { renderDiagnostics } from '../../src/compiler/diagnostics/render-text.ts';
import { languageId } from '../../editors/vscode/src/language-id.ts';
import { languages as prettierLanguages } from '../../src/fmt/plugin.ts';
import { inRepository, repositoryReader } from '../support/repository.ts';

const folder = 'editors/vscode';
const read = (path: string): string => readFileSync(inRepository(path), 'utf8');
/** The parts of the manifest that are tested. */
interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly icon: string;
  readonly engines: { readonly vscode: string };
  readonly devDependencies: { readonly '@types/vscode': string };
  readonly contributes: Contributions;
}

interface Contributions {
  readonly languages: readonly [
    {
      readonly id: string;
      readonly aliases: readonly string[];
      readonly extensions: readonly string[];
      readonly firstLine: string;
      readonly configuration: string;
      readonly icon: { readonly light: string; readonly dark: string };
    },
  ];
  readonly grammars: readonly {
    readonly language?: string;
    readonly scopeName: string;
    readonly path: string;
    readonly embeddedLanguages?: Readonly<Record<string, string>>;
  }[];
  readonly snippets: readonly { readonly language: string; readonly path: string }[];
  readonly commands: readonly { readonly command: string }[];
  readonly menus: { readonly commandPalette: readonly { readonly command: string; readonly when: string }[] };
  readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
  readonly configurationDefaults: Readonly<Record<string, unknown>>;
  readonly problemMatchers: readonly [
    {
      readonly pattern: readonly [
        {
          readonly regexp: string;
          readonly severity: number;
          readonly code: number;
          readonly message: number;
        },
        { readonly regexp: string; readonly file: number; readonly line: number; readonly column: number },
      ];
    },
  ];
}

const manifest: Manifest = JSON.parse(read(`${folder}/package.json`));
const { contributes } = manifest;
const [language] = contributes.languages;

describe('the manifest of the VS Code extension', () => {
  it('names files that are there', () => {
    const paths: readonly string[] = [
      manifest.icon,
      language.configuration,
      language.icon.light,
      language.icon.dark,
      ...[...contributes.grammars, ...contributes.snippets].map(({ path }) => path),
    ];
    expect(paths.filter((path) => !existsSync(inRepository(`${folder}/${path}`)))).toEqual([]);
  });

  it('calls the language by one name', () => {
    expect(contributes.languages).toHaveLength(1);
    expect(language.id).toBe(languageId);
    const named = [
      ...contributes.grammars.flatMap(
        ({ language, embeddedLanguages = {} }) => language ?? Object.values(embeddedLanguages),
      ),
      ...contributes.snippets.map(({ language }) => language),
      ...Object.keys(contributes.configurationDefaults).map((key) => key.slice(1, -1)),
    ];
    expect(new Set(named)).toEqual(new Set([languageId]));
    for (const { when } of contributes.menus.commandPalette)
      expect(when).toContain(`editorLangId == ${languageId}`);
  });

  it('knows the fences of Markdown and the files by what prettier calls them', () => {
    const [{ name, extensions }] = prettierLanguages as [(typeof prettierLanguages)[number]];
    expect(language.aliases).toContain(name);
    expect(language.extensions).toEqual(extensions);
  });

  it('has the scopes of its grammars', () => {
    for (const { path, scopeName } of contributes.grammars) {
      const grammar: { readonly scopeName: string } = JSON.parse(read(`${folder}/${path}`));
      expect(grammar.scopeName).toBe(scopeName);
    }
  });

  it('recognises sources by their first line, and nothing else in the repository', () => {
    const first = (path: string) => read(path).split(/\r?\n/, 1)[0] ?? '';
    const pattern = new RegExp(language.firstLine);
    const sources = readdirSync(inRepository('models')).filter((name) => name.endsWith('.net'));
    expect(sources.filter((name) => !pattern.test(first(`models/${name}`)))).toEqual([]);
    for (const other of ['README.md', 'docs/language.md', 'package.json'])
      expect(first(other)).not.toMatch(pattern);
  });

  it('declares the commands that the extension registers', () => {
    const source = read(`${folder}/src/vscode/extension.ts`);
    const registered = [...source.matchAll(/registerCommand\('([\w.]+)'/g)].map((match) => match[1]);
    const declared = contributes.commands.map(({ command }) => command);
    expect(declared.toSorted()).toEqual(registered.toSorted());
    for (const { command } of contributes.menus.commandPalette) expect(declared).toContain(command);
  });

  it('declares the settings that the extension and its README speak of', () => {
    const declared = Object.keys(contributes.configuration.properties);
    const documented = [...read(`${folder}/README.md`).matchAll(/^\| `(netc\.[\w.]+)`/gm)].map(
      (match) => match[1],
    );
    expect(documented).toEqual(declared);
    // The client library reads the second by the name of the client.
    expect(declared).toEqual(['netc.path', `${languageId}.trace.server`]);
  });

  it('is of the version and under the licence of the compiler', () => {
    const root: Pick<Manifest, 'version' | 'license'> = JSON.parse(read('package.json'));
    expect(manifest.version).toBe(root.version);
    expect(manifest.license).toBe(root.license);
    expect(read(`${folder}/LICENSE`)).toBe(read('LICENSE'));
    expect(read(`${folder}/CHANGELOG.md`)).toContain(`## ${manifest.version}`);
  });

  it('pins the editor to the interface it is compiled against', () => {
    expect(manifest.engines.vscode).toBe(`^${manifest.devDependencies['@types/vscode']}`);
  });

  it('has an icon that is its drawing', async () => {
    const pixels = (path: string) =>
      sharp(inRepository(`${folder}/images/${path}`))
        .ensureAlpha()
        .raw()
        .toBuffer();
    const [made, drawn] = [await pixels('icon.png'), await pixels('icon.svg')];
    expect(made).toHaveLength(256 * 256 * 4);
    expect(made.equals(drawn)).toBe(true);
  });
});

describe('the problem matcher', () => {
  const [{ pattern }] = contributes.problemMatchers;

  it('reads what `netc check` prints', () => {
    const source = 'language 1\n\nblock F()(x: [N]) -> [N] {\n  y = z\n  return missing\n}\n';
    const { diagnostics, sources } = compile('models/a.net', {
      reader: repositoryReader({ 'models/a.net': source }),
    });
    const lines = renderDiagnostics(diagnostics, { sources, display: (path) => path }).split('\n');
    const [what, where] = pattern;
    const matched = lines.flatMap((line, i) => {
      const first = new RegExp(what.regexp).exec(line);
      const second = new RegExp(where.regexp).exec(lines[i + 1] ?? '');
      return first === null || second === null ? [] : [{ first, second }];
    });
    expect(
      matched.map(({ first, second }) => [
        first[what.severity],
        first[what.code],
        first[what.message],
        second[where.file],
        second[where.line],
        second[where.column],
      ]),
    ).toEqual(
      diagnostics.map(({ severity, code, message, span }) => {
        const { line, column } = sources.get(span.file)!.position(span.start);
        return [severity, code, message, 'models/a.net', String(line), String(column)];
      }),
    );
    expect(matched.length).toBeGreaterThan(1);
  });
});

interface Configuration {
  readonly comments: Readonly<Record<string, string>>;
  readonly wordPattern: string;
  readonly indentationRules: {
    readonly increaseIndentPattern: string;
    readonly decreaseIndentPattern: string;
  };
  readonly onEnterRules: readonly [
    { readonly beforeText: string },
    { readonly beforeText: string; readonly afterText: string },
  ];
}

describe('the language configuration', () => {
  const { indentationRules, onEnterRules, wordPattern, comments }: Configuration = JSON.parse(
    read(`${folder}/${language.configuration}`),
  );
  const increase = new RegExp(indentationRules.increaseIndentPattern);
  const decrease = new RegExp(indentationRules.decreaseIndentPattern);
  const indent = (line: string): number => line.length - line.trimStart().length;

  it('indents as the formatter does: lines after an opening bracket are deeper, those with a closing one are not', () => {
    let opened = 0;
    for (const name of readdirSync(inRepository('models/lib'))) {
      const lines = read(`models/lib/${name}`)
        .split('\n')
        .filter((line) => line.trim() !== '');
      for (const [i, line] of lines.entries()) {
        const next = lines[i + 1] ?? '';
        if (increase.test(line)) {
          opened++;
          expect(indent(next), `after ${line}`).toBe(indent(line) + 2);
        } else if (decrease.test(next)) {
          expect(indent(next), `before ${next}`).toBeLessThan(indent(line));
        }
      }
    }
    expect(opened).toBeGreaterThan(50);
  });

  it('goes on with documentation, and with a pipeline below its first value', () => {
    const [documentation, pipeline] = onEnterRules;
    expect('  /// A gate.').toMatch(new RegExp(documentation.beforeText));
    expect('  // A remark.').not.toMatch(new RegExp(documentation.beforeText));
    for (const line of ['  return x', '  y = x', '  a, b = x'])
      expect(line).toMatch(new RegExp(pipeline.beforeText));
    expect('    |> relu').toMatch(new RegExp(pipeline.afterText));
  });

  it('takes the names and comments of the language', () => {
    const word = new RegExp(`^(?:${wordPattern})$`);
    for (const text of ['he_normal', 'C', '_x1', '1_000', '0.25', '1e-4']) expect(text).toMatch(word);
    expect('a.b').not.toMatch(word);
    expect(comments).toEqual({ lineComment: '//' });
  });
});
