import type { Location } from 'vscode-languageserver';
import type { SourceFile } from '../compiler/source/source-file.ts';
import type { Span } from '../compiler/source/span.ts';
import { toRange } from './positions.ts';
import type { Project } from './project.ts';

/** A span as the client finds it. */
export function toLocation(
  project: Project,
  sources: ReadonlyMap<string, SourceFile>,
  span: Span,
): Location | undefined {
  const source = sources.get(span.file);
  return source && { uri: project.uriOf(span.file), range: toRange(source, span) };
}
