import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sarifLog, type SarifArtifactLocation } from '../../src/compiler/diagnostics/render-sarif.ts';
import type { CheckedSource } from '../checked-source.ts';
import { errorPage } from '../explain/error-pages.ts';
import { version } from '../version.ts';

/** The name under which the log gives the folder of the repository; the one that other tools use. */
const baseId = '%SRCROOT%';

/** What was found in sources as a SARIF log. Paths are relative to the repository, wherever in it the user stands. */
export function sarifReport(results: readonly CheckedSource[], folder = process.cwd()): string {
  const root = repositoryOf(realpathSync(folder));
  const log = sarifLog(
    results.map(({ diagnostics, sources, onDisk }) => ({
      diagnostics,
      sources,
      locate: (path) => locate(onDisk(path), root),
    })),
    {
      version,
      uriBaseIds: { [baseId]: { uri: `${pathToFileURL(root).href.replace(/\/$/, '')}/` } },
      page: (code) => errorPage(code).markdown,
    },
  );
  return JSON.stringify(log, null, 2);
}

/** The nearest folder from `start` upwards that git keeps, or `start` where none is. */
function repositoryOf(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (dirname(folder) === folder) return start;
  }
}

function locate(path: string, root: string): SarifArtifactLocation {
  const way = relative(root, path);
  const isInside = way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  if (!isInside) return { uri: pathToFileURL(path).href };
  return { uri: way.split(sep).map(encodeURIComponent).join('/'), uriBaseId: baseId };
}
