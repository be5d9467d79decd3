import type { Argv } from 'yargs';
import { UsageError } from './command.ts';

/** The options of every command that compiles a model, as yargs gives them. */
export interface SourceOptions {
  set: string[] | undefined;
  model: string | undefined;
}

/** What the compiler is told beside the source. */
export interface ModelChoice {
  readonly set: Readonly<Record<string, string>>;
  readonly model?: string;
}

export function sourceOptions(cli: Argv): Argv<SourceOptions> {
  return cli
    .option('set', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'Give a hyper-parameter of the model another value: name=value; may be repeated',
    })
    .option('model', {
      type: 'string',
      requiresArg: true,
      describe: 'The model to take, where a source has several',
    });
}

export function modelChoice({ set, model }: Partial<SourceOptions>): ModelChoice {
  const values = new Map<string, string>();
  for (const assignment of set ?? []) {
    const at = assignment.indexOf('=');
    const name = assignment.slice(0, Math.max(at, 0)).trim();
    if (name === '')
      throw new UsageError(`--set takes name=value, as in --set size=320, not "${assignment}"`);
    if (values.has(name)) throw new UsageError(`--set gives ${name} twice`);
    values.set(name, assignment.slice(at + 1).trim());
  }
  return { set: Object.fromEntries(values), ...(model === undefined ? {} : { model }) };
}
