import { commentLines } from '../literals.ts';
import { laidOut, type Section } from './section.ts';

export interface HeaderFacts {
  readonly model: string;
  readonly file: string;
  readonly sourceName: string;
  readonly sourceSha256: string;
  readonly netcVersion: string;
  /** Whether the program can read data and train by itself. */
  readonly hasMain: boolean;
}

/** The comment at the top of a program: what it is, where it comes from, how it runs, what it is not. */
export function headerSection(facts: HeaderFacts): Section {
  const { model, file, sourceName, sourceSha256, netcVersion, hasMain } = facts;
  const run = hasMain
    ? [
        'Run it, from any folder:',
        '',
        `    node ${file} --data DIR --steps 100`,
        '',
        `(\`--help\` lists the options.)`,
      ]
    : [
        `It has no data of its own: import it, and call \`createTrainer\` and \`trainStep\` with your batches.`,
      ];
  const lines = [
    `${model}: a training program for TensorFlow.js.`,
    '',
    `Written by netc ${netcVersion} from ${sourceName}`,
    `(sha256 ${sourceSha256}).`,
    '',
    ...run,
    'The packages it needs are in the package.json beside it: `npm install` there fetches them, unless they are',
    'installed already, as inside a checkout of netc. Model and training step also run in a browser.',
    '',
    'The program is yours to edit: nothing reads it back, and it does not need netc.',
    'It is not a medical device: nothing it computes may guide the treatment of a patient.',
  ];
  return laidOut(lines.flatMap(commentLines).join('\n'));
}
