import type { Argv } from 'yargs';
import { nearestName } from '../src/runtime/suggest.ts';
import { UsageError } from './usage-error.ts';

/** What a command needs, by the name that its first words have in `netc --help`. */
const needs: Readonly<Record<string, string>> = {
  file: 'a source',
  files: 'a source',
  folder: 'a folder',
  images: 'an image',
  network: 'a network: an ONNX file or a source',
};

/**
 * What is told of a mistake in the command line that yargs found, in our words: which argument, what is allowed, what was
 * likely meant. What a command threw itself is kept. `command` is its form, `check <files..>`; undefined before there is one.
 */
export function commandLineMistake(
  message: string | null,
  error: Error | undefined,
  cli: Pick<Argv, 'parsed'>,
  command?: string,
): Error {
  if (error !== undefined && error.name !== 'YError') return error;
  return new UsageError(inOurWords(error?.message ?? message ?? '', cli, command));
}

/** The texts are those of the yargs that package.json pins; one that is not known here is told as it is. */
function inOurWords(text: string, cli: Pick<Argv, 'parsed'>, command: string | undefined): string {
  if (text.startsWith('Did you mean')) return `there is no such command; did${text.slice(3)}`;
  const [, given] = /^Not enough non-option arguments: got (\d+)/.exec(text) ?? [];
  if (given !== undefined && command !== undefined) return missing(command, Number(given));
  const [, valueless] = /^Not enough arguments following: (.*)/.exec(text) ?? [];
  if (valueless !== undefined) return `${dashed(valueless)} needs a value`;
  const [, required] = /^Missing required arguments?: (.*)/.exec(text) ?? [];
  if (required !== undefined) return `give ${required.split(', ').map(dashed).join(' and ')}`;
  const [, unknown] = /^Unknown arguments?: (.*)/.exec(text) ?? [];
  if (unknown !== undefined) return unknownArgument(unknown.split(', ')[0] ?? '', cli, command);
  const choice = /Argument: (.*), Given: (.*), Choices: (.*)/.exec(text);
  return choice === null ? text : notAChoice(choice);
}

function missing(command: string, given: number): string {
  const name = [...command.matchAll(/<(\w+)(?:\.\.)?>/g)][given]?.[1] ?? '';
  return `give ${needs[name] ?? name}: \`${command}\``;
}

function unknownArgument(name: string, cli: Pick<Argv, 'parsed'>, command: string | undefined): string {
  const { parsed } = cli;
  if (parsed === false || !Object.hasOwn(parsed.argv, name)) {
    return command === undefined
      ? `there is no command "${name}"`
      : `"${name}" is one argument too many for \`${command}\``;
  }
  const { aliases, newAliases } = parsed;
  const meant = nearestName(name, Object.keys(aliases).filter((known) => !Object.hasOwn(newAliases, known))); // prettier-ignore
  return `there is no option ${dashed(name)}${meant === undefined ? '' : `; did you mean ${dashed(meant)}?`}`;
}

function notAChoice([, name = '', given = '', listed = '']: readonly string[]): string {
  const choices = listed.split(', ').map(unquoted);
  const meant = nearestName(unquoted(given), choices);
  const allowed = [choices.slice(0, -1).join(', '), choices.at(-1)].filter(Boolean).join(' or ');
  return `${dashed(name)} takes ${allowed}, not ${given}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

const dashed = (name: string): string => `${name.length === 1 ? '-' : '--'}${name}`;
const unquoted = (text: string): string => text.replace(/^"(.*)"$/, '$1');
