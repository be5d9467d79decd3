import { closest } from '../diagnostics/closest.ts';

const words = ['return', 'for', 'if', 'else', 'assert', 'param', 'input', 'output'];
/** How the statements look that begin with a word which may also be a name. */
const examples = new Map([
  ['param', 'param scale: [C] = ones'],
  ['input', 'input image: [N, C: 3]'],
  ['output', 'output logits'],
]);
const bindingWords = ['let', 'var', 'const', 'val', 'auto', 'set'];

export const allStatements =
  'Statements are `name = value`, `return`, `for`, `if`, `assert` and `param`; in models `input` and `output`.';

/** The remedy for a statement that begins with a name and then goes wrong, or undefined for an ordinary name. */
export function statementRemedy(word: string): string | undefined {
  const example = examples.get(word);
  if (example !== undefined) return `Behind \`${word}\` stands a name: \`${example}\`.`;
  if (bindingWords.includes(word)) return `Leave \`${word}\` out: a binding is \`name = value\`.`;
  const near = closest(word, words);
  return near === undefined ? undefined : `Did you mean \`${near}\`? ${allStatements}`;
}
