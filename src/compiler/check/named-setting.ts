import type { NamedSetting } from '../ir/module.ts';
import { completeSettings, type SettingSpecs } from '../optimizers/setting.ts';
import { suggest } from '../diagnostics/did-you-mean.ts';
import { isConstant } from '../shapes/size.ts';
import type { Span } from '../source/span.ts';
import type { Argument, Expr, Setting } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { describe } from './value.ts';

interface Entry {
  readonly name: string;
  readonly settings: SettingSpecs;
}

/** `adamw(lr: 1e-4)`: an entry of a registry with its settings, every one filled in; undefined after a complaint. */
export function readNamedSetting(
  cx: Context,
  { value }: Setting,
  registry: ReadonlyMap<string, Entry>,
  kind: string,
): NamedSetting | undefined {
  const callee = value.kind === 'CallExpr' ? value.callee : value;
  if (callee.kind !== 'NameExpr')
    return cx.error('N7002', value.span, `the name of a known ${kind} is expected here`, {
      help: `there is ${listOf([...registry.keys()])}`,
    });
  const name = callee.name.text;
  const entry = registry.get(name);
  if (entry === undefined) {
    const message = `there is no ${kind} \`${name}\``;
    return cx.error('N7002', callee.span, message, suggest(name, callee.span, registry.keys()));
  }
  return readArguments(cx, entry, value.kind === 'CallExpr' ? value.args : [], value.span);
}

function readArguments(
  cx: Context,
  entry: Entry,
  args: readonly Argument[],
  span: Span,
): NamedSetting | undefined {
  const given: Record<string, number | boolean | string> = {};
  const places = new Map<string, Span>();
  for (const arg of args) {
    const name = arg.name?.text ?? positionalOf(entry.settings, places);
    if (name === undefined || !Object.hasOwn(entry.settings, name)) {
      const names = namesOpen(Object.keys(entry.settings), args);
      if (name === undefined) {
        const message = `\`${entry.name}\` takes its arguments by name: ${listOf(names)}`;
        return cx.error('N3001', arg.span, message);
      }
      const at = arg.name?.span ?? arg.span;
      const message = `\`${entry.name}\` has no argument \`${name}\``;
      return cx.error('N3001', at, message, suggest(name, at, names));
    }
    if (places.has(name)) return cx.error('N3002', arg.span, `\`${name}\` is given twice`);
    const value = readValue(cx, arg.value, name);
    if (value === undefined) return undefined;
    given[name] = value;
    places.set(name, arg.span);
  }
  const { settings, problems } = completeSettings(entry.settings, given);
  for (const { name, text } of problems) {
    cx.error(places.has(name) ? 'N7004' : 'N3003', places.get(name) ?? span, text);
  }
  return problems.length > 0 ? undefined : { name: entry.name, args: settings, span };
}

/** The setting that may go without its name, unless it is given already. */
function positionalOf(specs: SettingSpecs, given: ReadonlyMap<string, Span>): string | undefined {
  const names = Object.entries(specs).flatMap(([name, spec]) =>
    spec.kind === 'number' && spec.positional === true ? [name] : [],
  );
  return names.find((name) => !given.has(name));
}

/** What is not given by its name already: nobody means it twice. */
function namesOpen(names: readonly string[], args: readonly Argument[]): readonly string[] {
  return names.filter((name) => !args.some((arg) => arg.name?.text === name));
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function readValue(cx: Context, expr: Expr, name: string): number | boolean | undefined {
  const val = cx.evaluate(expr);
  if (val.kind === 'poison') return undefined;
  if (val.kind === 'bool' && val.prop.kind === 'known') return val.prop.value;
  const value = val.kind === 'float' ? val.value : val.kind === 'int' ? isConstant(val.size) : undefined;
  return value ?? cx.error('N3005', expr.span, `\`${name}\` is a number, not ${describe(val)}`);
}
