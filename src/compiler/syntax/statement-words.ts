import { closest } from '../diagnostics/closest.ts';
import { fixAt, type DiagnosticDetails } from '../diagnostics/diagnostic.ts';
import { replacement } from '../diagnostics/did-you-mean.ts';
import type { Name } from './ast.ts';

const words = ['return', 'for', 'if', 'else', 'assert', 'param', 'input', 'output'];
/** How the statements look that begin with a word which may also be a name. */
const examples = new Map([
  ['param', 'param scale: [C] = ones'],
  ['input', 'input image: [N, C: 3]'],
  ['output', 'output logits'],
]);
/** What only the statements of a `train` begin with. */
const trainingWords = ['target', 'weight'];
const bindingWords = ['let', 'var', 'const', 'val', 'auto', 'set'];

export const allStatements =
  'Statements are `name = value`, `return`, `for`, `if`, `assert` and `param`; in models `input` and `output`.';

/** The remedy for a statement that begins with a name and then goes wrong, or undefined for an ordinary name. */
export function statementRemedy({ text: word, span }: Name): DiagnosticDetails | undefined {
  const example = examples.get(word);
  if (example !== undefined) return { help: `Behind \`${word}\` stands a name: \`${example}\`.` };
  if (trainingWords.includes(word)) return { help: `A \`${word}\` stands in the \`train\` of a model.` };
  if (bindingWords.includes(word)) {
    const withBlank = span.elsewhere(span.start, span.end + 1);
    return {
      help: `Leave \`${word}\` out: a binding is \`name = value\`.`,
      fix: fixAt(`Leave \`${word}\` out`, withBlank, ''),
    };
  }
  const near = closest(word, words);
  if (near === undefined) return undefined;
  return { help: `Did you mean \`${near}\`? ${allStatements}`, fix: replacement(word, span, near) };
}
