/**
 * What SARIF 2.1.0 asks of the objects that netc writes (the standard's sections are named beside them): which properties
 * there must and may be, and of which kind. A property that the standard does not know, or that is not listed here, is a
 * problem.
 */
type Check = (value: unknown, path: string) => readonly string[];

const problem = (path: string, wanted: string): readonly string[] => [`${path} should be ${wanted}`];

const text: Check = (value, path) =>
  typeof value === 'string' && value !== '' ? [] : problem(path, 'a text that is not empty');
const anyText: Check = (value, path) => (typeof value === 'string' ? [] : problem(path, 'a text'));
const truth: Check = (value, path) => (typeof value === 'boolean' ? [] : problem(path, 'true or false'));
const from =
  (least: number): Check =>
  (value, path) =>
    Number.isSafeInteger(value) && Number(value) >= least ? [] : problem(path, `an integer from ${least}`);
const oneOf =
  (...values: readonly string[]): Check =>
  (value, path) =>
    values.some((allowed) => allowed === value) ? [] : problem(path, values.join(' or '));
const matching =
  (pattern: RegExp, what: string): Check =>
  (value, path) =>
    typeof value === 'string' && pattern.test(value) ? [] : problem(path, what);

function listOf(item: Check, least = 0): Check {
  return (value, path) => {
    if (!Array.isArray(value) || value.length < least) return problem(path, `a list of ${least} or more`);
    return value.flatMap((each: unknown, i) => item(each, `${path}[${i}]`));
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapOf(item: Check): Check {
  return (value, path) =>
    isObject(value)
      ? Object.entries(value).flatMap(([name, each]) => item(each, `${path}.${name}`))
      : problem(path, 'an object');
}

function object(
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>> = {},
): Check {
  return (value, path) => {
    if (!isObject(value)) return problem(path, 'an object');
    const missing = Object.keys(required).filter((name) => !Object.hasOwn(value, name));
    return [
      ...missing.map((name) => `${path} lacks ${name}`),
      ...Object.entries(value).flatMap(([name, each]) => {
        const check = required[name] ?? optional[name];
        return check === undefined ? [`${path} has ${name}`] : check(each, `${path}.${name}`);
      }),
    ];
  };
}

/** RFC 3986, as far as it matters: nothing that has to be escaped. */
const uriCharacters = "[\\w.~:/?#@!$&'()*+,;=%-]*";
const uri = matching(new RegExp(`^[a-z][a-z0-9+.-]*:${uriCharacters}$`), 'an absolute URI');
const uriReference = matching(new RegExp(`^(?!/)${uriCharacters}$`), 'a URI reference');

/** 3.4: a relative `uri` says what it is relative to (3.4.4), and climbs nowhere. */
const artifactLocation: Check = (value, path) => {
  const found = object({ uri: uriReference }, { uriBaseId: text })(value, path);
  if (found.length > 0 || !isObject(value)) return found;
  const isAbsolute = uri(value['uri'], path).length === 0;
  if (isAbsolute === Object.hasOwn(value, 'uriBaseId'))
    return problem(path, 'absolute or relative to a base');
  return String(value['uri']).split('/').includes('..') ? problem(path, 'without `..`') : [];
};

/** 3.30.5 to 3.30.8: lines and columns begin at 1, and the end does not lie before the start. */
const region: Check = (value, path) => {
  const numbers = { startLine: from(1), startColumn: from(1), endLine: from(1), endColumn: from(1) };
  const found = object(numbers)(value, path);
  if (found.length > 0 || !isObject(value)) return found;
  const [startLine, startColumn, endLine, endColumn] = Object.keys(numbers).map((name) =>
    Number(value[name]),
  );
  const isForward =
    Number(startLine) < Number(endLine) ||
    (startLine === endLine && Number(startColumn) <= Number(endColumn));
  return isForward ? [] : problem(path, 'a region that ends where it starts or behind');
};

/** 3.11; 3.12 for those of a rule. */
const message = object({ text });
const multiformatMessage = object({ text }, { markdown: text });

/** 3.28, 3.29 */
const physicalLocation = object({ artifactLocation }, { region });
const location = object({ physicalLocation });
const relatedLocation = object({ physicalLocation, id: from(0), message });

/** 3.55 to 3.58: a change has a replacement at least, a replacement the region that goes. */
const replacement = object({ deletedRegion: region }, { insertedContent: object({ text: anyText }) });
const artifactChange = object({ artifactLocation, replacements: listOf(replacement, 1) });
const fix = object({ artifactChanges: listOf(artifactChange, 1) }, { description: message });

/** 3.49 */
const rule = object(
  { id: text },
  { shortDescription: multiformatMessage, fullDescription: multiformatMessage, help: multiformatMessage },
);

/** 3.27 */
const result = object(
  { message, ruleId: text, ruleIndex: from(0), level: oneOf('none', 'note', 'warning', 'error') },
  { locations: listOf(location), relatedLocations: listOf(relatedLocation, 1), fixes: listOf(fix, 1) },
);

/** 3.14, 3.18 to 3.20 */
const run = object(
  {
    tool: object({ driver: object({ name: text }, { version: text, rules: listOf(rule) }) }),
    results: listOf(result),
  },
  {
    invocations: listOf(object({ executionSuccessful: truth })),
    columnKind: oneOf('utf16CodeUnits', 'unicodeCodePoints'),
    // 3.14.14: where such a base is absolute it ends with `/`.
    originalUriBaseIds: mapOf(
      object({ uri: matching(/^[a-z]+:\S*\/$/, 'an absolute URI that ends with /') }),
    ),
  },
);

/** 3.13 */
const log = object({ version: oneOf('2.1.0'), runs: listOf(run) }, { $schema: uri });

/** What of a log is not as the standard has it; empty where all is. */
export function sarifProblems(value: unknown): readonly string[] {
  return log(value, '$');
}
