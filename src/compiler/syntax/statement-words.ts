import { closest } from '../diagnostics/closest.ts';

const words = ['return', 'for', 'if', 'else', 'assert', 'param', 'input', 'output'];
const bindingWords = ['let', 'var', 'const', 'val', 'auto', 'set'];

export const allStatements =
  'Statements are `name = value`, `return`, `for`, `if`, `assert` and `param`; in models `input` and `output`.';

/** The remedy for a statement that begins with a name which begins none, or undefined for an ordinary name. */
export function misspelledStatement(word: string): string | undefined {
  if (bindingWords.includes(word)) return `Leave \`${word}\` out: a binding is \`name = value\`.`;
  const near = closest(word, words);
  return near === undefined ? undefined : `Did you mean \`${near}\`? ${allStatements}`;
}
