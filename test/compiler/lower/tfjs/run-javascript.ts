import { runInThisContext } from 'node:vm';

/** What the body of a JavaScript function returns, with names for some values. */
export function runJavaScript(body: string, names: Readonly<Record<string, unknown>> = {}): unknown {
  const made = runInThisContext(`((${Object.keys(names).join(', ')}) => {\n${body}\n})`) as (
    ...v: unknown[]
  ) => unknown;
  return made(...Object.values(names));
}
