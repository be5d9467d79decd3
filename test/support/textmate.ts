import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import oniguruma from 'vscode-oniguruma';
import textmate, { type IGrammar } from 'vscode-textmate';
import { inRepository } from './repository.ts';

/** A stretch of a text with the scopes that the grammar gives it, the outermost first. */
export interface Scoped {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly scopes: readonly string[];
}

const folder = 'editors/vscode/syntaxes';
const files: Readonly<Record<string, string>> = {
  'source.net': `${folder}/net.tmLanguage.json`,
  'markdown.net.codeblock': `${folder}/net-in-markdown.tmLanguage.json`,
};

let registry: textmate.Registry | undefined;

/** A grammar of the extension, read by the libraries that VS Code reads it with; `others` are the texts of grammars it lies in. */
export async function loadGrammar(
  scopeName: string,
  others: Readonly<Record<string, string>> = {},
): Promise<IGrammar> {
  if (registry === undefined || Object.keys(others).length > 0) registry = newRegistry(others);
  const grammar = await registry.loadGrammar(scopeName);
  if (grammar === null) throw new Error(`there is no grammar ${scopeName}`);
  return grammar;
}

function newRegistry(others: Readonly<Record<string, string>>): textmate.Registry {
  return new textmate.Registry({
    onigLib: engine(),
    loadGrammar: (scopeName) => {
      const path = files[scopeName];
      const text = path === undefined ? others[scopeName] : readFileSync(inRepository(path), 'utf8');
      return Promise.resolve(text === undefined ? null : textmate.parseRawGrammar(text, `${scopeName}.json`));
    },
    getInjections: (scopeName) => (Object.hasOwn(others, scopeName) ? Object.keys(files) : undefined),
  });
}

let loading: Promise<void> | undefined;

async function engine(): Promise<textmate.IOnigLib> {
  const wasm = createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm');
  await (loading ??= oniguruma.loadWASM(readFileSync(wasm)));
  return {
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  };
}

/** The whole text, stretch by stretch, without the ends of its lines. */
export function scopesOf(grammar: IGrammar, text: string): readonly Scoped[] {
  const found: Scoped[] = [];
  let state = textmate.INITIAL;
  let start = 0;
  for (const line of text.split('\n')) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    for (const { startIndex, endIndex, scopes } of tokens) {
      const end = Math.min(endIndex, line.length);
      if (end > startIndex) {
        found.push({
          start: start + startIndex,
          end: start + end,
          text: line.slice(startIndex, end),
          scopes,
        });
      }
    }
    start += line.length + 1;
  }
  return found;
}
