import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from './finding.ts';
import { inRepository } from '../../support/repository.ts';

/** Where findings go that nobody has looked at yet. Git does not see it. */
export const foundCases = 'test/cases/found.tmp';

/**
 * Writes a finding as a program of `test/cases`: what should be accepted says at its top which outputs it has, as
 * `test/cases/ok` wants it. Returns the path, relative to the repository. The same finding goes to the same file.
 */
export function writeCase(finding: Finding, folder = foundCases): string {
  const hash = createHash('sha256').update(finding.source).digest('hex').slice(0, 8);
  const path = join(folder, `${finding.outputs === undefined ? 'mutant' : 'program'}-${hash}.net`);
  mkdirSync(inRepository(folder), { recursive: true });
  writeFileSync(inRepository(path), caseText(finding));
  return path;
}

function caseText({ source, what, outputs }: Finding): string {
  const lines = [...(outputs ?? []), ...(outputs === undefined ? [] : ['']), ...what.split('\n')];
  const header = lines.map((line) =>
    line === '' ? '//' : `// ${line.replaceAll(/[\r\u2028\u2029]/g, ' ')}`,
  );
  return `${header.join('\n')}\n\n${source}`;
}
