/** A number or a switch that an optimiser or a schedule takes: `lr: 1e-4`, `nesterov: true`. */
export type SettingSpec =
  | {
      readonly kind: 'number';
      readonly doc: string;
      /** Left out where the user has to say it. */
      readonly default?: number;
      readonly min?: number;
      /** The value itself is already too small. */
      readonly above?: number;
      /** The value itself is already too large. */
      readonly below?: number;
      readonly integer?: true;
      /** May be given without its name, as in `sgd(0.1)`. */
      readonly positional?: true;
    }
  | { readonly kind: 'bool'; readonly doc: string; readonly default: boolean };

export type SettingSpecs = { readonly [name: string]: SettingSpec };

/** Settings by name, every one filled in. */
export type Settings = Readonly<Record<string, number | boolean>>;

/**
 * Fills in what was left out. Problems come as sentences without a place, one a setting, for the checker to report:
 * an unknown name, a missing value, a value of another kind or out of its range.
 */
export function completeSettings(
  specs: SettingSpecs,
  given: Readonly<Record<string, number | boolean | string>>,
): {
  readonly settings: Settings;
  readonly problems: readonly { readonly name: string; readonly text: string }[];
} {
  const problems: { name: string; text: string }[] = [];
  const settings = new Map<string, number | boolean>();
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(specs, name)) continue;
    problems.push({
      name,
      text: `there is no setting \`${name}\`; there are ${Object.keys(specs).join(', ')}`,
    });
  }
  for (const [name, spec] of Object.entries(specs)) {
    const value = Object.hasOwn(given, name) ? given[name] : spec.default;
    const text = problemOf(name, spec, value);
    if (text !== undefined) problems.push({ name, text });
    else if (typeof value === 'number' || typeof value === 'boolean') settings.set(name, value);
  }
  return { settings: Object.fromEntries(settings), problems };
}

function problemOf(
  name: string,
  spec: SettingSpec,
  value: number | boolean | string | undefined,
): string | undefined {
  if (value === undefined) return `\`${name}\` is missing: ${spec.doc}`;
  if (spec.kind === 'bool')
    return typeof value === 'boolean' ? undefined : `\`${name}\` is true or false, not ${value}`;
  if (typeof value !== 'number' || !Number.isFinite(value)) return `\`${name}\` is a number, not ${value}`;
  if (spec.integer === true && !Number.isInteger(value)) return `\`${name}\` is an integer, not ${value}`;
  if (spec.min !== undefined && value < spec.min) return `\`${name}\` is at least ${spec.min}, not ${value}`;
  if (spec.above !== undefined && value <= spec.above)
    return `\`${name}\` is above ${spec.above}, not ${value}`;
  if (spec.below !== undefined && value >= spec.below)
    return `\`${name}\` is below ${spec.below}, not ${value}`;
  return undefined;
}
