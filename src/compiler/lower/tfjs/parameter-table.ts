import type { ParamDecl } from '../../ir/module.ts';
import { key, numberLiteral, stringLiteral } from './literals.ts';
import { Names } from './names.ts';
import type { ParameterNode, ParameterRow, ParameterTurns } from './parameter-rows.ts';

/** A number that grows evenly with the turns of loops: base + sum of step * turn, by the depth of the loop. */
interface Affine {
  readonly base: number;
  readonly steps: readonly (readonly [depth: number, step: number])[];
}

type Part = string | Affine;

interface RowTemplate {
  readonly kind: 'row';
  readonly path: readonly Part[];
  readonly shape: readonly Affine[];
  readonly fan: readonly Affine[];
  readonly decl: ParamDecl;
  readonly permutation: readonly number[] | undefined;
}

interface LoopTemplate {
  readonly kind: 'loop';
  readonly depth: number;
  readonly index: string;
  readonly count: Affine;
  readonly body: readonly Template[];
}

type Template = RowTemplate | LoopTemplate;

const PRINT_WIDTH = 110;

/** Fewer turns are written out. */
const MIN_TURNS = 3;

/** Initialisers that do not look at the numbers of inputs and outputs. */
const fanless: ReadonlySet<string> = new Set([
  'zeros',
  'ones',
  'constant',
  'uniform',
  'normal',
  'truncated_normal',
]);

/**
 * The table of parameters as JavaScript: `const` lines for the initialisers, then the array. Turns of a loop that
 * differ by an even growth of numbers become one entry `...turns(count, (i) => [...])`.
 */
export function parameterTable(nodes: readonly ParameterNode[], topNames: Names): readonly string[] {
  const inits = new Map<string, { readonly name: string; readonly line: string }>();
  const initName = (decl: ParamDecl): string => {
    const spec = initialiser(decl);
    let known = inits.get(spec);
    if (known === undefined) {
      const name = topNames.fresh(camelCase(decl.init.name));
      known = { name, line: `const ${name} = ${spec};` };
      inits.set(spec, known);
    }
    return known.name;
  };
  const names = new Names([], topNames);
  const lines: string[] = [];
  const write = (
    templates: readonly Template[],
    indices: ReadonlyMap<number, string>,
    indent: string,
  ): void => {
    for (const template of templates) {
      if (template.kind === 'row') {
        lines.push(...rowLines(template, indices, initName(template.decl), indent));
        continue;
      }
      const index = indexName(template.index, names, indices);
      const count = affineText(template.count, indices);
      lines.push(`${indent}...turns(${count}, (${index}) => [`);
      write(template.body, new Map(indices).set(template.depth, index), `${indent}  `);
      lines.push(`${indent}]),`);
    }
  };
  write(templatesOf(nodes, 0), new Map(), '  ');
  return [
    '// Every weight and piece of state: its path, its shape in a checkpoint, and which of those axes goes where here.',
    '',
    ...[...inits.values()].map(({ line }) => line),
    '',
    ...(lines.length === 0
      ? ['export const parameters = [];']
      : ['export const parameters = [', ...lines, '];']),
  ];
}

/** Loops beside each other use the same name; only those around a loop are avoided. */
function indexName(hint: string, names: Names, around: ReadonlyMap<number, string>): string {
  return new Names(around.values(), names).fresh(hint);
}

// ---------------------------------------------------------------------------------------------------------------
// Folding turns
// ---------------------------------------------------------------------------------------------------------------

function templatesOf(nodes: readonly ParameterNode[], depth: number): readonly Template[] {
  return nodes.flatMap((node) => (node.kind === 'row' ? [rowTemplate(node)] : loopTemplates(node, depth)));
}

function rowTemplate({ path, shape, fan, decl, permutation }: ParameterRow): RowTemplate {
  return {
    kind: 'row',
    path: path.map((part) => (typeof part === 'string' ? part : fixed(part))),
    shape: shape.map(fixed),
    fan: fan === undefined || fanless.has(decl.init.name) ? [] : [fixed(fan.in), fixed(fan.out)],
    decl,
    permutation,
  };
}

function loopTemplates({ index, turns }: ParameterTurns, depth: number): readonly Template[] {
  const bodies = turns.map((turn) => templatesOf(turn, depth + 1));
  const body = bodies.length >= MIN_TURNS ? unifyLists(bodies, depth) : undefined;
  if (body === undefined) return bodies.flat();
  return body.length === 0 ? [] : [{ kind: 'loop', depth, index, count: fixed(turns.length), body }];
}

/** One template for all turns of a loop; undefined where they differ otherwise than by even growth. */
function unifyLists(turns: readonly (readonly Template[])[], depth: number): readonly Template[] | undefined {
  const length = turns[0]?.length ?? 0;
  if (turns.some((turn) => turn.length !== length)) return undefined;
  const unified: Template[] = [];
  for (let at = 0; at < length; at++) {
    const template = unify(column(turns, at), depth);
    if (template === undefined) return undefined;
    unified.push(template);
  }
  return unified;
}

function unify(templates: readonly Template[], depth: number): Template | undefined {
  const rows = templates.filter((template) => template.kind === 'row');
  const loops = templates.filter((template) => template.kind === 'loop');
  const [row, loop] = [rows[0], loops[0]];
  if (row !== undefined && rows.length === templates.length) return unifyRows(row, rows, depth);
  if (loop === undefined || loops.length !== templates.length) return undefined;
  const count = unifyNumbers(loops.map((one) => one.count), depth); // prettier-ignore
  const body = unifyLists(loops.map((one) => one.body), depth); // prettier-ignore
  return count && body && { ...loop, count, body };
}

function unifyRows(first: RowTemplate, rows: readonly RowTemplate[], depth: number): RowTemplate | undefined {
  const constants = (row: RowTemplate): string =>
    JSON.stringify([row.decl.role, row.decl.init, row.permutation]);
  const same = constants(first);
  if (rows.some((row) => row.decl !== first.decl && constants(row) !== same)) return undefined;
  const numbers = (parts: readonly Affine[]): Affine | undefined => unifyNumbers(parts, depth);
  const path = unifyAll<Part>(rows.map((row) => row.path), (parts) => unifyParts(parts, depth)); // prettier-ignore
  const shape = unifyAll(rows.map((row) => row.shape), numbers); // prettier-ignore
  const fan = unifyAll(rows.map((row) => row.fan), numbers); // prettier-ignore
  return path && shape && fan && { ...first, path, shape, fan };
}

function unifyAll<T extends Part>(
  turns: readonly (readonly T[])[],
  unifyParts: (parts: readonly T[]) => T | undefined,
): readonly T[] | undefined {
  const length = turns[0]?.length ?? 0;
  if (turns.some((turn) => turn.length !== length)) return undefined;
  const unified: T[] = [];
  for (let at = 0; at < length; at++) {
    const part = unifyParts(column(turns, at));
    if (part === undefined) return undefined;
    unified.push(part);
  }
  return unified;
}

function unifyParts(parts: readonly Part[], depth: number): Part | undefined {
  const [first] = parts;
  if (typeof first === 'string') return parts.every((part) => part === first) ? first : undefined;
  const numbers = parts.filter((part) => typeof part !== 'string');
  return numbers.length === parts.length ? unifyNumbers(numbers, depth) : undefined;
}

function unifyNumbers(numbers: readonly Affine[], depth: number): Affine | undefined {
  const [first, second] = numbers;
  if (first === undefined || second === undefined) return undefined;
  const step = second.base - first.base;
  const inner = JSON.stringify(first.steps);
  const isEven = numbers.every(
    ({ base, steps }, turn) =>
      base === first.base + turn * step && (steps === first.steps || JSON.stringify(steps) === inner),
  );
  if (!isEven) return undefined;
  return step === 0 ? first : { base: first.base, steps: [[depth, step], ...first.steps] };
}

function column<T>(rows: readonly (readonly T[])[], at: number): readonly T[] {
  return rows.flatMap((row) => row.slice(at, at + 1));
}

const noSteps: Affine['steps'] = [];

function fixed(base: number): Affine {
  return { base, steps: noSteps };
}

// ---------------------------------------------------------------------------------------------------------------
// Text
// ---------------------------------------------------------------------------------------------------------------

/** A row on one line where it fits, as prettier would lay it out. */
function rowLines(
  row: RowTemplate,
  indices: ReadonlyMap<number, string>,
  init: string,
  indent: string,
): readonly string[] {
  const list = (numbers: readonly Affine[]): string =>
    `[${numbers.map((n) => affineText(n, indices)).join(', ')}]`;
  const parts = [
    `path: ${pathText(row.path, indices)}`,
    `shape: ${list(row.shape)}`,
    ...(row.permutation === undefined ? [] : [`order: [${row.permutation.join(', ')}]`]),
    `init: ${init}`,
    ...(row.fan.length === 0 ? [] : [`fan: ${list(row.fan)}`]),
    ...(row.decl.role === 'state' ? [`role: 'state'`] : []),
  ];
  const line = `${indent}{ ${parts.join(', ')} },`;
  if (line.length <= PRINT_WIDTH) return [line];
  return [`${indent}{`, ...parts.map((part) => `${indent}  ${part},`), `${indent}},`];
}

function affineText({ base, steps }: Affine, indices: ReadonlyMap<number, string>): string {
  const terms = steps.map(([depth, step]) => {
    const index = indices.get(depth) ?? '';
    return {
      sign: step < 0 ? '-' : '+',
      text: Math.abs(step) === 1 ? index : `${Math.abs(step)} * ${index}`,
    };
  });
  let text = base === 0 && terms[0]?.sign === '+' ? '' : String(base);
  for (const term of terms) text += text === '' ? term.text : ` ${term.sign} ${term.text}`;
  return text;
}

function pathText(path: readonly Part[], indices: ReadonlyMap<number, string>): string {
  if (path.every((part) => typeof part === 'string' || part.steps.length === 0)) {
    return stringLiteral(path.map((part) => (typeof part === 'string' ? part : String(part.base))).join('/'));
  }
  const parts = path.map((part) => {
    if (typeof part !== 'string') {
      const text = affineText(part, indices);
      return part.steps.length === 0 ? text : `\${${text}}`;
    }
    return JSON.stringify(part).slice(1, -1).replaceAll('`', '\\`').replaceAll('${', '\\${');
  });
  return `\`${parts.join('/')}\``;
}

function initialiser({ init }: ParamDecl): string {
  const entries = Object.entries(init.args).map(
    ([name, value]) =>
      `${key(name)}: ${typeof value === 'number' ? numberLiteral(value) : stringLiteral(value)}`,
  );
  return `{ ${[`kind: ${stringLiteral(init.name)}`, ...entries].join(', ')} }`;
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
